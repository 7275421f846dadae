import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replayExactly } from '../../../src/call/replay/exact.ts'
import { isCallLog, observationsOf, parseCallLog, readCallLog } from '../../../src/call/replay/read.ts'
import { recordCall } from '../../../src/call/replay/recording.ts'
import { temporaryFolder } from '../../support/program.ts'
import { saveYaml } from '../../support/replay.ts'

const caller =
  'caller: [{ at: 0, say: Hello there., lasts: 1 }, { after: assistant, plus: 0.5, say: Bye., lasts: 0.5 }]'
const simple = `
${caller}
model: [{ reply: Good day. }, { reply: Goodbye. }]
`

/** Calls in which something else than words decides what the engine asks for, and an event that shows it. */
const calls: [string, string, string][] = [
  ['plain words', simple, 'turn.latency'],
  [
    'a voice that fails in the middle',
    `assistant: { voice: { provider: openai, voiceId: alloy, fallbackPlan: { voices: [{ provider: openai, voiceId: nova }] } } }
failures: [{ voice: openai/alloy, times: 1, afterWords: 1 }]
${simple}`,
    'voice.switched',
  ],
  [
    'an interruption',
    `caller: [{ at: 0, say: Hello there., lasts: 1 }, { during: assistant, plus: 1, say: "Wait, please.", lasts: 0.8 }]
model: [{ reply: "I have a long story for you, if you like." }, { reply: Yes? }]`,
    'interruption',
  ],
  [
    'hooks that draw a text at random',
    `assistant: { hooks: [{ on: customer.speech.timeout, options: { timeoutSeconds: 2 }, do: [{ type: say, exact: [One?, Two?, Three?, Four?] }] }] }
caller: [{ at: 0, say: Hello there., lasts: 1 }, { after: assistant, plus: 9, say: Bye., lasts: 0.5 }]
model: [{ reply: Good day. }, { reply: Goodbye. }]`,
    'hook.triggered',
  ],
  [
    'a tool that learns what the next assistant says',
    `
squad:
  - assistant: { name: desk, firstMessage: Desk., model: { provider: openai, tools: [{ type: function, function: { name: look }, variableExtractionPlan: { aliases: [{ key: guest, value: "{{name}}" }] } }] } }
    assistantDestinations: [{ type: assistant, assistantName: sales, message: "One moment, {{guest}}." }]
  - assistant: { name: sales, firstMessage: "Welcome, {{guest}}." }
tools: { look: { result: { name: Ann } } }
${caller}
model: [{ reply: "", toolCalls: [{ name: look }] }, { reply: "", toolCalls: [{ name: transferCall, arguments: { destination: sales } }] }, { reply: Goodbye. }]`,
    'assistant.changed',
  ],
  [
    'an assistant that a server names',
    `
assistant: { model: { provider: openai, tools: [{ type: transferCall, function: { name: wherever }, destinations: [], server: { url: "https://tools.example/where" } }] } }
tools: { wherever: { destination: { type: assistant, assistant: { name: night, firstMessage: The night desk. } } } }
${caller}
model: [{ reply: "", toolCalls: [{ name: wherever }] }, { reply: Goodbye. }]`,
    'assistant.changed',
  ],
  [
    'keys and control messages',
    `assistant: { keypadInputPlan: { enabled: true, delimiters: "#" } }
keys: [{ at: 3, press: "42#" }]
control: [{ at: 6, send: { type: say, content: One moment. } }]
caller: [{ at: 0, say: Hello there., lasts: 1 }, { at: 12, say: Bye., lasts: 1 }]
model: [{ reply: Good day. }, { reply: 'Forty-two.' }, { reply: Goodbye. }]`,
    'turn.ended',
  ],
]

describe('the exact replay of a saved call', () => {
  it.each(calls)('gives identical commands: %s', async (_, yaml, event) => {
    const { log } = await saveYaml(yaml)
    const replay = await replayExactly(log)
    expect(replay).toMatchObject({ difference: null, inputs: log.steps.length })
    expect(replay.commands).toBe(log.steps.flatMap(({ commands }) => commands).length)
    expect(observationsOf(log).map(({ type }) => type)).toContain(event)
    expect(log.isCutOff).toBe(false)
  })

  it('tells the first command that differs, with its place', async () => {
    const { lines } = await saveYaml(simple)
    const place = lines.findIndex(line => line.includes('"endpointing.decided"'))
    lines[place] = lines[place]?.replace('"waitMs":100', '"waitMs":101') ?? ''
    const { difference, inputs } = await replayExactly(parseCallLog(`${lines.join('\n')}\n`, 'test'))
    expect(difference).toMatchObject({
      line: place + 1,
      input: { type: 'predict.done' },
      path: 'observation.waitMs',
      recorded: { observation: { waitMs: 101 } },
      replayed: { observation: { waitMs: 100 } },
    })
    expect(inputs).toBe((difference?.step ?? 0) + 1)
  })

  it('finds a configuration that was changed in the file', async () => {
    const { lines } = await saveYaml(simple)
    lines[0] = lines[0]?.replace('"waitSeconds":0,', '"waitSeconds":0.3,') ?? ''
    const { difference } = await replayExactly(parseCallLog(`${lines.join('\n')}\n`, 'test'))
    expect(difference).not.toBe(null)
  })
})

