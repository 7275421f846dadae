import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listDevices } from '../../src/audio/devices/list.ts'
import type { CallCheck } from '../../src/call/live/check/types.ts'
import callLocal from '../../src/commands/call-local.ts'
import { startFakeOpenAi } from '../support/fake-openai.ts'
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
const TYPED = ['--in', 'text']

async function check(
  flags: readonly string[],
  { document = reception as object, env = {} as NodeJS.ProcessEnv, prepare = (_folder: string) => {} } = {},
) {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'a.json'), JSON.stringify(document))
  prepare(cwd)
  const run = (more: string[]) =>
    runCommand(callLocal, ['a.json', '--check', ...flags, ...more], {
      baseUrl: 'http://127.0.0.1:1',
      cwd,
      env: { HOME: cwd, PATH: '', ...KEYS, ...env },
    }).finished
  const json = await run(['--json'])
  if (json.stdout === '') throw json.error
  const text = await run([])
  const seen = JSON.parse(json.stdout) as CallCheck
  return { cwd, seen, exit: json.exit, error: json.error, text: text.stdout }
}

const problemsOf = ({ problems }: CallCheck) => problems.map(({ code, message }) => [code, message])

describe('vapi call local --check finds', async () => {
  const { microphones, speakers } = await listDevices({ PATH: process.env.PATH })
  it.skipIf(microphones.length + speakers.length > 0)(
    'that there is no microphone and no speaker, unless neither is used',
    async () => {
      const { seen, exit, text } = await check(['--in', 'mic'])
      expect(exit).toBe(1)
      expect(seen.problems.map(({ code }) => code)).toEqual(['no-microphone', 'no-speaker'])
      expect(text).toContain('missing: no microphone could be opened')
      expect(problemsOf((await check(['--in', 'mic', '--out', 'none'])).seen)).toHaveLength(1)
      expect((await check(TYPED)).exit).toBe(0)
    },
  )

  it('addresses that are none, and repeats none of them', async () => {
    const env = {
      DEEPGRAM_BASE_URL: 'me:pass-TAIL',
      OPENAI_BASE_URL: 'ftp://x',
      ELEVENLABS_BASE_URL: 'eleven',
    }
    const { seen, exit, text } = await check(['--in', '-'], { env })
    expect(exit).toBe(2)
    expect(problemsOf(seen)).toEqual(
      Object.keys(env).map(name => [
        'usage',
        `${name} is not an address that begins with http:// or https://`,
      ]),
    )
    expect(text).not.toContain('TAIL')
    const model = { ...reception.model, provider: 'custom-llm', url: 'mine' }
    expect(problemsOf((await check(TYPED, { document: { ...reception, model } })).seen)).toEqual([
      ['usage', 'model.url is not an address that begins with http:// or https://'],
    ])
  })

  it.each([
    [['--out', 'none/x.wav'], 'cannot write none/x.wav: the folder does not exist'],
    [['--out', 'dir.wav'], 'cannot write dir.wav: it is a folder'],
    [['--record', 'none/x.wav'], 'cannot write none/x.wav: the folder does not exist'],
    [['--events', 'none/x'], 'cannot write none/x: the folder does not exist'],
  ])('a file of %j that cannot be written', async (flags, message) => {
    const { seen, exit } = await check([...TYPED, ...flags], {
      prepare: folder => mkdirSync(join(folder, 'dir.wav')),
    })
    expect(exit).toBe(1)
    const [[code, said = ''] = []] = problemsOf(seen)
    expect([code, said.replace(/(cannot write ).*?\/((none|dir)[^:]*)/, '$1$2')]).toEqual([
      'file-not-written',
      message,
    ])
  })

  it('writes no file, and leaves what is there', async () => {
    const { exit, cwd } = await check([...TYPED, '--out', 'reply.wav', '--report', 'r.html'], {
      prepare: folder => writeFileSync(join(folder, 'reply.wav'), 'mine'),
    })
    expect(exit).toBe(0)
    expect(readFileSync(join(cwd, 'reply.wav'), 'utf8')).toBe('mine')
    expect(readdirSync(cwd).toSorted()).toEqual(['a.json', 'reply.wav'])
  })

  it('that a local model server is not there, and says how to start it', async () => {
    const env = { OLLAMA_BASE_URL: 'http://127.0.0.1:1/v1' }
    const ollama = ['--model', 'ollama/llama3.2']
    const { seen, exit, error } = await check([...TYPED, ...ollama], { env })
    expect(exit).toBe(1)
    expect(seen.problems).toMatchObject([{ code: 'provider-not-answering' }])
    expect(error?.hint).toBe('start it: ollama serve')
    const server = await startFakeOpenAi()
    const there = await check([...TYPED, ...ollama], { env: { OLLAMA_BASE_URL: server.baseUrl } })
    await server.close()
    expect(there.exit).toBe(0)
  })

  it.each([
    [
      { provider: 'openai', model: 'gpt-realtime-2025-08-28' },
      { provider: 'openai', voiceId: 'nova' },
      'realtime',
      'gpt-realtime-2025-08-28 has no voice nova',
    ],
    [
      { provider: 'openai', model: 'gpt-realtime-2025-08-28' },
      reception.voice,
      'realtime',
      'speaks itself, and not with a voice of 11labs',
    ],
    [
      { provider: 'google', model: 'gemini-2.0-flash-realtime-exp' },
      { provider: 'google', voiceId: 'alloy' },
      'realtime',
      'has no voice alloy',
    ],
    [
      reception.model,
      { provider: 'openai', voiceId: 'marin' },
      'voice',
      'only realtime models have the voice marin',
    ],
  ])('a refused voice of %j, in the table', async (model, voice, stage, message) => {
    const { seen, exit, text } = await check(['--in', '-'], {
      document: { ...reception, model, voice },
      env: { GEMINI_API_KEY: 'gm-0123456789abcdef-TAIL' },
    })
    expect(exit).toBe(2)
    const told = seen.parts.filter(({ problem }) => problem !== null)
    expect(told).toMatchObject([{ stage, problem: { message: expect.stringContaining(message) } }])
    expect(text).toContain(`missing: voice`)
  })

  it.each([
    ['el-one two', 'has a blank inside'],
    ['el-one\nel-two', 'has a line break inside'],
    ['"el-one"', 'has quotes around it'],
    ['el-ön', 'has a control or non-ASCII character inside'],
  ])('the key %j, which is sent to nobody', async (key, fault) => {
    const server = await startFakeOpenAi()
    const { seen, exit, text } = await check(['--in', '-', '--online'], {
      env: {
        ELEVENLABS_API_KEY: key,
        ELEVENLABS_BASE_URL: server.url,
        DEEPGRAM_BASE_URL: server.url,
        OPENAI_BASE_URL: server.baseUrl,
      },
    })
    await server.close()
    expect(exit).toBe(4)
    expect(problemsOf(seen)).toEqual([
      [
        'provider-key-malformed',
        `the key of ElevenLabs in the variable ELEVENLABS_API_KEY ${fault}, which no key has: it is not sent`,
      ],
    ])
    expect(text).not.toContain('el-o')
    expect(JSON.stringify(server.requests.map(({ headers }) => headers))).not.toContain('el-')
  })

  it('where a refused key came from', async () => {
    const server = await startFakeOpenAi()
    server.answerWith(() => ({ status: 401, steps: ['{"message":"no"}'] }))
    const credentials = [{ provider: 'groq', apiKey: 'gq-0123456789abcdef' }]
    const model = { provider: 'groq', model: 'x' }
    const env = { OPENAI_BASE_URL: server.baseUrl, GROQ_BASE_URL: server.baseUrl }
    const set = await check([...TYPED, '--online'], { env })
    const own = await check([...TYPED, '--online'], { env, document: { ...reception, model, credentials } })
    await server.close()
    expect(set.error?.hint).toBe(
      'the key is from the variable OPENAI_API_KEY: set OPENAI_API_KEY to a key that OpenAI accepts; vapi provider-key test openai tries it alone',
    )
    expect(own.error?.hint).toMatch(/^the key is from the credentials of the assistant: set apiKey .* groq/)
  })

  it('a transcriber that does not run here, with the reason and with others', async () => {
    const { seen } = await check(['--in', '-', '--transcriber', 'talkscriber'])
    expect(seen.problems).toMatchObject([
      {
        message:
          'the transcriber talkscriber does not run in a local call: its public clients leave open which words are final, and no documentation was found',
        hint: expect.stringContaining('deepgram'),
      },
    ])
  })

  it('an unknown model of sherpa-onnx as a wrong use, with those that are known', async () => {
    const { seen, exit, text } = await check(['--in', '-', '--transcriber', 'sherpa-onnx/nope'])
    expect(exit).toBe(2)
    expect(seen.problems).toMatchObject([
      {
        message: expect.stringContaining('no speech model nope'),
        hint: expect.stringContaining('zipformer-en'),
      },
    ])
    expect(seen.parts[0]).toMatchObject({ provider: 'sherpa-onnx', verified: false })
    expect(text).toMatch(/sherpa-onnx\/nope .*\n.*unverified/)
  })

  it('the program that --transcriber local stands for', async () => {
    const programs = temporaryFolder()
    writeFileSync(join(programs, 'pocketsphinx_continuous'), '#!/bin/sh\n', { mode: 0o755 })
    const { seen, text } = await check(['--in', '-', '--transcriber', 'local'], { env: { PATH: programs } })
    expect(seen.parts[0]).toMatchObject({
      provider: 'local',
      engine: expect.stringContaining('pocketsphinx'),
    })
    expect(text).toMatch(/transcriber +local: pocketsphinx/)
  })

  it.each([
    ['--voice', ''],
    ['--voice', 'embedded/'],
    ['--transcriber', ''],
    ['--model', '/gpt-4o'],
  ])('%s %j, which says nothing, as a wrong use with an example', async (flag, value) => {
    const failing = check([...TYPED, flag, value])
    await expect(failing).rejects.toMatchObject({ exit: 2, hint: expect.stringContaining('for example') })
  })

  it('nothing to warn of in what the API answered, and in a voice that nobody hears', async () => {
    const answered = { id: 'x', orgId: 'y', createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01' }
    const voice = {
      ...reception.voice,
      stability: 0.5,
      pronunciationDictionaryLocators: [{ pronunciationDictionaryId: 'a', versionId: 'b' }],
    }
    expect((await check(TYPED, { document: { ...answered, ...reception, voice } })).seen.warnings).toEqual([])
  })

  it('which member of a squad names an assistant that is not there', async () => {
    const document = { squad: { members: [{ assistant: reception }, { assistantId: 'nobody' }] } }
    await expect(check([...TYPED, '--offline'], { document })).rejects.toMatchObject({
      message: expect.stringContaining('a.json: members[1].assistantId:'),
    })
  })
})

describe('a call whose key is refused', () => {
  it('says where the key came from, and what could take over', async () => {
    const server = await startFakeOpenAi()
    server.answerWith(() => ({ status: 401, steps: ['{"error":{"message":"no"}}'] }))
    const cwd = temporaryFolder()
    const run = async (document: object) => {
      writeFileSync(join(cwd, 'a.json'), JSON.stringify(document))
      const { error } = await runCommand(callLocal, ['a.json', ...TYPED], {
        baseUrl: 'http://127.0.0.1:1',
        cwd,
        env: { HOME: cwd, PATH: '', ...KEYS, OPENAI_BASE_URL: server.baseUrl },
        stdin: [Buffer.from('Hello?\n')],
      }).finished
      return error
    }
    const alone = await run({ ...reception, firstMessageMode: 'assistant-waits-for-user' })
    const model = { ...reception.model, fallbackModels: ['gpt-4o-mini'] }
    const with2 = await run({ ...reception, model })
    await server.close()
    expect(alone).toMatchObject({
      exit: 4,
      hint: 'the key is from the variable OPENAI_API_KEY: set OPENAI_API_KEY to a key that OpenAI accepts; model.fallbackModels can name another one that takes over',
    })
    expect(with2?.hint).toBe(
      'the key is from the variable OPENAI_API_KEY: set OPENAI_API_KEY to a key that OpenAI accepts',
    )
  })
})
