import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/client.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { type ApiServer, apiError, startApiServer } from '../support/api-server.ts'
import { type FakeReply, jsonReply, rawReply } from '../support/fake-openai.ts'

const KEY = 'sk-test-1234567890'

let server: ApiServer
let http: HttpClient

beforeEach(async () => {
  server = await startApiServer()
  http = createHttpClient()
})

afterEach(async () => {
  http.close()
  await server.close()
})

async function errorOf(reply: FakeReply, path = '/assistant/1', key = KEY) {
  server.fake.script(reply)
  const api = createApi({
    http,
    baseUrl: server.url,
    key,
    keyLabel: 'the key of account work',
    timeoutMs: 20_000,
    retries: 0,
  })
  return api.request({ method: 'GET', path }).then(
    () => expect.fail('it did not fail'),
    thrown => thrown,
  )
}

describe('a refusal of the API', () => {
  it('for the key says which key, and exits with 4', async () => {
    expect(
      await errorOf(apiError(401, 'Invalid Key. Hot tip, you may be using the private key')),
    ).toMatchObject({
      code: 'key-refused',
      exit: 4,
      status: 401,
      retryable: false,
      message:
        'the API refused the key of account work: Invalid Key. Hot tip, you may be using the private key',
      hint: expect.stringContaining('vapi login'),
    })
    expect(await errorOf(apiError(403, 'Forbidden resource'))).toMatchObject({ code: 'forbidden', exit: 4 })
  })

  it('for what is not there exits with 5', async () => {
    expect(await errorOf(apiError(404, "Couldn't get assistant. Assistant does not exist."))).toMatchObject({
      code: 'not-found',
      exit: 5,
      message: expect.stringMatching(/^GET \/assistant\/1: .*does not exist\.$/),
    })
  })

  it('tells a path that the server does not have from a thing that it does not have', async () => {
    expect(await errorOf(apiError(404, 'Cannot GET /logs?page=1'), '/logs?page=1')).toMatchObject({
      code: 'no-endpoint',
      exit: 5,
      message: `${server.url} has no endpoint GET /logs`,
    })
  })

  it('by its validation names every field with its path, and exits with 2', async () => {
    const messages = [
      'model.property temperatur should not exist',
      'property foo should not exist',
      'hooks.0.do.1.each value in toolIds must be a UUID',
      'model.temperature must not be greater than 2',
      'name must be shorter than or equal to 40 characters',
      'name must be shorter than or equal to 40 characters',
    ]
    expect(await errorOf(apiError(400, messages))).toMatchObject({
      code: 'invalid-request',
      exit: 2,
      message:
        'the API refused GET /assistant/1: model.temperatur should not exist; foo should not exist; ' +
        'hooks.0.do.1.toolIds each value must be a UUID; model.temperature must not be greater than 2; ' +
        'name must be shorter than or equal to 40 characters',
    })
    expect(await errorOf(apiError(400, 'limit must be a number'))).toMatchObject({ exit: 2 })
    expect(await errorOf(apiError(422, 'Unprocessable'))).toMatchObject({ exit: 2 })
  })

  it('by its validation stays readable with many fields', async () => {
    const error = await errorOf(
      apiError(
        400,
        Array.from({ length: 50 }, (_, at) => `f${at} must be a string`),
      ),
    )
    expect(error.message).toMatch(/f11 must be a string; and 38 more$/)
  })

  it('reads nested validation objects', async () => {
    const constraints = { isString: 'name must be a string', max: 'must be short' }
    expect((await errorOf(apiError(400, [{ property: 'name', constraints }]))).message).toContain(
      'name must be a string; name must be short',
    )
  })

  it('names the whole path of what is wrong deep inside', async () => {
    const end = { property: 'provider', constraints: { isEnum: 'provider must be one of these' } }
    const nested = { property: 'model', children: [{ property: 'tools', children: [end] }] }
    expect((await errorOf(apiError(400, [nested]))).message).toContain(
      'model.tools.provider must be one of these',
    )
  })

  it('for the state of things exits with 1', async () => {
    expect(await errorOf(apiError(400, 'Need Either `assistant`, `assistantId` or `squad`.'))).toMatchObject({
      code: 'refused',
      exit: 1,
    })
    expect(await errorOf(jsonReply({ error: 'Over Concurrency Limit' }, 400))).toMatchObject({
      code: 'concurrency-limit',
      exit: 1,
      retryable: true,
    })
  })

  it.each([
    [
      apiError(402, 'No credits left', { reason: 'insufficient_credits' }),
      'payment-required',
      /No credits/,
      /add credits/,
    ],
    [apiError(402, '', {}), 'payment-required', /cannot pay for this: Reason Phrase$/, /billing/],
    [
      jsonReply(
        { error: 'assistant_pinned', message: 'Pinned.', pinnedBy: [{ type: 'squad', id: 's1' }] },
        409,
      ),
      'assistant-pinned',
      /in use by squad s1: Pinned\.$/,
      /take it out/,
    ],
    [
      jsonReply({ error: 'version_pinned', message: 'x', pinnedBy: 'a1' }, 409),
      'version-pinned',
      /by a1/,
      /./,
    ],
    [
      jsonReply({ existingDraftId: 'd1', error: 'draft_exists', message: 'There is a draft' }, 409),
      'draft-conflict',
      /\(d1\): There is a draft$/,
      /draft/,
    ],
    [apiError(409, 'Name is taken'), 'conflict', /Name is taken$/, undefined],
    [apiError(429, 'Rate limit exceeded'), 'rate-limited', /Rate limit exceeded$/, /wait/],
    [apiError(503, 'recordings could not be erased'), 'api-failed', /\(503\): recordings/, /try again/],
    [{ status: 500, steps: [] }, 'api-failed', /failed on GET \/assistant\/1 \(500\)$/, /try again/],
    [
      rawReply('<html><title>502 Bad Gateway</title>', 'text/html', 502),
      'api-failed',
      /a web page, "502 Bad/,
      /./,
    ],
    [rawReply('upstream broke\n\u001b[2J', 'text/plain', 504), 'api-timeout', /: upstream broke \[2J$/, /./],
    [jsonReply({ error: { message: 'inner', code: 5 } }, 418), 'api-error', /\(418\): inner$/, undefined],
    [jsonReply(['x'], 418), 'api-error', /\(418\)/, undefined],
    [
      { status: 500, headers: { 'content-length': '99' }, steps: ['{"mess', 'cut'] },
      'api-failed',
      /\(500\)$/,
      /./,
    ],
  ] as [FakeReply, string, RegExp, RegExp | undefined][])(
    'is one readable error with its hint: %#',
    async (reply, code, message, hint) => {
      const error = await errorOf(reply)
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
      if (hint) expect(error.hint).toMatch(hint)
      expect(error.exit).toBe(1)
    },
  )

  it('is read no further than it is of use', async () => {
    const error = await errorOf(rawReply('x'.repeat(1_000_000), 'text/plain', 500))
    expect(error.message.length).toBeLessThan(400)
  })
})

describe('the key', () => {
  it.each([
    apiError(401, `Invalid Key: ${KEY}`),
    apiError(400, [`property ${KEY} should not exist`]),
    apiError(404, `Cannot GET /${KEY}`),
    jsonReply({ error: `Bearer ${KEY}` }, 500),
    rawReply(`Authorization: Bearer ${KEY}`, 'text/plain', 500),
    rawReply(`<title>${KEY}</title>`, 'text/html', 502),
    rawReply(`hello ${KEY}`, 'text/plain', 200),
    jsonReply({ message: 'x', error: 'assistant_pinned', pinnedBy: KEY }, 409),
    { status: 301, headers: { location: `/x/${KEY}` }, steps: [] },
  ] as FakeReply[])('is never repeated, although the server echoes it: %#', async reply => {
    server.fake.answerWith(() => reply)
    const error = await errorOf(reply)
    expect(JSON.stringify([error.message, error.hint, error.stack, String(error.cause)])).not.toContain(KEY)
  })

  it('is not repeated by half where a long text is cut', async () => {
    for (let before = 130; before < 170; before++) {
      const error = await errorOf(rawReply(`${'x'.repeat(before)}${KEY}`, 'text/plain', 500))
      expect(error.message).not.toContain(KEY.slice(0, 6))
    }
  })

  it('is not repeated in another spelling either', async () => {
    const key = 'a"b+c/d='
    const said = [key, encodeURIComponent(key), JSON.stringify(key)].join(' ')
    const error = await errorOf(apiError(500, said), '/x', key)
    expect(error.message).toBe('the API failed on GET /x (500): *** *** "***"')
  })
})