describe('a saved call', () => {
  it('is readable for its user alone, and begins with all that its plans are made of', async () => {
    const path = join(temporaryFolder(), 'call.vapicall')
    // Also where the file is there already and open to everybody.
    writeFileSync(path, 'old', { mode: 0o644 })
    recordCall(path, (await saveYaml(simple)).log.header).finish()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const { lines, log } = await saveYaml(simple)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      format: 1,
      type: 'call',
      program: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.version,
      recipe: {
        configuration: { members: [{ assistant: { voice: { voiceId: 'alloy' } } }] },
        options: { semantics: 'documentation', epochMs: Date.UTC(2026, 0, 5, 9) },
      },
    })
    expect(log.start).toEqual({ seed: 7, epochMs: Date.UTC(2026, 0, 5, 9), timeZone: 'UTC' })
    expect(isCallLog(lines.join('\n'))).toBe(true)
  })

  it('holds no secret of the configuration', async () => {
    const { lines, log } = await saveYaml(`
assistant:
  server: { url: "https://user:pass@hooks.example/vapi?key=query-secret", secret: server-secret, headers: { Authorization: Bearer header-secret } }
  credentials: [{ provider: openai, apiKey: credential-secret }]
  model:
    provider: openai
    tools:
      - { type: apiRequest, name: book, method: POST, url: "https://tools.example/book?token=query-secret", headers: { type: object, properties: { Authorization: { type: string, value: header-secret } } } }
      - { type: code, name: add, code: return 1, environmentVariables: [{ name: KEY, value: variable-secret }] }
      - { type: function, function: { name: login, parameters: { type: object, properties: { password: { type: string, description: kept } } } } }
${simple}`)
    const text = lines.join('\n')
    for (const secret of ['server', 'header', 'query', 'credential', 'variable'])
      expect(text).not.toContain(`${secret}-secret`)
    expect(text).not.toContain('user:pass')
    // What the model is told of a tool is no secret, whatever its arguments are called.
    expect(text).toContain('"password":{"type":"string","description":"kept"}')
    expect((await replayExactly(log)).difference).toBe(null)
  })

  it('is read without a last line that was cut off, at whatever character', async () => {
    const { lines, log } = await saveYaml(simple)
    const last = lines.at(-1) ?? ''
    for (const length of [0, 1, last.length - 1, last.length]) {
      const text = `${lines.slice(0, -1).join('\n')}\n${last.slice(0, length)}`
      const cut = parseCallLog(text, 'test')
      expect(cut.isCutOff).toBe(true)
      expect(cut.steps).toHaveLength(log.steps.length - 1)
      expect((await replayExactly(cut)).difference).toBe(null)
    }
  })

  it('passes over lines and keys that it does not know', async () => {
    const { lines } = await saveYaml(simple)
    lines.splice(3, 0, '{"type":"mood","mood":"good"}')
    lines[0] = lines[0]?.replace('{', '{"later":{"a":1},') ?? ''
    const log = parseCallLog(`${lines.join('\n')}\n`, 'test')
    expect(log.header).toMatchObject({ later: { a: 1 } })
    expect((await replayExactly(log)).difference).toBe(null)
  })

  it.each([
    [
      'of a newer format',
      (lines: string[]) => [(lines[0] ?? '').replace('"format":1', '"format":2'), ...lines.slice(1)],
      /format 2, which a newer vapi wrote/,
    ],
    [
      'with a broken line in the middle',
      (lines: string[]) => lines.with(4, '{"type":"inp'),
      /line 5: this is no line/,
    ],
    ['that is something else', () => ['{"type":"call.started","atMs":0}'], /is not a saved call/],
    ['that is empty', () => [], /is not a saved call/],
    ['that ends before the call began', (lines: string[]) => lines.slice(0, 1), /cut off before it began/],
  ])('a file %s is refused', async (_, change, message) => {
    const { lines } = await saveYaml(simple)
    const path = join(temporaryFolder(), 'call.vapicall')
    writeFileSync(
      path,
      change(lines)
        .map(line => `${line}\n`)
        .join(''),
    )
    await expect(readCallLog(path)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(message),
    })
  })

  it('tells a full disk when the call is over, and not before', async () => {
    const { log } = await saveYaml(simple)
    if (!existsSync('/dev/full')) return
    const recording = recordCall('/dev/full', log.header)
    for (const { input } of log.steps) recording.listener.input(input)
    expect(() => recording.finish()).toThrowError(/cannot be saved to \/dev\/full: the disk is full/)
  })

  it('is not begun where the file cannot be made', async () => {
    const { log } = await saveYaml(simple)
    const path = join(temporaryFolder(), 'nowhere', 'call.vapicall')
    expect(() => recordCall(path, log.header)).toThrowError(/the folder does not exist/)
  })

  it('holds the customer’s sound, about a second a line', async () => {
    const { log } = await saveYaml(simple)
    const path = join(temporaryFolder(), 'call.vapicall')
    const recording = recordCall(path, log.header)
    const frames = Array.from({ length: 120 }, (_, place) => ({
      audioMs: 300 + place * 20,
      samples: new Int16Array(320).map((_sample, at) => ((place * 320 + at) % 60_000) - 30_000),
    }))
    for (const { input, commands } of log.steps.slice(0, 3)) {
      recording.listener.input(input)
      recording.listener.decided(commands, {} as never)
    }
    for (const frame of frames) recording.sound(frame)
    // A gap begins a new piece.
    recording.sound({ audioMs: 9000, samples: new Int16Array(320).fill(7) })
    recording.finish()
    const { sound } = await readCallLog(path)
    expect(sound.map(({ audioMs, samples }) => [audioMs, samples.length])).toEqual([
      [300, 16_000],
      [1300, 16_000],
      [2300, 6400],
      [9000, 320],
    ])
    const joined = sound.slice(0, 3).flatMap(({ samples }) => [...samples])
    expect(joined).toEqual(frames.flatMap(({ samples }) => [...samples]))
    expect(
      readFileSync(path, 'utf8')
        .split('\n')
        .filter(line => line.startsWith('{"type":"audio"')),
    ).toHaveLength(4)
  })
})
