import { createHmac } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import listenVerify from '../../src/commands/listen-verify.ts'
import { journalFolder, openJournal } from '../../src/listen/journal/journal.ts'
import { readMessageHead } from '../../src/listen/message-head.ts'
import { parseRawRequests } from '../../src/listen/raw-request.ts'
import { type ReceivedRequest, requireVerifiable, verifyRequest } from '../../src/listen/verify.ts'
import { deliver } from '../../src/messages/deliver.ts'
import { authHeaders, type HmacPlan, hmacAlgorithms, type ServerAuth } from '../../src/messages/sign.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { temporaryFolder } from '../support/program.ts'
import { startTarget } from '../support/relay.ts'
import { runCommand } from '../support/run-command.ts'

const nowMs = Date.UTC(2026, 0, 5, 9)
const url = 'https://hooks.example.com/vapi?team=1'
const body = Buffer.from('{"message":{"type":"hang"}}')

/** A request as the platform signs it, as it comes in. */
function signed(auth: ServerAuth, given: Partial<ReceivedRequest> & { atMs?: number } = {}): ReceivedRequest {
  const method = given.method ?? 'POST'
  const bytes = given.body ?? body
  const headers = authHeaders(auth, {
    method,
    url,
    body: bytes,
    nowMs: given.atMs ?? nowMs,
    messageId: 'msg_1',
  })
  return {
    method,
    requested: '/vapi?team=1',
    rawHeaders: [
      'Host',
      'hooks.example.com',
      'Content-Type',
      'application/json',
      ...Object.entries(headers).flat(),
    ],
    body: bytes,
    ...(given.rawHeaders !== undefined && { rawHeaders: given.rawHeaders }),
  }
}

const at = { nowMs }
const check = (auth: ServerAuth, request: ReceivedRequest) => verifyRequest(request, auth, at)
/** The request with a header's value changed. */
const withHeader = (request: ReceivedRequest, name: string, change: (value: string) => string) => ({
  ...request,
  rawHeaders: request.rawHeaders.map((value, place) =>
    place % 2 === 1 && request.rawHeaders[place - 1]?.toLowerCase() === name ? change(value) : value,
  ),
})

const headerName = fc.constantFrom('x-sig', 'Webhook-Signature', 'X-Hub-Signature-256', undefined)
const format = fc.constantFrom(
  undefined,
  '{body}',
  '{timestamp}.{body}',
  '{svix-id}.{timestamp}.{body}',
  '{method}\n{url}\n{timestamp}\n{body}',
  'v0:{timestamp}:{body}:{url}{method}',
)
const plan = fc
  .record({
    secretKey: fc.string({ minLength: 1 }),
    algorithm: fc.constantFrom(...hmacAlgorithms, undefined),
    signatureHeader: headerName,
    timestampHeader: fc.constantFrom('webhook-timestamp', 'X-Time', undefined),
    signaturePrefix: fc.constantFrom('sha256=', 'v1,', 'HMAC ', undefined),
    includeTimestamp: fc.constantFrom(true, false, undefined),
    payloadFormat: format,
    messageIdHeader: fc.constantFrom('webhook-id', undefined),
    signatureEncoding: fc.constantFrom('hex', 'base64', undefined),
    secretIsBase64: fc.constantFrom(true, false, undefined),
  })
  .filter(each => !(each.includeTimestamp === false && each.payloadFormat?.includes('{timestamp}')))
  .filter(each => each.messageIdHeader !== undefined || !each.payloadFormat?.includes('{svix-id}'))
  .map(({ secretKey, ...rest }) => {
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    const key = given.secretIsBase64 === true ? Buffer.from(`k${secretKey}`).toString('base64') : secretKey
    return { ...given, secretKey: key } as HmacPlan
  })
const bytes = fc.uint8Array({ maxLength: 300 }).map(each => Buffer.from(each))

