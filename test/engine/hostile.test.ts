import { describe, expect, it } from 'vitest'
import { compileWaitFunction } from '../../src/assistant/wait-function.ts'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import { readWav, toMono16k } from '../../src/audio/wav/read.ts'
import type { Input } from '../../src/engine/inputs.ts'
import type { LanguageModel, ModelPiece } from '../../src/engine/ports/language-model.ts'
import type { Voice, VoicePiece } from '../../src/engine/ports/voice.ts'
import { type CallState, initialState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { createTextEndOfTurnModel } from '../../src/providers/end-of-turn/estimator.ts'
import { createOpenAiModel } from '../../src/providers/openai-compatible/model.ts'
import { findOpenAiProvider } from '../../src/providers/openai-compatible/providers.ts'
import { type FakeReply, rawReply, startFakeOpenAi } from '../support/fake-openai.ts'
import { planOf } from '../support/hooks.ts'
import { runCall } from '../support/ports.ts'
import { runSimulation } from '../support/simulation.ts'

/** How long work takes, in milliseconds. */
async function timeOf(work: () => unknown): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}

describe('a wait function', () => {
  it.each([
    ['is negative', '-500', 0],
    ['is huge', '10 ^ 300', 60_000],
    ['is huge in between', '10 ^ (12 * x)', 60_000],
    ['has a pole between its samples', '1 / (x - 0.005)', 0],
  ])('that %s makes nobody wait for ever', (_what, source, waitMs) => {
    const wait = compileWaitFunction(source, 'waitFunction')
    expect(wait(source.includes('pole') || source.includes('0.005') ? 0.005 : 1)).toBe(waitMs)
  })

  it.each(['while (true) {}', '1 / 0', '(', '('.repeat(100_000), 'x => x', '0 / x'])(
    'that is no finite formula is refused: %.20s',
    source => {
      expect(() => compileWaitFunction(source, 'waitFunction')).toThrow('waitFunction')
    },
  )
})

describe('a template', () => {
  const endless =
    '{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}x{% endfor %}{% endfor %}{% endfor %}'

  it.each([
    ['loops without end', endless],
    [
      'fills the memory',
      '{% assign a = "x" %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}',
    ],
    ['counts to the end of the world', '{% for i in (1..100000000000) %}x{% endfor %}'],
  ])('that %s is refused before the call, with its path', async (_what, firstMessage) => {
    const tookMs = await timeOf(() =>
      expect(planOf({ firstMessageMode: 'assistant-speaks-first', firstMessage })).rejects.toThrow(
        'firstMessage',
      ),
    )
    expect(tookMs).toBeLessThan(5000)
  })

  it('of a hook that loops without end is given up after 50 ms, and the call goes on', async () => {
    const call = await runSimulation(`
assistant:
  hooks: [{ on: call.timeElapsed, options: { seconds: 5 }, do: [{ type: say, exact: '${endless}' }] }]
caller: [{ at: 10, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]`)
    expect(
      call
        .all('warning')
        .map(({ message }) => message)
        .join('\n'),
    ).toContain('50 ms')
    expect(call.endedReason).toBe('customer-ended-call')
  })
})

