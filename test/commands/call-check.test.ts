import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import type { CallCheck } from '../../src/call/live/check/types.ts'
import callLocal from '../../src/commands/call-local.ts'
import { type FakeOpenAi, startFakeOpenAi } from '../support/fake-openai.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'

const KEYS = {
  DEEPGRAM_API_KEY: 'dg-0123456789abcdef-TAIL',
  OPENAI_API_KEY: 'sk-0123456789abcdef-TAIL',
  ELEVENLABS_API_KEY: 'el-0123456789abcdef-TAIL',
}
const reception = {
  name: 'Reception',
  firstMessage: 'Hello.',
  transcriber: { provider: 'deepgram', model: 'nova-3', language: 'en' },
  model: { provider: 'openai', model: 'gpt-4o', messages: [{ role: 'system', content: 'Be brief.' }] },
  voice: { provider: '11labs', voiceId: 'sarah' },
}

async function check(document: object, { env = {}, flags = [] as string[], sound = true } = {}) {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'assistant.json'), JSON.stringify(document))
  writeFileSync(
    join(cwd, 'caller.wav'),
    encodeWav(new Int16Array(16_000), { sampleRate: 16_000, channels: 1 }),
  )
  const args = ['assistant.json', '--in', sound ? 'caller.wav' : 'text', '--check', ...flags]
  const run = (more: string[]) =>
    runCommand(callLocal, [...args, ...more], {
      baseUrl: 'http://127.0.0.1:1',
      cwd,
      env: { HOME: cwd, PATH: '', ...env },
    }).finished
  const json = await run(['--json'])
  const text = await run([])
  expect(text.exit).toBe(json.exit)
  const all = [json, text]
    .map(({ stdout, stderr, error }) => `${stdout}${stderr}${error?.message}${error?.hint}`)
    .join('\n')
  for (const key of Object.values({ ...KEYS, ...env }).filter(value => /TAIL/.test(String(value))))
    expect(all).not.toContain(key)
  const seen = json.stdout === '' ? null : (JSON.parse(json.stdout) as CallCheck)
  if (seen === null) throw json.error
  const part = (stage: string, place = 0) =>
    seen.parts.find(one => one.stage === stage && one.place === place)
  return { seen, part, exit: json.exit, error: json.error, text: text.stdout, stderr: json.stderr }
}

