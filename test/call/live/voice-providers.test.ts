import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { joinSamples } from '../../../src/audio/samples.ts'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { faintNoise } from '../../providers/recognisers/hearing.ts'
import { callLive } from '../../support/live.ts'
import { temporaryFolder } from '../../support/program.ts'
import { CARTESIA_KEY, cartesiaProtocol } from '../../support/providers/cartesia-voice.ts'
import { DEEPGRAM_KEY, deepgramVoiceProtocol } from '../../support/providers/deepgram-voice.ts'
import { ELEVENLABS_KEY, elevenLabsProtocol } from '../../support/providers/elevenlabs-voice.ts'
import { OPENAI_KEY, openAiVoiceProtocol } from '../../support/providers/openai-voice.ts'
import {
  MS_PER_CHARACTER,
  type SpeechProtocol,
  type SpeechServer,
  startSpeechServer,
} from '../../support/providers/speech-server.ts'
import { requires } from '../../support/requires.ts'
import { synthesise } from '../../support/speech.ts'

const missing = requires('pocketsphinx_continuous')
/** One chunk: nine seconds at the servers' pace. */
const ANSWER =
  'We open at nine in the morning on every day of the week but not on Sundays when all of us go swimming in the lake with the neighbours'
/** The providers that time words are silent so long before the first one: shares of the sound would be far off. */
const LEAD_MS = 1500

const VENDORS: [
  id: string,
  protocol: SpeechProtocol,
  leadMs: number,
  env: (url: string) => NodeJS.ProcessEnv,
][] = [
  [
    '11labs',
    elevenLabsProtocol({ leadMs: LEAD_MS }),
    LEAD_MS,
    url => ({ ELEVENLABS_BASE_URL: url, ELEVENLABS_API_KEY: ELEVENLABS_KEY }),
  ],
  [
    'cartesia',
    cartesiaProtocol({ leadMs: LEAD_MS }),
    LEAD_MS,
    url => ({ CARTESIA_BASE_URL: url, CARTESIA_API_KEY: CARTESIA_KEY }),
  ],
  [
    'deepgram',
    deepgramVoiceProtocol(),
    0,
    url => ({ DEEPGRAM_BASE_URL: url, DEEPGRAM_API_KEY: DEEPGRAM_KEY }),
  ],
  ['openai', openAiVoiceProtocol(), 0, url => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: OPENAI_KEY })],
]

describe.skipIf(missing)(`a live call with a voice over the network ${missing || ''}`, () => {
  let server: SpeechServer
  let wav: Uint8Array
  beforeAll(async () => {
    const [question, objection] = [
      await synthesise('When do you open?'),
      await synthesise('No, thank you very much.'),
    ]
    const sound = joinSamples([
      faintNoise(4800),
      question,
      // The answer begins and goes on for some seconds.
      faintNoise(16_000 * 5),
      objection,
      faintNoise(16_000 * 2),
    ])
    wav = encodeWav(sound, { sampleRate: 16_000, channels: 1 })
  })
  afterEach(() => server.close())

  it.each(VENDORS)(
    '%s: is interrupted, and only what was heard counts as said',
    async (id, protocol, leadMs, env) => {
      server = await startSpeechServer(protocol)
      const path = join(temporaryFolder(), 'caller.wav')
      await writeFile(path, wav)
      const call = await callLive(
        {
          voice: { provider: id, voiceId: 'nova', chunkPlan: { formatPlan: { enabled: false } } },
          model: { provider: 'none', model: 'none' },
          startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } },
        },
        { type: 'file', path },
        [ANSWER, 'As you like.'],
        {},
        { PATH: process.env.PATH, ...env(server.url) },
      )
      const [started] = call.all('assistant.speech.started')
      const [stopped] = call.all('assistant.speech.stopped')
      expect(stopped?.reason).toBe('interrupted')
      const said = stopped?.spokenText ?? ''
      expect(ANSWER.startsWith(said)).toBe(true)
      expect(ANSWER[said.length]).toBe(' ')
      const heardMs = (stopped?.atMs ?? 0) - (started?.atMs ?? 0)
      const characters = (heardMs - leadMs) / MS_PER_CHARACTER
      expect(said.length).toBeLessThanOrEqual(characters + 2)
      // The longest word may be under way.
      expect(said.length).toBeGreaterThan(characters - 14)
      expect(call.all('voice.failed')).toEqual([])
      expect(server.requests.map(({ text }) => text).join()).toContain('As you like.')
      expect(call.warnings).toEqual([])
    },
    60_000,
  )
})