describe('a model', () => {
  const streaming = (pieces: () => AsyncGenerator<ModelPiece>): LanguageModel => ({
    name: 'bad/model',
    respond: () => pieces(),
  })
  const text = (piece: string): ModelPiece => ({ type: 'text', text: piece })

  it('that streams without end is cut off, though it listens to nobody', async () => {
    let given = 0
    const call = await runCall(
      { maxDurationSeconds: 60 },
      {
        models: [
          streaming(async function* () {
            for (;;) {
              given++
              yield text('And then there was another word. ')
            }
          }),
        ],
      },
    )
    expect(call.endedReason).toBe('exceeded-max-duration')
    const [completed] = call.all('model.completed')
    expect(completed?.text.length).toBeGreaterThan(100_000)
    expect(completed?.text.length).toBeLessThan(100_100)
    expect(given).toBeLessThan(3100)
    expect(call.all('warning').filter(({ message }) => message.includes('no end'))).toHaveLength(1)
  })

  it('that streams slowly without end speaks until the call’s maximum', async () => {
    const call = await runCall(
      { maxDurationSeconds: 30 },
      {
        models: clock => [
          streaming(async function* () {
            const never = new AbortController().signal
            for (;;) {
              await clock.sleep(400, never)
              yield text('One more. ')
            }
          }),
        ],
      },
    )
    expect(call.endedReason).toBe('exceeded-max-duration')
    expect(call.all('assistant.speech.started')).toHaveLength(1)
  })

  it('whose text has no boundary, and no end, is cut in time', async () => {
    const tookMs = await timeOf(async () => {
      const call = await runCall(
        { maxDurationSeconds: 20 },
        {
          models: [
            streaming(async function* () {
              for (;;) yield text('aaaaaaaaaa')
            }),
          ],
        },
      )
      expect(call.endedReason).toBe('exceeded-max-duration')
    })
    expect(tookMs).toBeLessThan(10_000)
  })

  it('that says nothing at all, for ever, is ended by silence', async () => {
    const call = await runCall(
      {},
      {
        models: clock => [
          streaming(async function* () {
            await clock.sleep(1e9, new AbortController().signal)
            yield text('late')
          }),
        ],
      },
    )
    expect(call.endedReason).toBe('silence-timed-out')
  })

  it('whose script calls the tool again and again, at once, is ended by the maximum', async () => {
    let asked = 0
    const call = await runCall(
      {
        maxDurationSeconds: 20,
        model: { provider: 'openai', tools: [{ type: 'function', function: { name: 'book' } }] },
      },
      {
        models: clock => [
          streaming(async function* () {
            await clock.sleep(100, new AbortController().signal)
            yield { type: 'tool-call', call: { id: `c${asked++}`, name: 'book', arguments: {} } }
          }),
        ],
      },
    )
    expect(['exceeded-max-duration', 'silence-timed-out']).toContain(call.endedReason)
    expect(asked).toBeLessThan(1000)
  })

  const chunk = (delta: object) => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`
  const part = (index: number, values: string, id = `c${index}`) =>
    chunk({ tool_calls: [{ index, id, function: { name: 'book', arguments: values } }] })

  it.each<[string, FakeReply, string]>([
    [
      'breaks the JSON of its arguments',
      rawReply(`${part(0, '{"day": tomor')}data: [DONE]\n\n`, 'text/event-stream'),
      'arguments',
    ],
    ['breaks the JSON of its stream', rawReply('data: {"choices": [{"del\n\n', 'text/event-stream'), 'JSON'],
    [
      'never ends its arguments',
      rawReply(part(0, 'x'.repeat(100_000)).repeat(12), 'text/event-stream'),
      '1048576 characters',
    ],
    [
      'calls tools without end',
      rawReply(Array.from({ length: 200 }, (_, index) => part(index, '{}')).join(''), 'text/event-stream'),
      '128 tools',
    ],
    [
      'sends white space without end',
      { steps: Array.from({ length: 6 }, () => ' '.repeat(1_000_000)) },
      '4194304 characters',
    ],
    ['is cut off', { steps: [chunk({ content: 'Hel' }), 'cut'] }, ''],
  ])('that %s ends the call with its fault', async (_what, reply, says) => {
    const provider = findOpenAiProvider('openai')
    if (provider === undefined) throw new Error('there is no OpenAI')
    const server = await startFakeOpenAi()
    try {
      server.answerWith(() => reply)
      const model = createOpenAiModel({
        provider,
        model: 'gpt-4o',
        baseUrl: server.baseUrl,
        key: 'sk-test',
        http: createHttpClient({}),
      })
      const call = await runCall({}, { models: [model] })
      expect(call.endedReason).toBe('call.in-progress.error-providerfault-openai-llm-failed')
      expect(call.result.failure?.message).toContain(says)
    } finally {
      await server.close()
    }
  })
})

describe('a tool that never answers', () => {
  it('is ended by the silence of the call', async () => {
    const call = await runCall(
      { model: { provider: 'openai', tools: [{ type: 'function', function: { name: 'book' } }] } },
      {
        models: [
          {
            name: 'm',
            async *respond() {
              yield { type: 'tool-call', call: { id: 'c', name: 'book', arguments: {} } }
            },
          },
        ],
        tools: clock => ({
          run: async () => {
            await clock.sleep(1e9, new AbortController().signal)
            return { type: 'result', result: 'late' }
          },
        }),
      },
    )
    expect(call.endedReason).toBe('silence-timed-out')
  })
})

describe('a voice', () => {
  const voice = (speak: Voice['speak']): Voice => ({
    name: 'bad/voice',
    capabilities: { wordTiming: false },
    speak,
    close: async () => {},
  })
  const speaks = { firstMessageMode: 'assistant-speaks-first', firstMessage: 'Hello there.' }
  const silent = (durationMs: number): VoicePiece => ({ audio: { type: 'silent', durationMs } })

  it.each<[string, (clock: { sleep(ms: number, signal: AbortSignal): Promise<void> }) => Voice['speak']]>([
    ['gives no sound', () => async function* () {}],
    [
      'gives pieces without sound',
      () =>
        async function* () {
          for (let count = 0; count < 1000; count++) yield silent(0)
        },
    ],
    [
      'breaks',
      () =>
        async function* () {
          yield silent(0)
          throw new Error('broken')
        },
    ],
  ])('that %s is followed by its fallback, or ends the call', async (_what, make) => {
    const alone = await runCall(speaks, { voices: clock => [voice(make(clock))] })
    expect(alone.endedReason).toBe('call.in-progress.error-vapifault-openai-voice-failed')
    const followed = await runCall(
      {
        ...speaks,
        voice: {
          provider: 'openai',
          voiceId: 'a',
          fallbackPlan: { voices: [{ provider: 'cartesia', voiceId: 'b' }] },
        },
      },
      {
        caller: [],
        voices: clock => [
          voice(make(clock)),
          voice(async function* () {
            yield silent(500)
          }),
        ],
      },
    )
    expect(followed.all('assistant.speech.stopped')).toMatchObject([{ spokenText: 'Hello there.' }])
  })

  it('that never answers is ended by silence', async () => {
    const call = await runCall(speaks, {
      caller: [{ at: 9000, say: 'Hm', lasts: 1 }],
      voices: clock => [
        voice(async function* () {
          await clock.sleep(1e9, new AbortController().signal)
          yield silent(1)
        }),
      ],
    })
    expect(call.endedReason).toBe('silence-timed-out')
  })

  it('whose sound does not end is ended by the maximum', async () => {
    let pieces = 0
    const call = await runCall(
      { ...speaks, maxDurationSeconds: 20 },
      {
        caller: [{ at: 9000, say: 'Hm', lasts: 1 }],
        voices: clock => [
          voice(async function* () {
            for (;;) {
              pieces++
              yield silent(1000)
              await clock.sleep(500, new AbortController().signal)
            }
          }),
        ],
      },
    )
    expect(call.endedReason).toBe('exceeded-max-duration')
    expect(pieces).toBeLessThan(100)
  })
})

describe('sound', () => {
  it('of a file that is no number, or infinite, is silence', async () => {
    const bytes = encodeWav(new Int16Array(8), { sampleRate: 16_000, channels: 1 })
    // The same header with 32-bit floats.
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, 0.5, -0.5, 0]
    const wav = new Uint8Array(44 + values.length * 4)
    wav.set(bytes.subarray(0, 44))
    const view = new DataView(wav.buffer)
    view.setUint32(4, wav.length - 8, true)
    view.setUint16(20, 3, true)
    view.setUint32(28, 64_000, true)
    view.setUint16(32, 4, true)
    view.setUint16(34, 32, true)
    view.setUint32(40, values.length * 4, true)
    for (const [index, value] of values.entries()) view.setFloat32(44 + index * 4, value, true)
    const samples = [...(await toMono16k(readWav(wav)))]
    expect(samples.slice(0, 4)).toEqual([0, 0, 0, 32_767])
    expect(samples[4]).toBeGreaterThan(16_000)
    expect(samples[5]).toBeLessThan(-16_000)
  })
})

describe('a transcript of a megabyte', () => {
  const words = 'and then I said that I would call '.repeat(30_000)

  it.each(['speaks', 'listens'])('is taken in time while the assistant %s', async doing => {
    const plan = await planOf({
      firstMessageInterruptionsEnabled: true,
      ...(doing === 'speaks' && {
        firstMessageMode: 'assistant-speaks-first',
        firstMessage: 'One two three.',
      }),
      stopSpeakingPlan: { numWords: 2 },
      startSpeakingPlan: { smartEndpointingPlan: { provider: 'vapi' } },
      endCallPhrases: ['goodbye'],
      voicemailDetection: { provider: 'vapi', backoffPlan: { startAtSeconds: 0 } },
    })
    const call = { members: [plan] } as const
    let state: CallState = initialState(call)
    const take = (input: Input) => {
      const taken = step(call, state, input)
      state = taken.state
      return taken.commands
    }
    const transcript = (transcriptType: 'partial' | 'final', atMs: number): Input => ({
      type: 'transcript',
      transcriptType,
      text: words,
      audioMs: atMs,
      atMs,
      confidence: 1,
      language: null,
      endOfTurn: true,
      origin: 'recognition',
    })
    const tookMs = await timeOf(() => {
      take({ type: 'call.started', atMs: 0, seed: 1, epochMs: 0, timeZone: 'UTC' })
      take({ type: 'customer.joined', atMs: 0 })
      take({ type: 'speech.started', atMs: 10, audioMs: 10 })
      for (let count = 0; count < 20; count++) take(transcript('partial', 20 + count))
      take({ type: 'speech.stopped', atMs: 1000, audioMs: 1000 })
      take(transcript('final', 1001))
      take({ type: 'timer', atMs: 1002, timerId: 'voicemail.check' })
    })
    expect(tookMs).toBeLessThan(5000)
  })

  it('is judged in time by the estimator of turns', async () => {
    const model = createTextEndOfTurnModel()
    const request = { text: words, assistantText: words }
    const tookMs = await timeOf(() => model.finished(request, new AbortController().signal))
    expect(tookMs).toBeLessThan(1000)
  })
})

describe('so many hooks', () => {
  it.each([
    [10_000, 'call.timeElapsed', ', options: { seconds: 5 }'],
    [1000, 'customer.speech.timeout', ', options: { timeoutSeconds: 5, triggerMaxCount: 1 }'],
    [1000, 'call.ending', ''],
    [1000, 'assistant.speech.interrupted', ''],
  ])(
    'as %d on %s run to their end in time',
    async (count, event, more) => {
      const does =
        '{ type: message.add, triggerResponseEnabled: false, message: { role: system, content: x } }'
      const hook = `{ on: ${event}${more}, do: [${does}] }`
      const tookMs = await timeOf(async () => {
        const call = await runSimulation(`
assistant: { hooks: [${Array.from({ length: count }, () => hook).join(', ')}] }
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: 1, say: "Oh, stop it now", lasts: 1 }
  - { at: 30, say: "Bye.", lasts: 1 }
model: [{ reply: "This is a long answer of mine." }, { reply: "Yes?" }, { reply: "Bye." }]`)
        expect(call.endedReason).toBe('customer-ended-call')
        expect(call.all('hook.triggered')).toHaveLength(count)
      })
      expect(tookMs).toBeLessThan(30_000)
    },
    60_000,
  )
})