describe('vapi call local --check', () => {
  it('says who does each part, with which key, where, how well proven, how fast and for how much', async () => {
    const { seen, part, exit, text } = await check(reception, { env: KEYS })
    expect(exit).toBe(0)
    expect(seen).toMatchObject({ ready: true, problems: [] })
    expect(part('transcriber')).toMatchObject({
      assistant: 'Reception',
      provider: 'deepgram',
      name: 'nova-3',
      role: 'own',
      runs: 'at-provider',
      address: 'https://api.deepgram.com',
      key: { from: 'environment', variable: 'DEEPGRAM_API_KEY' },
      verified: true,
      pricePerMinute: 0.0077,
      problem: null,
    })
    expect(part('model')).toMatchObject({
      address: 'https://api.openai.com/v1',
      proof: { by: 'client-library', name: 'openai' },
    })
    expect(part('voice')).toMatchObject({
      provider: '11labs',
      name: 'sarah',
      typicalMs: 300,
      pricePerMinute: 0.0225,
    })
    expect(seen.engines.map(({ stage, engine }) => [stage, engine])).toEqual([
      ['endpointing', 'livekit: the words, by an estimator of this program'],
      ['customer', 'sound file: caller.wav'],
      ['denoiser', 'none'],
      ['output', 'none'],
    ])
    const [{ latency, price } = { latency: null, price: null }] = seen.assistants
    // 200 ms is the least that 200 + 8000 * x waits; then the voice's 300 ms and waitSeconds of 0.4.
    expect(latency).toMatchObject({
      endpointing: { by: 'livekit', leastMs: 200, mostMs: 8200, customRules: 0 },
      voiceMs: 300,
      wait: { ms: 400, mode: 'added' },
      leastMs: 900,
    })
    expect(latency?.unknown).toContain('model')
    expect(price?.unknown).toEqual([])
    expect(price?.perMinute).toBeCloseTo(0.0077 + (part('model')?.pricePerMinute ?? 0) + 0.0225, 6)
    for (const said of [
      'DEEPGRAM_API_KEY',
      'https://api.deepgram.com',
      'verified by',
      '$0.0077 a minute',
      'The call can begin.',
    ])
      expect(text).toContain(said)
  })

  it('lists all that is missing at once, and exits with 4 where it is keys alone', async () => {
    const { seen, exit, error, text } = await check(reception)
    expect(exit).toBe(4)
    expect(seen.ready).toBe(false)
    expect(seen.problems.map(({ code, exit: own }) => [code, own])).toEqual([
      ['provider-key-missing', 4],
      ['model-key-missing', 4],
      ['provider-key-missing', 4],
    ])
    for (const name of ['Deepgram', 'OpenAI', 'ElevenLabs']) {
      expect(error?.message).toContain(`${name} needs a key`)
      expect(text).toContain(`missing: ${name} needs a key`)
    }
    expect(seen.parts.map(({ address }) => address)).toEqual([
      'https://api.deepgram.com',
      'https://api.openai.com/v1',
      'https://api.elevenlabs.io',
    ])
  })

  it('exits with 2 where the configuration has to be changed as well', async () => {
    const { seen, exit } = await check({
      ...reception,
      model: { provider: 'anthropic-bedrock', model: 'x' },
      voice: { provider: 'tavus', voiceId: 'r' },
    })
    expect(exit).toBe(2)
    expect(seen.problems.map(({ exit: own }) => own).sort()).toEqual([2, 2, 4])
  })

  it('passes over what a fallback takes over, and begins', async () => {
    const { seen, exit, part, text } = await check(
      {
        ...reception,
        voice: { ...reception.voice, fallbackPlan: { voices: [{ provider: 'embedded', voiceId: 'slt' }] } },
      },
      { env: { ...KEYS, ELEVENLABS_API_KEY: '' } },
    )
    expect(exit).toBe(0)
    expect(part('voice')).toMatchObject({ problem: { code: 'provider-key-missing', blocks: false } })
    expect(part('voice', 1)).toMatchObject({
      role: 'fallback',
      runs: 'this-machine',
      verified: true,
      key: { from: 'not-needed' },
    })
    expect(seen.assistants[0]?.price.unknown).toEqual([])
    expect(text).toContain('will be passed over: ElevenLabs needs a key')
  })

  it('calls unverified what nothing proves, and says which prices it does not know', async () => {
    const { part, seen, text } = await check(
      { ...reception, model: { provider: 'inflection-ai', model: 'inflection_4' } },
      { env: { ...KEYS, INFLECTION_API_KEY: 'in-0123456789abcdef-TAIL' } },
    )
    expect(part('model')).toMatchObject({ proof: { by: 'nothing' }, verified: false, pricePerMinute: null })
    expect(seen.assistants[0]?.price.unknown).toEqual(['inflection-ai/inflection_4'])
    expect(text).toMatch(/unverified .* price unknown/)
  })

  it('masks passwords and secrets in addresses, and names the servers of the user', async () => {
    const { part } = await check({
      ...reception,
      transcriber: {
        provider: 'custom-transcriber',
        server: { url: 'wss://me:pass-TAIL@stt.example/x?token=t-TAIL' },
      },
      model: { provider: 'custom-llm', model: 'mine', url: 'http://127.0.0.1:9/llm' },
      voice: { provider: 'custom-voice', server: { url: 'https://tts.example/voice' } },
    })
    expect(part('transcriber')).toMatchObject({
      runs: 'own-server',
      key: { from: 'server' },
      address: 'wss://***:***@stt.example/x?token=***',
    })
    expect(part('model')).toMatchObject({
      runs: 'own-server',
      address: 'http://127.0.0.1:9/llm',
      key: { from: 'not-needed' },
    })
    expect(part('voice')).toMatchObject({
      runs: 'own-server',
      address: 'https://tts.example/voice',
      problem: null,
    })
  })

  it('knows the parts of every member of a squad; the first one’s transcriber listens', async () => {
    const members = [
      { assistant: reception },
      {
        assistant: {
          ...reception,
          name: 'Billing',
          model: { provider: 'groq', model: 'llama-3.1-8b-instant' },
          credentials: [{ provider: 'groq', apiKey: 'gq-0123456789abcdef-TAIL' }],
        },
      },
    ]
    const { seen, exit } = await check({ squad: { members } }, { env: KEYS })
    expect(exit).toBe(0)
    expect(seen.parts.map(({ member, stage, provider }) => [member, stage, provider])).toEqual([
      [0, 'transcriber', 'deepgram'],
      [0, 'model', 'openai'],
      [0, 'voice', '11labs'],
      [1, 'model', 'groq'],
      [1, 'voice', '11labs'],
    ])
    expect(seen.parts[3]).toMatchObject({ assistant: 'Billing', key: { from: 'assistant.credentials' } })
    expect(seen.assistants.map(({ name }) => name)).toEqual(['Reception', 'Billing'])
    const alone = await check(
      {
        squad: {
          members: [
            members[0],
            { assistant: { ...reception, name: 'B', model: { provider: 'groq', model: 'x' } } },
          ],
        },
      },
      { env: KEYS },
    )
    expect(alone.error?.message).toContain('Groq needs a key')
  })

  it('knows a realtime model, which listens, thinks and speaks', async () => {
    const realtime = {
      ...reception,
      model: { provider: 'openai', model: 'gpt-realtime-2025-08-28' },
      voice: { provider: 'openai', voiceId: 'marin' },
    }
    const { seen, exit, text } = await check(realtime, { env: KEYS })
    expect(exit).toBe(0)
    expect(seen.parts).toMatchObject([
      {
        stage: 'realtime',
        provider: 'openai',
        key: { from: 'environment', variable: 'OPENAI_API_KEY' },
        verified: true,
        session: { transcriber: 'openai/gpt-4o-transcribe', voice: 'openai/marin' },
      },
    ])
    expect(text).toContain(
      'listens itself; writes down with openai/gpt-4o-transcribe, speaks with openai/marin',
    )
    expect(seen.assistants[0]?.latency.unknown).toEqual(['realtime'])
    // 300 tokens of the customer's sound at 32 dollars a million, 600 of the assistant's at 64; 900 taken in again four times.
    expect(seen.parts[0]?.pricePerMinute).toBeCloseTo((300 * 32 + 600 * 64 + 4 * 900 * 0.4) / 1e6, 5)
    expect((await check(realtime)).exit).toBe(4)
    const gemini = {
      ...reception,
      model: { provider: 'google', model: 'gemini-2.0-flash-realtime-exp' },
      voice: undefined,
    }
    expect(
      await check(gemini, { env: { ...KEYS, GEMINI_API_KEY: 'gm-0123456789abcdef-TAIL' } }),
    ).toMatchObject({
      seen: {
        parts: [
          {
            stage: 'realtime',
            verified: true,
            session: { transcriber: 'google/gemini-2.0-flash-realtime-exp', voice: 'google/Puck' },
          },
        ],
      },
    })
  })

  it('says how the assistant is kept from hearing itself, where a microphone could', async () => {
    const { seen } = await check(reception, { env: KEYS, flags: ['--in', 'mic', '--echo', 'half-duplex'] })
    expect(seen.engines).toContainEqual(
      expect.objectContaining({ stage: 'echo', engine: 'half-duplex: --echo half-duplex' }),
    )
  })

  it('needs no transcriber and no voice where the customer types', async () => {
    const { seen, exit } = await check(reception, {
      env: { OPENAI_API_KEY: KEYS.OPENAI_API_KEY },
      sound: false,
    })
    expect(exit).toBe(0)
    expect(seen.parts.map(({ stage, provider }) => [stage, provider])).toEqual([
      ['model', 'openai'],
      ['voice', 'silent'],
    ])
  })

  it('names without a network all that this machine lacks', async () => {
    const { seen, exit, part } = await check(reception, { flags: ['--offline'] })
    expect(exit).toBe(2)
    expect(seen.problems.map(({ code }) => code).sort()).toEqual(['no-local-model', 'usage'])
    expect(part('voice')).toMatchObject({ provider: 'embedded', problem: null })
  })

  it('tells a missing sound file and a turn model that cannot be loaded', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a.json'), JSON.stringify(reception))
    const args = ['a.json', '--in', 'none.wav', '--end-of-turn-model', 'none.onnx', '--check', '--json']
    const { stdout, exit } = await runCommand(callLocal, args, {
      baseUrl: 'http://127.0.0.1:1',
      cwd,
      env: { HOME: cwd, ...KEYS },
    }).finished
    const seen = JSON.parse(stdout) as CallCheck
    expect(exit).not.toBe(0)
    expect(seen.engines.filter(({ problem }) => problem !== null).map(({ stage }) => stage)).toEqual([
      'endpointing',
      'customer',
    ])
  })

  it('refuses --online alone', async () => {
    const { error } = await runCommand(callLocal, ['a.json', '--online'], { baseUrl: 'http://127.0.0.1:1' })
      .finished
    expect(error).toMatchObject({ exit: 2, message: '--online belongs to --check' })
  })
})

