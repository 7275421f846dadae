import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCallKeys, type FindKeptKey } from '../../../src/call/live/parts/keys.ts'
import { findVendor, type Vendor } from '../../../src/providers/vendors.ts'
import { type FakeOpenAi, startFakeOpenAi, textReply } from '../../support/fake-openai.ts'
import { temporaryFolder, vapi } from '../../support/program.ts'

const vendor = (id: string) => findVendor(id) as Vendor
const everything = { transcriber: true, model: true }
const assistant = {
  transcriber: { provider: 'deepgram', fallbackPlan: { transcribers: [{ provider: 'gladia' }] } },
  model: { provider: 'openai', model: 'gpt-4o' },
  voice: { provider: '11labs', fallbackPlan: { voices: [{ provider: 'openai' }, { provider: 'embedded' }] } },
}

/** A keeper of these keys that counts who was asked for. */
function keeper(kept: Record<string, string> = {}) {
  const asked: string[] = []
  const find: FindKeptKey = async ({ id }) => {
    asked.push(id)
    return kept[id] === undefined ? null : { key: kept[id], storage: 'keyring' }
  }
  return { asked, find }
}

describe('the keys of a call', () => {
  it('are looked for with the vendors that an assistant names, each once', async () => {
    const { asked, find } = keeper({ openai: 'kept-openai', '11labs': 'kept-eleven' })
    const keys = createCallKeys({ DEEPGRAM_API_KEY: 'env' }, find, everything)
    await Promise.all([keys.learn(assistant), keys.learn(assistant)])
    await keys.learn({ ...assistant, voice: { provider: 'openai' } })
    expect(asked.toSorted()).toEqual(['11labs', 'gladia', 'openai'])
    expect(keys.environmentOf(assistant)).toEqual({
      'VAPI_KEY_ORIGIN:ELEVENLABS_API_KEY': 'keyring',
      'VAPI_KEY_ORIGIN:OPENAI_API_KEY': 'keyring',
      DEEPGRAM_API_KEY: 'env',
      OPENAI_API_KEY: 'kept-openai',
      ELEVENLABS_API_KEY: 'kept-eleven',
    })
    expect(keys.sourceOf(vendor('openai'), assistant)).toEqual({ from: 'kept', storage: 'keyring' })
    expect(keys.sourceOf(vendor('gladia'), assistant)).toEqual({ from: 'none' })
  })

  it('are looked for with the vendors of what an assistant does not set', async () => {
    const { asked, find } = keeper()
    await createCallKeys({}, find, everything).learn({ voice: { provider: 'embedded' } })
    expect(asked.toSorted()).toEqual(['deepgram', 'openai'])
  })

  it('are not looked for where nobody listens and no model is asked', async () => {
    const { asked, find } = keeper()
    await createCallKeys({}, find, { transcriber: false, model: false }).learn(assistant)
    expect(asked.toSorted()).toEqual(['11labs', 'openai'])
    await createCallKeys({}, null, everything).learn(assistant)
  })

  it('come from the environment before kept ones, by any of the vendor’s variables', async () => {
    const { asked, find } = keeper({ google: 'kept' })
    const model = { provider: 'google', model: 'gemini-2.5-flash' }
    const one = { model, voice: { provider: 'embedded' }, transcriber: { provider: 'local' } }
    const keys = createCallKeys({ GOOGLE_API_KEY: 'env' }, find, everything)
    await keys.learn(one)
    expect(asked).toEqual([])
    expect(keys.environmentOf(one)).toEqual({ GOOGLE_API_KEY: 'env' })
    expect(keys.sourceOf(vendor('google'), one)).toEqual({ from: 'environment', variable: 'GOOGLE_API_KEY' })
  })

  it('come from the assistant’s own credentials before all, and for that assistant alone', async () => {
    const { asked, find } = keeper({ '11labs': 'kept' })
    const keys = createCallKeys({ OPENAI_API_KEY: 'env', PLAYHT_USER_ID: 'me' }, find, everything)
    const own = {
      ...assistant,
      credentials: [
        { provider: 'openai', apiKey: 'inline' },
        { provider: 'openai', apiKey: 'second' },
        { provider: '11labs', apiKey: 'inline-eleven', apiUrl: 'https://eleven.example' },
        { provider: 'playht', apiKey: 'inline-play', userId: 'user' },
        { provider: 'azure', service: 'speech', region: 'westeurope', apiKey: 'inline-azure' },
        { provider: 'nobody', apiKey: 'x' },
      ],
    }
    await keys.learn(own)
    expect(asked).not.toContain('11labs')
    expect(keys.environmentOf(own)).toEqual({
      'VAPI_KEY_ORIGIN:AZURE_SPEECH_KEY': 'assistant.credentials',
      'VAPI_KEY_ORIGIN:ELEVENLABS_API_KEY': 'assistant.credentials',
      'VAPI_KEY_ORIGIN:OPENAI_API_KEY': 'assistant.credentials',
      'VAPI_KEY_ORIGIN:PLAYHT_API_KEY': 'assistant.credentials',
      OPENAI_API_KEY: 'inline',
      ELEVENLABS_API_KEY: 'inline-eleven',
      ELEVENLABS_BASE_URL: 'https://eleven.example',
      PLAYHT_API_KEY: 'inline-play',
      PLAYHT_USER_ID: 'user',
      AZURE_SPEECH_KEY: 'inline-azure',
      AZURE_SPEECH_REGION: 'westeurope',
    })
    expect(keys.sourceOf(vendor('openai'), own)).toEqual({ from: 'assistant.credentials' })
    expect(keys.environmentOf(assistant).OPENAI_API_KEY).toBe('env')
    expect(keys.sourceOf(vendor('openai'), assistant)).toEqual({
      from: 'environment',
      variable: 'OPENAI_API_KEY',
    })
  })

  it('never go to an address of credentials that have no key of their own', () => {
    const keys = createCallKeys({ ELEVENLABS_API_KEY: 'mine' }, null, everything)
    const credentials = [
      { provider: '11labs', apiUrl: 'https://elsewhere.example' },
      { provider: 'azure', service: 'blob_storage', apiKey: 'storage', region: 'x' },
    ]
    expect(keys.environmentOf({ ...assistant, credentials })).toEqual({ ELEVENLABS_API_KEY: 'mine' })
  })
})

