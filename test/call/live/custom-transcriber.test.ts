import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { joinSamples } from '../../../src/audio/samples.ts'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { applyChoices } from '../../../src/call/live/parts/choices.ts'
import { createHttpClient } from '../../../src/net/http.ts'
import { faintNoise, wordErrorRate } from '../../providers/recognisers/hearing.ts'
import { callLive, type LiveCallSeen } from '../../support/live.ts'
import { temporaryFolder } from '../../support/program.ts'
import { type DeepgramStereo, startDeepgramStereo } from '../../support/providers/deepgram-stereo.ts'
import { ownTranscriber } from '../../support/providers/own-transcriber.ts'
import { listingOf, startExample } from '../../support/providers/transcriber-example.ts'
import type { Side } from '../../support/providers/two-sides.ts'
import { requires, sharedFolder } from '../../support/requires.ts'
import { recognise, synthesise } from '../../support/speech.ts'

const SAID = 'Where is my order?'
const KEY = 'dg-test-key'

interface Outcome extends LiveCallSeen {
  deepgram: DeepgramStereo
  heard: { side: Side; seconds: number }[]
}

/**
 * A call from a file through a custom transcriber of these files, with a server in Deepgram's place that understands each side
 * by `understand`.
 */
async function callThrough(
  files: Readonly<Record<string, string>>,
  understand: (side: Side, samples: Int16Array) => Promise<string>,
): Promise<Outcome> {
  const heard: Outcome['heard'] = []
  const deepgram = await startDeepgramStereo(KEY, (side, samples) => {
    heard.push({ side, seconds: samples.length / 16_000 })
    return understand(side, samples)
  })
  onTestFinished(() => deepgram.close())
  const url = await startExample(files, { url: deepgram.url, key: KEY })
  const path = join(temporaryFolder(), 'customer.wav')
  const sound = [faintNoise(4 * 16_000), await synthesise(SAID), faintNoise(8000)]
  writeFileSync(path, encodeWav(joinSamples(sound), { sampleRate: 16_000, channels: 1 }))
  const seen = await callLive(
    {
      firstMessage: 'Hello, this is the help desk.',
      firstMessageMode: 'assistant-speaks-first',
      voice: { provider: 'embedded', voiceId: 'slt' },
      transcriber: { provider: 'custom-transcriber', server: { url } },
      startSpeakingPlan: {
        waitSeconds: 0,
        smartEndpointingPlan: { provider: 'livekit', waitFunction: '300' },
      },
    },
    { type: 'file', path },
    ['It is on its way.'],
  )
  return { ...seen, deepgram, heard }
}

const asTold = async (side: Side) => (side === 'customer' ? SAID : 'Hello, this is the help desk.')

function finals({ all }: LiveCallSeen): string[] {
  return all('transcript').flatMap(({ role, transcriptType, transcript }) =>
    role === 'user' && transcriptType === 'final' ? [transcript] : [],
  )
}

function expectAnswered({ all, heard, deepgram }: Outcome): void {
  expect(all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
    'Hello, this is the help desk.',
    'It is on its way.',
  ])
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'customer-ended-call' })
  expect(heard.map(({ side }) => side).slice(0, 2)).toEqual(['assistant', 'customer'])
  expect(Object.fromEntries(deepgram.queries[0] ?? [])).toMatchObject({ channels: '2', multichannel: 'true' })
}

describe('a live call through a custom transcriber with Deepgram behind it', () => {
  it('is understood and answered', async () => {
    const outcome = await callThrough(ownTranscriber, asTold)
    const heard = outcome.all('transcript').filter(({ role }) => role === 'user')
    expect(heard.map(({ transcriptType, transcript }) => `${transcriptType}: ${transcript}`)).toEqual([
      'partial: Where',
      `final: ${SAID}`,
    ])
    expectAnswered(outcome)
  })

  const missing = requires('pocketsphinx_continuous')
  it.skipIf(missing)(
    `is understood by a recogniser of both sides${missing ? ` (${missing})` : ''}`,
    async () => {
      const understood: Record<Side, string> = { customer: '', assistant: '' }
      const outcome = await callThrough(ownTranscriber, async (side, samples) => {
        const text = await recognise(samples)
        understood[side] ||= text
        return text
      })
      expect(finals(outcome)).toEqual([understood.customer])
      expect(wordErrorRate(SAID, understood.customer)).toBeLessThan(0.5)
      expect(wordErrorRate('hello this is the help desk', understood.assistant)).toBeLessThan(0.7)
      expectAnswered(outcome)
    },
  )
})

it('goes on offline where its server is on this machine, else a local recogniser takes its place', async () => {
  const choices = {
    transcriber: null,
    model: null,
    voice: 'embedded/slt',
    offline: true,
    listening: true,
  }
  const model = { provider: 'custom-llm', url: 'http://127.0.0.1:1/v1' }
  const http = createHttpClient()
  onTestFinished(() => http.close())
  const chosen = async (url: string) => {
    const transcriber = { provider: 'custom-transcriber', server: { url } }
    const { signal } = new AbortController()
    return (await applyChoices({ transcriber, model }, choices, http, {}, signal)).assistant.transcriber
  }
  expect(await chosen('ws://127.0.0.1:3001/api')).toMatchObject({ provider: 'custom-transcriber' })
  expect(await chosen('wss://example.com/api')).toMatchObject({ provider: 'local' })
})

const shared = sharedFolder()
const absent = shared === false && 'the folder ../shared is not there'
describe.skipIf(absent)(
  `the example of the documentation, as it stands${absent ? ` (${absent})` : ''}`,
  () => {
    it('is understood', async () => {
      const page = readFileSync(`${shared}/seed/000_16bdccbc07a6af93.md`, 'utf8')
      const files = Object.fromEntries(
        ['transcriptionService.js', 'server.js'].map(name => [name, listingOf(page, name)]),
      )
      const outcome = await callThrough(files, asTold)
      // It gives interim results as well, before the final one or joined to it.
      expect(finals(outcome).join(' ')).toBe(`Where ${SAID}`)
      expectAnswered(outcome)
    })
  },
)