describe('vapi call local --check --online', () => {
  let server: FakeOpenAi
  beforeEach(async () => {
    server = await startFakeOpenAi()
  })
  afterEach(() => server.close())

  const environment = () => ({
    ...KEYS,
    DEEPGRAM_BASE_URL: server.url,
    OPENAI_BASE_URL: server.baseUrl,
    ELEVENLABS_BASE_URL: server.url,
  })
  const answers = (statuses: Record<string, number>) =>
    server.answerWith(({ path }) => {
      const status = Object.entries(statuses).find(([start]) => path.startsWith(start))?.[1] ?? 200
      return { status, steps: [JSON.stringify({ message: `no: ${KEYS.DEEPGRAM_API_KEY}` })] }
    })

  it('asks each vendor once whether it takes the key', async () => {
    const model = { ...reception.model, fallbackModels: ['gpt-4o-mini'] }
    const { seen, exit } = await check({ ...reception, model }, { env: environment(), flags: ['--online'] })
    expect(exit).toBe(0)
    expect(seen.parts.map(({ keyTest }) => keyTest?.outcome)).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'accepted',
    ])
    // Twice: once for the JSON, once for the text.
    expect(server.requests.map(({ path }) => path).sort()).toEqual([
      '/v1/models',
      '/v1/models',
      '/v1/models',
      '/v1/models',
      '/v1/projects',
      '/v1/projects',
    ])
  })

  it('exits with 4 where a key is refused, and tells what the vendor said', async () => {
    answers({ '/v1/projects': 401 })
    const { seen, exit, error } = await check(reception, { env: environment(), flags: ['--online'] })
    expect(exit).toBe(4)
    expect(seen.problems).toMatchObject([{ code: 'provider-key-refused', exit: 4 }])
    expect(error?.message).toBe('the call cannot begin: Deepgram refuses the key: no: ***')
  })

  it('exits with 1 where a vendor does not answer', async () => {
    const { seen, exit } = await check(reception, {
      env: { ...environment(), DEEPGRAM_BASE_URL: 'http://127.0.0.1:1' },
      flags: ['--online'],
    })
    expect(exit).toBe(1)
    expect(seen.problems).toMatchObject([{ code: 'provider-not-answering', exit: 1 }])
  })
})