describe('a typed call of the program', () => {
  let server: FakeOpenAi
  beforeEach(async () => {
    server = await startFakeOpenAi()
    server.answerWith(() => textReply(['Nine is free.']))
  })
  afterEach(() => server.close())

  const document = {
    name: 'Desk',
    firstMessageMode: 'assistant-waits-for-user',
    model: { provider: 'openai', model: 'gpt-4o' },
    analysisPlan: { summaryPlan: { enabled: true } },
  }

  async function call(
    more: object,
    env: NodeJS.ProcessEnv,
    config: string | null = null,
    flags: string[] = [],
  ) {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'assistant.json'), JSON.stringify({ ...document, ...more }))
    if (config !== null) writeFileSync(join(folder, '.vapi-cli.yaml'), config, { mode: 0o600 })
    const args = [
      'call',
      'local',
      'assistant.json',
      '--in',
      'text',
      '--json',
      '--debug',
      '--save',
      'call.vapicall',
      ...flags,
    ]
    const result = await vapi(args, {
      cwd: folder,
      env: { HOME: folder, OPENAI_BASE_URL: server.baseUrl, ...env },
      stdin: 'What time do you open on Monday?\n',
    })
    const written = filesBelow(folder).filter(path => !/assistant\.json$|\.vapi-cli\.yaml$/.test(path))
    const left = written.map(path => readFileSync(path, 'latin1'))
    return { ...result, left: [result.stdout, result.stderr, ...left].join('\n'), files: written.length }
  }

  const INLINE = 'inline-key-0123456789abcdef'
  const MINE = 'mine-key-0123456789abcdefgh'

  it('asks the model with the assistant’s own credential, which stands in nothing that the call leaves', async () => {
    const credentials = [{ provider: 'openai', apiKey: INLINE }]
    const { code, stderr, left, files } = await call({ credentials }, { OPENAI_API_KEY: MINE })
    expect(code, stderr).toBe(0)
    expect(files).toBeGreaterThan(2)
    expect(server.requests.length).toBeGreaterThan(1)
    for (const { headers } of server.requests) expect(headers.authorization).toBe(`Bearer ${INLINE}`)
    expect(left).toContain('Nine is free.')
    for (const key of [INLINE, MINE]) expect(left).not.toContain(key)
  }, 60_000)

  it('asks with a kept key where the environment has none', async () => {
    const config = `provider_keys:\n  openai: ${MINE}\n`
    const { code, stderr, left } = await call({}, {}, config, ['--skip-analysis'])
    expect(code, stderr).toBe(0)
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${MINE}`)
    expect(left).not.toContain(MINE)
    await call({}, { OPENAI_API_KEY: INLINE }, config, ['--skip-analysis'])
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${INLINE}`)
  }, 60_000)

  it('goes on with a warning where the keyring of a kept key does not answer', async () => {
    const { code, stderr } = await call({}, {}, 'provider_keys:\n  openai: ""\n', ['--skip-analysis'])
    // A server of one's own may want no key.
    expect(code).toBe(0)
    expect(stderr).toContain('the kept key of OpenAI is not used: the system keyring cannot be used')
    expect(server.requests[0]?.headers.authorization).toBeUndefined()
  }, 60_000)
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
}
