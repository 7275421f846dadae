import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { createFliteEngine } from '../../../src/providers/embedded/flite-engine.ts'
import { sayAll } from '../../providers/recognisers/hearing.ts'
import { callLive, type LiveCallSeen } from '../../support/live.ts'
import { temporaryFolder } from '../../support/program.ts'
import { ASSEMBLY_KEY, startAssemblyAi } from '../../support/providers/assembly-ai.ts'
import { DEEPGRAM_KEY, startDeepgram } from '../../support/providers/deepgram.ts'
import { createKnowingEars } from '../../support/providers/ears.ts'
import type { Fault, TranscriberServer } from '../../support/providers/transcriber-server.ts'

const sentences = ['Can you tell me the opening hours on Saturday?', 'Thank you very much.']
const replies = ['At ten.', 'You are welcome.']
const createEars = () => createKnowingEars(sentences)

let sound: Uint8Array
let server: TranscriberServer

beforeAll(async () => {
  const engine = createFliteEngine()
  const { samples } = await sayAll(engine, sentences)
  await engine.close()
  sound = encodeWav(samples, { sampleRate: 16_000, channels: 1 })
}, 30_000)

afterEach(() => server.close())

async function call(
  started: Promise<TranscriberServer>,
  transcriber: Record<string, unknown>,
  more: { faults?: Fault[]; startSpeakingPlan?: object } = {},
): Promise<LiveCallSeen> {
  server = await started
  const path = join(temporaryFolder(), 'caller.wav')
  await writeFile(path, sound)
  server.faults = more.faults ?? []
  const startSpeakingPlan = { waitSeconds: 0, ...more.startSpeakingPlan }
  return callLive(
    { startSpeakingPlan, transcriber },
    { type: 'file', path },
    replies,
    {},
    {
      DEEPGRAM_API_KEY: DEEPGRAM_KEY,
      DEEPGRAM_BASE_URL: server.url,
      ASSEMBLYAI_API_KEY: ASSEMBLY_KEY,
      ASSEMBLYAI_BASE_URL: server.url,
    },
  )
}

const turnsOf = (seen: LiveCallSeen) => seen.all('turn.ended').map(({ text }) => text)
const decisionsOf = (seen: LiveCallSeen) => [...new Set(seen.all('endpointing.decided').map(({ by }) => by))]

describe('a call from a file, by a transcriber of the network', () => {
  it('through Deepgram nova: we decide when a turn is over', async () => {
    const seen = await call(startDeepgram({ createEars }), { provider: 'deepgram', model: 'nova-3' })
    expect(turnsOf(seen)).toEqual(sentences)
    expect(decisionsOf(seen)).toEqual(['livekit'])
    expect(seen.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual(replies)
    expect(seen.all('call.ended')[0]?.endedReason).toBe('customer-ended-call')
    expect(server.connections[0]?.messages).toContainEqual({ type: 'Finalize' })
  }, 60_000)

  it('through Deepgram nova, whose connection breaks in the middle of a word', async () => {
    const faults = [{ breaksAfterMs: 1900 }, { closesAfterMs: { ms: 900, code: 1011 } }]
    let place = -1
    // Ears that come late know what was said before them: nothing, as no word of it was final.
    const seen = await call(
      startDeepgram({
        createEars: () => {
          place++
          return createKnowingEars(place < 2 ? ['lost', 'lost'] : sentences)
        },
      }),
      { provider: 'deepgram', model: 'nova-3', endpointing: 300 },
      { faults },
    )
    expect(turnsOf(seen)).toEqual(sentences)
    expect(seen.all('transcriber.failed')).toEqual([])
    expect(server.connections).toHaveLength(3)
  }, 60_000)

  it('through Deepgram Flux: its end of turn ends ours', async () => {
    const seen = await call(startDeepgram({ createEars }), { provider: 'deepgram', model: 'flux-general-en' })
    expect(turnsOf(seen)).toEqual(sentences)
    expect(decisionsOf(seen)).toEqual(['transcriber'])
    expect(seen.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual(replies)
    for (const { waitMs } of seen.all('endpointing.decided')) expect(waitMs).toBeLessThan(600)
  }, 60_000)

  it('through Deepgram Flux, which waits where it is not sure', async () => {
    const seen = await call(startDeepgram({ createEars, isFinished: text => !text.endsWith('Saturday?') }), {
      provider: 'deepgram',
      model: 'flux-general-en',
      eotTimeoutMs: 700,
    })
    expect(turnsOf(seen)).toEqual(sentences)
    const [first] = seen.all('endpointing.decided')
    expect(first?.waitMs).toBeGreaterThan(500)
  }, 60_000)

  it('through AssemblyAI: its end of turn ends ours', async () => {
    const seen = await call(startAssemblyAi({ createEars }), { provider: 'assembly-ai' })
    expect(turnsOf(seen)).toEqual(sentences.map(text => `${text}.`))
    expect(decisionsOf(seen)).toEqual(['transcriber'])
    expect(seen.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual(replies)
    expect(server.connections[0]?.messages).toEqual([{ type: 'Terminate' }])
  }, 60_000)

  it('through AssemblyAI with a smart plan of ours, it is asked for its words at the end of speech', async () => {
    const seen = await call(
      startAssemblyAi({ createEars, finished: () => 0 }),
      { provider: 'assembly-ai', maxTurnSilence: 4000, formatTurns: false },
      { startSpeakingPlan: { smartEndpointingPlan: { provider: 'vapi' } } },
    )
    expect(turnsOf(seen)).toEqual(sentences)
    expect(decisionsOf(seen)).toEqual(['vapi'])
    expect(server.connections[0]?.messages).toContainEqual({ type: 'ForceEndpoint' })
  }, 60_000)

  it('ends with the reason of the API where the key is refused in the middle of the call', async () => {
    const body = '{"err_msg":"Invalid credentials."}'
    const seen = await call(
      startDeepgram({ createEars }),
      { provider: 'deepgram', model: 'nova-3' },
      { faults: [{ breaksAfterMs: 1500 }, { refuse: { status: 401, body } }] },
    )
    expect(seen.all('call.ended')[0]?.endedReason).toBe(
      'call.in-progress.error-vapifault-deepgram-returning-401-invalid-credentials',
    )
    expect(seen.all('transcriber.failed')).toMatchObject([{ code: 'transcriber-unauthorized' }])
    expect(JSON.stringify(seen.observations)).not.toContain(DEEPGRAM_KEY)
  }, 60_000)
})
