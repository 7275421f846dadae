import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { isSecretName } from '../../src/net/trace.ts'
import { keyAccess, testKey } from '../../src/providers/key-test.ts'
import { environmentKey, findKeyVendor, keptName, keyVendors, withKey } from '../../src/providers/keys.ts'
import { findVendor, VENDORS, type Vendor } from '../../src/providers/vendors.ts'
import { type FakeOpenAi, type FakeReply, startFakeOpenAi } from '../support/fake-openai.ts'

const KEY = 'key-0123456789abcdef-TAIL'

describe('the vendor of a key', () => {
  it.each([
    ['deepgram', 'deepgram'],
    ['ElevenLabs', '11labs'],
    ['eleven-labs', '11labs'],
    ['ELEVENLABS_API_KEY', '11labs'],
    ['assemblyai', 'assembly-ai'],
    ['assembly', 'assembly-ai'],
    ['deepseek', 'deep-seek'],
    ['togetherai', 'together-ai'],
    ['together', 'together-ai'],
    ['perplexity', 'perplexity-ai'],
    ['rime', 'rime-ai'],
    ['play-ht', 'playht'],
    ['microsoft', 'azure'],
    ['azure-speech', 'azure'],
    ['azure-openai', 'azure-openai'],
    ['gemini', 'google'],
    ['grok', 'xai'],
    ['groq', 'groq'],
    ['Smallest AI', 'smallest-ai'],
    ['llamacpp', 'llama.cpp'],
  ])('that is called %s is %s', (written, id) => expect(findKeyVendor(written).id).toBe(id))

  it('that is mistyped gets a proposal; what may be a key is not repeated', () => {
    expect(() => findKeyVendor('deepgrm')).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.stringContaining('deepgram?') }),
    )
    const secret = 'sk-proj-0123456789abcdefghijklmnop'
    expect(() => findKeyVendor(secret)).toThrow(expect.objectContaining({ message: 'that is no provider' }))
  })

  it('has each key once, under a name that older tools keep whole', () => {
    const vendors = keyVendors()
    const variables = vendors.map(({ keyVariables }) => keyVariables[0])
    expect(new Set(variables).size).toBe(variables.length)
    for (const vendor of VENDORS.filter(({ keyVariables }) => keyVariables.length > 0)) {
      expect(variables).toContain(vendor.keyVariables[0])
      expect(keptName(vendor)).toMatch(/^[a-z0-9-]+$/)
    }
    expect(keptName(findVendor('microsoft') as Vendor)).toBe('azure')
  })

  it('reads the first of its variables that is set, blanks apart', () => {
    const google = findVendor('google') as Vendor
    expect(environmentKey(google, { GEMINI_API_KEY: ' ', GOOGLE_API_KEY: ' g ' })).toEqual({
      variable: 'GOOGLE_API_KEY',
      key: 'g',
    })
    expect(
      environmentKey(
        google,
        withKey({ GOOGLE_API_KEY: 'old' }, google, 'new', { from: 'kept', storage: 'keyring' }),
      )?.key,
    ).toBe('new')
  })

  it.each(keyVendors().map(vendor => [vendor.id, vendor] as const))(
    'of %s is asked with the key in a header that traces mask, and nowhere else',
    (_id, vendor) => {
      const request = vendor.keyTest?.({ baseUrl: 'http://127.0.0.1:1', key: KEY, account: 'me' })
      if (request === undefined) throw new Error(`${vendor.id} has no request that tells`)
      expect(request.url).not.toContain(KEY)
      expect(String(request.body ?? '')).not.toContain(KEY)
      const holding = Object.entries(request.headers ?? {}).filter(([, value]) => value.includes(KEY))
      expect(holding).toHaveLength(1)
      for (const [name] of holding) expect(isSecretName(name)).toBe(true)
    },
  )
})