describe('an HMAC credential', () => {
  it('verifies what was signed, with every combination of its settings and any bytes', () => {
    fc.assert(
      fc.property(plan, bytes, fc.constantFrom('POST', 'PUT'), (hmac, content, method) => {
        const request = signed({ hmac }, { body: content, method })
        expect(check({ hmac }, request)).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('refuses another body, another key and another signature with every combination', () => {
    fc.assert(
      fc.property(plan, bytes, (hmac, content) => {
        const request = signed({ hmac }, { body: content })
        const name = (hmac.signatureHeader ?? 'x-signature').toLowerCase()
        const changed = { ...request, body: Buffer.concat([content, Buffer.from('x')]) }
        expect(check({ hmac }, changed)).toMatch(/differs/)
        const other = { ...hmac, secretKey: hmac.secretIsBase64 ? 'b3RoZXI=' : `${hmac.secretKey}!` }
        expect(check({ hmac: other }, request)).toMatch(/differs/)
        const forged = withHeader(request, name, value => `${value.slice(0, -4)}0000`)
        if (forged.rawHeaders.join() !== request.rawHeaders.join())
          expect(check({ hmac }, forged)).toMatch(/differs/)
      }),
      { numRuns: 200 },
    )
  })

  it('never shows a secret, nor the signature that would be right', () => {
    const hmac = { secretKey: 'a-very-secret-key' }
    const request = signed({ hmac: { secretKey: 'another-key' } })
    const right = signed({ hmac }).rawHeaders
    const reason = check({ hmac }, request) ?? ''
    expect(reason).not.toContain('secret-key')
    expect(right.filter(value => value.length > 30).some(value => reason.includes(value))).toBe(false)
    for (const auth of [{ secret: 's3cret-1' }, { bearer: { token: 's3cret-2' } }])
      expect(check(auth, signed({ secret: 'no', bearer: { token: 'no' } }))).not.toMatch(/s3cret/)
  })

  it('says by which settings a signature would fit', () => {
    const secretKey = 'a2V5'
    const cases: [HmacPlan, HmacPlan, string][] = [
      [{ secretKey, algorithm: 'sha512' }, { secretKey }, 'algorithm sha512'],
      [{ secretKey, signatureEncoding: 'base64' }, { secretKey }, 'signatureEncoding base64'],
      [{ secretKey, secretIsBase64: true }, { secretKey }, 'secretIsBase64 true'],
      [{ secretKey, payloadFormat: '{body}' }, { secretKey }, 'payloadFormat {body}'],
      [{ secretKey, signaturePrefix: 'sha256=' }, { secretKey }, 'signaturePrefix "sha256="'],
    ]
    for (const [sender, expected, words] of cases)
      expect(check({ hmac: expected }, signed({ hmac: sender })), words).toContain(words)
  })

  it('refuses timestamps outside of the tolerance, and says how old they are', () => {
    const hmac = { secretKey: 'k' }
    const aged = (minutes: number) => signed({ hmac }, { atMs: nowMs - minutes * 60_000 })
    expect(check({ hmac }, aged(5))).toBeNull()
    expect(check({ hmac }, aged(-5))).toBeNull()
    expect(check({ hmac }, aged(12))).toMatch(/12 min old, more than 5 min/)
    expect(check({ hmac }, aged(-12))).toMatch(/12 min in the future/)
    const options = { nowMs, toleranceMs: 3_600_000 }
    expect(verifyRequest(aged(12), { hmac }, options)).toBeNull()
    expect(verifyRequest(aged(1e6), { hmac }, { nowMs: null })).toBeNull()
    expect(verifyRequest(aged(1e6), { hmac }, { nowMs, toleranceMs: Number.POSITIVE_INFINITY })).toBeNull()
  })

  it('takes timestamps in milliseconds too', () => {
    const value = String(nowMs)
    const signature = createHmac('sha256', 'k').update(`${value}.`).update(body).digest('hex')
    const request = { ...signed({}), rawHeaders: ['x-timestamp', value, 'x-signature', signature] }
    expect(check({ hmac: { secretKey: 'k' } }, request)).toBeNull()
  })

  it('takes one of several signatures, as Svix sends them', () => {
    const hmac: HmacPlan = {
      secretKey: Buffer.from('key').toString('base64'),
      secretIsBase64: true,
      signatureHeader: 'svix-signature',
      timestampHeader: 'svix-timestamp',
      messageIdHeader: 'svix-id',
      signaturePrefix: 'v1,',
      signatureEncoding: 'base64',
      payloadFormat: '{svix-id}.{timestamp}.{body}',
    }
    const request = withHeader(signed({ hmac }), 'svix-signature', value => `v1,b2xk ${value} v2,eA==`)
    expect(check({ hmac }, request)).toBeNull()
    const { messageIdHeader: _header, ...withoutHeader } = hmac
    expect(check({ hmac: withoutHeader }, request)).toBeNull()
  })

  it('names the header that is missing, and those that may be meant', () => {
    const hmac = { secretKey: 'k' }
    const request = signed({ hmac: { ...hmac, signatureHeader: 'X-Other-Signature' } })
    expect(check({ hmac }, request)).toBe(
      'the header x-signature is missing (there is X-Other-Signature, x-timestamp)',
    )
    const untimed = signed({ hmac: { ...hmac, includeTimestamp: false } })
    expect(check({ hmac }, untimed)).toMatch(/the header x-timestamp is missing/)
  })

  it('signs a URL that a tunnel has rewritten', () => {
    const hmac = { secretKey: 'k', payloadFormat: '{url}{body}' }
    const request = signed({ hmac })
    const behind = withHeader(request, 'host', () => 'localhost:4242')
    expect(check({ hmac }, behind)).toMatch(/differs/)
    expect(
      check(
        { hmac },
        { ...behind, rawHeaders: [...behind.rawHeaders, 'X-Forwarded-Host', 'hooks.example.com'] },
      ),
    ).toBeNull()
    expect(verifyRequest(behind, { hmac }, { nowMs, url })).toBeNull()
  })

  it('takes the form of old pages where its own header is absent', () => {
    const digest = createHmac('sha256', 'k').update(body).digest('hex')
    const old = (value: string) => ({ ...signed({}), rawHeaders: ['x-vapi-signature', value] })
    const hmac = { secretKey: 'k' }
    expect(check({ hmac }, old(`sha256=${digest}`))).toBeNull()
    expect(check({ hmac }, old(digest.toUpperCase()))).toBeNull()
    expect(check({ hmac }, old('sha256=00'))).toMatch(/x-signature is missing/)
    expect(check({ secret: 'k' }, old(`sha256=${digest}`))).toBeNull()
    expect(check({ secret: 'k' }, old('k'))).toBeNull()
    expect(check({ secret: 'other' }, old('k'))).toMatch(/another secret/)
  })
})

describe('secrets and tokens', () => {
  it('hold or not', () => {
    expect(check({ secret: 's' }, signed({ secret: 's' }))).toBeNull()
    expect(check({ secret: 's' }, signed({ secret: 'S' }))).toBe('X-Vapi-Secret has another secret')
    expect(check({ secret: 's' }, signed({}))).toBe('the header X-Vapi-Secret is missing')
    const bearer = { token: 't' }
    expect(check({ bearer }, signed({ bearer }))).toBeNull()
    expect(check({ bearer }, signed({ bearer: { token: 'u' } }))).toBe('Authorization has another token')
    expect(check({ bearer }, signed({ bearer: { token: 't', bearerPrefixEnabled: false } }))).toBe(
      'Authorization does not begin with Bearer',
    )
    const own = { token: 't', headerName: 'X-Key', bearerPrefixEnabled: false }
    expect(check({ bearer: own }, signed({ bearer: own }))).toBeNull()
  })

  it('must all hold where several are expected', () => {
    const auth = { secret: 's', bearer: { token: 't' }, hmac: { secretKey: 'k' } }
    expect(check(auth, signed(auth))).toBeNull()
    for (const { left, words } of [
      { left: 'secret', words: 'X-Vapi-Secret' },
      { left: 'bearer', words: 'Authorization' },
      { left: 'hmac', words: 'x-signature' },
    ]) {
      const { [left as 'secret']: _gone, ...rest } = auth
      expect(check(auth, signed(rest as ServerAuth))).toContain(words)
    }
  })

  it.each([
    [{}],
    [{ secret: '' }],
    [{ hmac: { secretKey: '' } }],
    [{ hmac: { secretKey: 'k', payloadFormat: '{when}.{body}' } }],
    [{ hmac: { secretKey: 'k', payloadFormat: '{timestamp}' } }],
    [{ hmac: { secretKey: 'k', payloadFormat: '{timestamp}.{body}', includeTimestamp: false } }],
  ])('that verify nothing are refused: %j', auth => {
    expect(() => requireVerifiable(auth)).toThrow(expect.objectContaining({ exit: 2 }))
  })
})

it('verifies what the program itself sends, over a real connection, of any bytes', async () => {
  const auth = {
    secret: 's',
    bearer: { token: 't' },
    hmac: { secretKey: 'k', payloadFormat: '{method}.{url}.{timestamp}.{body}' },
  }
  const verdicts: (string | null)[] = []
  const { port } = await startTarget((incoming, reply, content) => {
    const { method = '', url: requested = '', rawHeaders } = incoming
    const received = { method, requested, rawHeaders, body: content }
    verdicts.push(verifyRequest(received, auth, { nowMs: Date.now() }))
    reply.end('{}')
  })
  const http = createHttpClient()
  onTestFinished(() => http.close())
  for (const [path, content] of [
    ['', Buffer.from([0xff, 0, 0x80])],
    ['/hook?x=%C3%A4', 'text'],
  ] as const)
    await deliver(http, {
      url: `http://127.0.0.1:${port}${path}`,
      headers: {},
      auth,
      body: content,
      timeoutMs: 5000,
      nowMs: Date.now(),
      messageId: 'm',
      signal: new AbortController().signal,
    })
  expect(verdicts).toEqual([null, null])
})

describe('listen verify', () => {
  const hmac = { secretKey: 'k' }

  async function verify(args: string[], cwd: string) {
    const { exit, stdout, stderr, error } = await runCommand(listenVerify, [...args, '--json'], {
      baseUrl: 'http://localhost:1',
      cwd,
    }).finished
    return { exit, stderr, error, rows: stdout === '' ? [] : JSON.parse(stdout) }
  }

  function rawFile(cwd: string, request: ReceivedRequest): string {
    const headers = [...request.rawHeaders, 'Content-Length', String(request.body.length)]
    const lines = headers.flatMap((value, place) =>
      place % 2 === 1 ? [`${headers[place - 1]}: ${value}`] : [],
    )
    const head = Buffer.from(
      `${request.method} ${request.requested} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
    )
    const path = join(cwd, 'request.http')
    writeFileSync(path, Buffer.concat([head, request.body]))
    return path
  }

  it('checks a raw request in a file, and gives 3 where it does not verify', async () => {
    const cwd = temporaryFolder()
    const content = Buffer.from([0xff, 0x0a, 0x0d, 0x0a, 0x0d, 0x0a, 0x80])
    const path = rawFile(cwd, signed({ hmac }, { body: content }))
    const good = await verify([path, '--hmac-secret', 'k'], cwd)
    expect(good).toMatchObject({ exit: 0, rows: [{ verified: true, reason: null }] })
    expect(good.stderr).toContain('the age of a signature is not checked')
    const bad = await verify([path, '--hmac-secret', 'other'], cwd)
    expect(bad).toMatchObject({ exit: 3, rows: [{ verified: false }] })
    expect(bad.rows[0].reason).toContain('x-signature')
    writeFileSync(join(cwd, 'plan.json'), JSON.stringify({ type: 'hmac', algorithm: 'sha512' }))
    expect(
      (await verify([path, '--hmac-secret', 'k', '--hmac-plan', 'plan.json'], cwd)).rows[0].reason,
    ).toContain('algorithm sha256')
  })

  it('checks an event of the journal by the time at which it came, and its exported line', async () => {
    const cwd = temporaryFolder()
    const journal = await openJournal(journalFolder(cwd), { pathMode: 'append', warn: () => {} })
    const receivedMs = Date.UTC(2024, 0, 1)
    const request = signed({ hmac }, { atMs: receivedMs })
    const head = readMessageHead(body, true)
    if (head === null || head === 'malformed') throw new Error('no head')
    journal.event({ id: 'abcd1234-000007', receivedMs, head, malformed: false, ...request }, [
      'http://localhost/',
    ])
    await journal.close()
    expect(await verify(['7', '--hmac-secret', 'k'], cwd)).toMatchObject({
      exit: 0,
      rows: [{ id: 'abcd1234-000007', event: 'hang', verified: true }],
    })
    expect((await verify(['7', '--hmac-secret', 'no'], cwd)).exit).toBe(3)
    expect((await verify(['99', '--hmac-secret', 'k'], cwd)).exit).toBe(5)
  })

  it('says of an export without secrets that they are not there', async () => {
    const cwd = temporaryFolder()
    const line = {
      ...{ type: 'event', id: 'e-1', at: '2026-01-05T09:00:00.000Z', method: 'POST', path: '/' },
      headers: ['x-vapi-secret', '***'],
      text: '{}',
    }
    writeFileSync(join(cwd, 'events.jsonl'), `${JSON.stringify(line)}\n`)
    const { exit, rows } = await verify(['events.jsonl', '--secret', 's'], cwd)
    expect(exit).toBe(3)
    expect(rows[0].reason).toContain('--with-secrets')
  })

  it('says what is gone where the secret that came is not kept any more, if it matters', async () => {
    const cwd = temporaryFolder()
    const journal = await openJournal(journalFolder(cwd), { pathMode: 'append', warn: () => {} })
    const receivedMs = Date.now()
    const request = signed({ secret: 's', hmac }, { atMs: receivedMs })
    const head = readMessageHead(body, true)
    if (head === null || head === 'malformed') throw new Error('no head')
    journal.event({ id: 'abcd1234-000007', receivedMs, head, malformed: false, ...request }, [
      'http://localhost/',
    ])
    journal.close()
    const folder = journalFolder(cwd)
    for (const name of readdirSync(folder)) if (name.startsWith('secrets-')) rmSync(join(folder, name))
    const { exit, rows } = await verify(['7', '--secret', 's'], cwd)
    expect(exit).toBe(3)
    expect(rows[0].reason).toMatch(/cannot be checked.*X-Vapi-Secret is not kept any more/i)
    expect(rows[0].reason).not.toContain('export')
    expect(await verify(['7', '--hmac', 'k'], cwd)).toMatchObject({ exit: 0, rows: [{ verified: true }] })
    expect((await verify(['7', '--hmac', 'x'], cwd)).rows[0].reason).toContain('differs')
  })

  it.each([
    [['request.http']],
    [['nothing.http', '--secret', 's']],
    [['broken.http', '--secret', 's']],
    [['request.http', '--hmac-plan', 'plan.json']],
    [['request.http', '--secret', '']],
  ])('%j is wrong usage', async args => {
    const cwd = temporaryFolder()
    rawFile(cwd, signed({}))
    writeFileSync(join(cwd, 'broken.http'), 'hello')
    writeFileSync(join(cwd, 'plan.json'), '{}')
    const { exit, error } = await verify(args, cwd)
    expect(exit).toBe(2)
    expect(error?.message).not.toBe('')
  })
})

describe('raw requests', () => {
  it('follow each other, with line ends of either kind', () => {
    const text = 'POST /a HTTP/1.1\nHost: x\nContent-Length: 2\n\nhiPOST /b HTTP/1.1\r\nX: 1\r\n\r\nrest'
    expect(parseRawRequests(Buffer.from(text), 'f')).toEqual([
      {
        method: 'POST',
        requested: '/a',
        rawHeaders: ['Host', 'x', 'Content-Length', '2'],
        body: Buffer.from('hi'),
      },
      { method: 'POST', requested: '/b', rawHeaders: ['X', '1'], body: Buffer.from('rest') },
    ])
  })

  it.each([
    'POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhi',
    'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x',
    'POST / HTTP/1.1\r\nnonsense\r\n\r\n',
  ])('that are not whole are refused: %j', text => {
    expect(() => parseRawRequests(Buffer.from(text), 'f')).toThrow(expect.objectContaining({ exit: 2 }))
  })
})