describe('a key that is tried', () => {
  let server: FakeOpenAi
  let http: HttpClient
  beforeEach(async () => {
    server = await startFakeOpenAi()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  const reply = (status: number, body: unknown): FakeReply => ({
    status,
    steps: [typeof body === 'string' ? body : JSON.stringify(body)],
  })
  const deepgram = findVendor('deepgram') as Vendor
  async function tryWith(answer: FakeReply) {
    server.script(answer)
    const access = keyAccess(deepgram, { DEEPGRAM_API_KEY: KEY, DEEPGRAM_BASE_URL: server.url })
    return testKey(deepgram, access, http, new AbortController().signal)
  }

  it('is sent as the vendor wants it, and accepted', async () => {
    expect(await tryWith(reply(200, { projects: [] }))).toEqual({
      outcome: 'accepted',
      status: 200,
      said: null,
    })
    expect(server.requests[0]).toMatchObject({
      path: '/v1/projects',
      headers: { authorization: `Token ${KEY}` },
    })
  })

  it.each([
    [401, { err_code: 'INVALID_AUTH', err_msg: 'Invalid credentials.' }, 'refused', 'Invalid credentials.'],
    [403, 'Forbidden', 'refused', 'Forbidden'],
    [401, '', 'refused', 'Unauthorized'],
    [
      400,
      { error: { message: 'API key not valid. Please pass a valid API key.' } },
      'refused',
      'API key not valid. Please pass a valid API key.',
    ],
    [
      403,
      { error: { message: 'You have insufficient permissions. Missing scopes: model.read' } },
      'restricted',
      'You have insufficient permissions. Missing scopes: model.read',
    ],
    [
      401,
      {
        detail: {
          status: 'missing_permissions',
          message: 'The API key you used is missing the permission models_read',
        },
      },
      'restricted',
      'The API key you used is missing the permission models_read',
    ],
    [400, { message: 'limit must be a number' }, 'failed', 'limit must be a number'],
    [402, { error: 'Payment required' }, 'failed', 'Payment required'],
    [429, { message: 'Slow down' }, 'failed', 'Slow down'],
    [500, '{"broken', 'failed', '{"broken'],
    [404, { message: 'no such path' }, 'failed', 'no such path'],
  ])('and answered with %i %j is %s', async (status, body, outcome, said) => {
    expect(await tryWith(reply(status, body))).toEqual({ outcome, status, said })
  })

  it('is masked where the vendor repeats it', async () => {
    const { said } = await tryWith(reply(401, { message: `Incorrect API key provided: ${KEY}.` }))
    expect(said).toBe('Incorrect API key provided: ***.')
  })

  it('goes to no other place that the vendor’s server names', async () => {
    const other = await startFakeOpenAi()
    other.answerWith(() => reply(200, {}))
    await tryWith({ status: 307, headers: { location: `${other.url}/elsewhere` }, steps: [] })
    expect(JSON.stringify(other.requests.map(({ headers }) => headers))).not.toContain(KEY)
    await other.close()
  })

  it('and not answered has failed, without a status', async () => {
    const access = keyAccess(deepgram, { DEEPGRAM_API_KEY: KEY, DEEPGRAM_BASE_URL: 'http://127.0.0.1:1' })
    const result = await testKey(deepgram, access, http, new AbortController().signal)
    expect(result).toMatchObject({ outcome: 'failed', status: null })
    expect(JSON.stringify(result)).not.toContain(KEY)
  })

  it('is refused by the status alone where the rest of the answer does not come', async () => {
    const cut = { status: 401, headers: { 'content-length': '50' }, steps: ['part', 'cut' as const] }
    expect(await tryWith(cut)).toEqual({ outcome: 'refused', status: 401, said: 'Unauthorized' })
  })

  it('is given up on Ctrl-C', async () => {
    server.answerWith(() => ({ steps: ['silence'] }))
    const stop = new AbortController()
    const access = keyAccess(deepgram, { DEEPGRAM_API_KEY: KEY, DEEPGRAM_BASE_URL: server.url })
    const trying = testKey(deepgram, access, http, stop.signal)
    await server.request(0)
    stop.abort(new Error('interrupted'))
    await expect(trying.then(({ outcome }) => outcome)).rejects.toThrow('interrupted')
  })
})
