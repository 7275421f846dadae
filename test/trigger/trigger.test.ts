import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findRunningListener } from '../../src/listen/running.ts'
import { verifyRequest } from '../../src/listen/verify.ts'
import { serverMessageTypes } from '../../src/messages/events.ts'
import { sampleTypes } from '../../src/messages/samples.ts'
import type { HmacPlan } from '../../src/messages/sign.ts'
import { finishCommand, goodReply, startHook } from '../support/hook.ts'
import { createMessageCheck } from '../support/messages.ts'
import { documentAbsent, loadOpenApiDocument } from '../support/openapi/document.ts'
import { temporaryFolder } from '../support/program.ts'
import { requires } from '../support/requires.ts'

const document = loadOpenApiDocument()

/** What differs from the document on purpose, as test/messages/samples.test.ts says. */
const ON_PURPOSE = [
  /^(phoneNumber|assistant)\.property (id|orgId|createdAt|updatedAt|number|status) should not exist/,
  /^chat\.(input|messages)\.0\.role must be/,
]

const trigger = (argv: readonly string[], cwd?: string) => finishCommand('trigger', argv, cwd)

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

describe('trigger', () => {
  it(`sends every documented type, complete and valid, and is content with the right replies${document === false ? ` (not validated: ${documentAbsent})` : ''}`, async () => {
    const hook = await startHook()
    const ids = new Set<string>()
    const check = document === false ? () => [] : createMessageCheck(document)
    for (const type of sampleTypes) {
      const name = type
      const { exit, stdout, error } = await trigger([name, '--to', `${hook.port}/hook`, '--json'])
      expect({ type, exit, error }).toEqual({ type, exit: 0, error: null })
      expect(JSON.parse(stdout)).toMatchObject({ status: 200, sent: type, findings: [] })
      const { message, url, headers } = hook.taken.at(-1) ?? {}
      expect(url).toBe('/hook')
      expect(headers?.['content-type']).toBe('application/json')
      expect(message.type).toBe(type)
      const faults = check(message, 'ServerMessage').filter(
        fault => !ON_PURPOSE.some(known => known.test(fault)),
      )
      expect({ type, faults }).toEqual({ type, faults: [] })
      if (message.call !== undefined) ids.add(message.call.id)
    }
    const ofCalls = hook.taken.filter(({ message }) => message.call !== undefined)
    expect(ids.size, 'each is of a call of its own').toBe(ofCalls.length)
  })

  it.each(sampleTypes.filter(type => serverMessageTypes.find(each => each.type === type)?.reply !== null))(
    'gives 3 where the reply to %s is wrong, and says how it should be',
    async type => {
      const hook = await startHook(() => ({ wrong: true }))
      const { exit, stdout } = await trigger([type, '--to', String(hook.port)])
      expect(exit).toBe(3)
      expect(stdout).toMatch(/error: .*; /)
      expect(stdout).toContain('reply: ')
    },
  )

  it('prints status, time, reply and its check', async () => {
    const hook = await startHook()
    const { stdout } = await trigger(['tool-calls', '--to', String(hook.port)])
    expect(stdout).toMatch(
      /^POST http:\/\/localhost:\d+\/: tool-calls\n200 OK in \d+ ms \(limit 20 s\)\ncallId: [\w-]{36}\nreply: \{"results":.*\nok\n$/,
    )
  })

  it('takes fields from a file and from --set, the latter last', async () => {
    const hook = await startHook()
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'fields.yaml'), 'status: ended\nendedReason: silence-timed-out\nextra: {a: 1}\n')
    const set = [
      'endedReason=customer-busy',
      'message.call.customer.number=+15551234567',
      'extra.b=[2]',
      'call.id=0123',
    ]
    const { exit } = await trigger(
      [
        'status-update',
        '--to',
        String(hook.port),
        '--file',
        'fields.yaml',
        ...set.flatMap(text => ['--set', text]),
      ],
      cwd,
    )
    expect(exit).toBe(0)
    expect(hook.taken[0]?.message).toMatchObject({
      type: 'status-update',
      status: 'ended',
      endedReason: 'customer-busy',
      extra: { a: 1, b: [2] },
      call: { id: '0123', customer: { number: '+15551234567', name: 'Ann Example' } },
    })
  })

  it('sends a whole message of a file, whose type says what it is, also one without documented fields', async () => {
    const hook = await startHook()
    const cwd = temporaryFolder()
    const write = (message: object) => writeFileSync(join(cwd, 'm.json'), JSON.stringify({ message }))
    write({ type: 'hang', call: { id: 'c1' } })
    await trigger(['--file', 'm.json', '--to', String(hook.port)], cwd)
    expect(hook.taken[0]?.message).toMatchObject({ type: 'hang', call: { id: 'c1' } })
    write({ type: 'function-call', functionCall: { name: 'f', parameters: {} } })
    const { exit } = await trigger(['--file', 'm.json', '--to', String(hook.port)], cwd)
    expect(exit).toBe(0)
    expect(hook.taken[1]?.message).toMatchObject({
      type: 'function-call',
      functionCall: { name: 'f' },
      assistant: { name: 'Riverside Reception' },
    })
  })

  it('sets the call’s id wherever it stands', async () => {
    const hook = await startHook()
    await trigger(['hang', '--to', String(hook.port), '--call-id', 'my-call'])
    const { call } = hook.taken[0]?.message ?? {}
    expect(call.id).toBe('my-call')
    expect(call.monitor.controlUrl).toContain('my-call')
  })

  it('understands the names of older pages as the real events, with a note', async () => {
    const hook = await startHook()
    const { exit, stderr } = await trigger(['call-ended', '--to', String(hook.port)])
    expect(exit).toBe(0)
    expect(stderr).toContain('the platform sends no call-ended')
    expect(hook.taken[0]?.message).toMatchObject({ type: 'status-update', status: 'ended' })
    await trigger(['call-started', '--to', String(hook.port)])
    expect(hook.taken[1]?.message).toMatchObject({ type: 'status-update', status: 'in-progress' })
  })

  it('proves who it is in every way', async () => {
    const hook = await startHook()
    const cwd = temporaryFolder()
    const plan: Omit<HmacPlan, 'secretKey'> = {
      algorithm: 'sha512',
      signatureEncoding: 'base64',
      payloadFormat: '{method}.{timestamp}.{body}',
    }
    writeFileSync(join(cwd, 'plan.json'), JSON.stringify({ authenticationPlan: { type: 'hmac', ...plan } }))
    writeFileSync(join(cwd, 'key.txt'), 'k\n')
    const { stdout, stderr } = await trigger(
      [
        ...['hang', '--to', String(hook.port), '--secret', 's3cret', '--bearer', 't0ken'],
        ...['--hmac', '@key.txt', '--hmac-plan', 'plan.json', '--debug'],
      ],
      cwd,
    )
    const { headers, body, method = '', url: requested = '' } = hook.taken[0] ?? {}
    const rawHeaders = Object.entries(headers ?? {}).flatMap(([name, value]) => [name, String(value)])
    const request = { method, requested, rawHeaders, body: body ?? Buffer.alloc(0) }
    const auth = { secret: 's3cret', bearer: { token: 't0ken' }, hmac: { secretKey: 'k', ...plan } }
    expect(verifyRequest(request, auth, { nowMs: Date.now() })).toBeNull()
    expect(stdout + stderr).not.toMatch(/s3cret|t0ken/)
  })

  it('finds the listener that runs in the folder', async () => {
    const hook = await startHook()
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, '.vapi', 'listen'), { recursive: true })
    const entry = (pid: number) =>
      writeFileSync(
        join(cwd, '.vapi', 'listen', 'listener.json'),
        JSON.stringify({ pid, url: `http://127.0.0.1:${hook.port}`, startedMs: 0 }),
      )
    entry(process.pid)
    expect((await trigger(['hang'], cwd)).exit).toBe(0)
    expect(hook.taken).toHaveLength(1)
  })

  it('says what to start where no listener runs', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, '.vapi', 'listen'), { recursive: true })
    const path = join(cwd, '.vapi', 'listen', 'listener.json')
    const url = `http://127.0.0.1:${await freePort()}`
    writeFileSync(path, JSON.stringify({ pid: process.pid, url, startedMs: 0 }))
    const { exit, error } = await trigger(['hang'], cwd)
    expect({ exit, code: error?.code }).toEqual({ exit: 1, code: 'no-listener' })
    expect(error?.hint).toMatch(/vapi listen --forward-to .* --to/)
    const ended = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(path, JSON.stringify({ pid: ended, url, startedMs: 0 }))
    expect(await findRunningListener(cwd)).toBeNull()
    writeFileSync(path, '{"pid":')
    expect(await findRunningListener(cwd)).toBeNull()
  })

  it('gives 1 where the target fails or is not there', async () => {
    const hook = await startHook(() => 500)
    const failed = await trigger(['hang', '--to', String(hook.port)])
    expect(failed.exit).toBe(1)
    expect(failed.stdout).toContain('500 Internal Server Error')
    const gone = await trigger(['hang', '--to', String(await freePort())])
    expect(gone).toMatchObject({ exit: 1, error: { code: 'connection-refused' } })
    const late = await startHook(() => Buffer.alloc(0))
    await late.close()
    expect((await trigger(['hang', '--to', String(late.port)])).exit).toBe(1)
  })

  it.each([
    [['tool-cals']],
    [[]],
    [['hang', '--to', 'ftp://x']],
    [['hang', '--rate', '5']],
    [['hang', '--concurrency', '5']],
    [['hang', '--count', '1.5']],
    [['hang', '--count', '2', '--concurrency', '5000']],
    [['chat.created', '--call-id', 'x']],
    [['assistant.started']],
    [['status-*']],
    [['hang', '--set', 'nothing']],
    [['hang', '--secret', '']],
    [['hang', '--hmac-plan', 'x.json']],
    [['hang', '--file', 'other.json']],
    [['hang', '-o', 'tsv']],
  ])('%j is wrong usage, and nothing is sent', async argv => {
    const hook = await startHook()
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'other.json'), '{"type":"transcript"}')
    const to = argv.includes('--to') ? [] : ['--to', String(hook.port)]
    const { exit, error } = await trigger([...argv, ...to], cwd)
    expect({ exit, code: error?.code }).toEqual({ exit: 2, code: 'usage' })
    expect(hook.taken).toEqual([])
  })

  it('names what is near a mistyped event', async () => {
    const { error } = await trigger(['end-of-call', '--to', '1'])
    expect(error?.hint).toContain('end-of-call-report')
  })
})

describe('trigger --list', () => {
  it('shows all events that can be sent, which reply they need and in what time, as trigger list does', async () => {
    const [flag, words] = await Promise.all([trigger(['--list']), finishCommand('trigger list', [])])
    expect(flag.stdout).toBe(words.stdout)
    const lines = flag.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(sampleTypes.length)
    expect(lines.find(line => line.startsWith('assistant-request'))).toMatch(/assistantId.*7\.5 s$/)
    expect(lines.find(line => line.startsWith('hang\t'))).toMatch(/\t-\t-$/)
    const { stdout } = await trigger(['--list', '--json'])
    expect(JSON.parse(stdout)).toHaveLength(sampleTypes.length)
  })
})

describe('trigger --count', () => {
  const many = async (argv: string[]) => {
    const { exit, stdout } = await trigger([...argv, '--json'])
    return { exit, ...JSON.parse(stdout) }
  }

  it('sends so many, each of another call, and sums up', async () => {
    const hook = await startHook()
    const { exit, summary } = await many([
      'tool-calls',
      '--to',
      String(hook.port),
      '--count',
      '50',
      '--concurrency',
      '8',
    ])
    expect(exit).toBe(0)
    expect(summary).toMatchObject({ sent: 50, failed: 0, wrong: 0, failures: {}, findings: {} })
    const { medianMs, p95Ms, p99Ms, maximumMs } = summary
    expect([medianMs, p95Ms, p99Ms, maximumMs]).toEqual(
      [medianMs, p95Ms, p99Ms, maximumMs].toSorted((a, b) => a - b),
    )
    expect(new Set(hook.taken.map(({ message }) => message.call.id)).size).toBe(50)
    expect(new Set(hook.taken.map(({ message }) => message.toolCallList[0].id)).size).toBe(50)
  })

  it('gives 3 for wrong replies and 1 for failures, and counts the reasons', async () => {
    const wrong = await startHook(({ message }, place) => (place % 2 === 0 ? {} : goodReply(message)))
    const first = await many(['tool-calls', '--to', String(wrong.port), '--count', '10'])
    expect(first).toMatchObject({ exit: 3, summary: { sent: 10, failed: 0, wrong: 5 } })
    expect(first.summary.findings).toEqual({ 'results: it is missing': 5 })
    const failing = await startHook((_, place) => (place < 4 ? 503 : {}))
    expect(await many(['hang', '--to', String(failing.port), '--count', '10'])).toMatchObject({
      exit: 1,
      summary: { sent: 10, failed: 4, failures: { '503': 4 } },
    })
    const gone = await many(['hang', '--to', String(await freePort()), '--count', '3'])
    expect(gone).toMatchObject({
      exit: 1,
      summary: { failed: 3, failures: { 'connection-refused': 3 }, medianMs: null },
    })
  })

  it('says it in words', async () => {
    const hook = await startHook(() => 503)
    const { stdout } = await trigger(['hang', '--to', String(hook.port), '--count', '4', '--rate', '200'])
    expect(stdout).toMatch(/4 of 4 hang\n4 in \d/)
    expect(stdout).toMatch(/median [\d.]+ ms, 95 % within [\d.]+ ms, 99 % within/)
    expect(stdout).toContain('failed 4: 503 (4)')
  })
})

describe('where trigger sends to', () => {
  it.each([['trigger'], ['trigger call']])('an empty --call-id is none: %s', async name => {
    const hook = await startHook()
    const what = name === 'trigger' ? ['hang'] : ['--fast']
    const { exit, error } = await finishCommand(name, [...what, '--to', String(hook.port), '--call-id', ''])
    expect(exit).toBe(2)
    expect(error?.message).toContain('--call-id is empty')
    expect(hook.taken).toHaveLength(0)
  })

  it('a path alone is one of localhost:3000, and that is said', async () => {
    const { stderr, error } = await trigger(['hang', '--to', '/no/such/hook?token=s3cret'])
    expect(stderr).toContain('is taken as http://localhost:3000/no/such/hook?token=***')
    expect(`${stderr}${error?.message}`).not.toContain('s3cret')
  })

  it('a listener that leaves the event out is no server: trigger says so, a whole call counts it', async () => {
    const reason = 'the listener’s --events or --call-id leave it out'
    const hook = await startHook(({ message }) =>
      message.type === 'tool-calls' ? goodReply(message) : { ignored: reason },
    )
    const one = await trigger(['hang', '--to', String(hook.port), '--json'])
    expect(one.exit).toBe(3)
    expect(JSON.parse(one.stdout).findings).toEqual([
      expect.objectContaining({ level: 'error', message: `no server got it: ${reason}` }),
    ])
    const call = await finishCommand('trigger call', ['--fast', '--to', String(hook.port), '--json'])
    expect(call.exit).toBe(0)
    const summary = JSON.parse(call.stdout.trim().split('\n').at(-1) ?? '')
    expect(summary).toMatchObject({ type: 'summary', failed: 0, wrong: 0 })
    expect(summary.leftOut).toBe(
      summary.sent - hook.taken.filter(each => each.message.type === 'tool-calls').length,
    )
  })

  const missing = requires('openssl')
  it.skipIf(missing)(
    `a server with a certificate of its own is refused, and taken with --ca or --skip-verify ${missing || ''}`,
    async () => {
      const cwd = temporaryFolder()
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
      const files = ['-keyout', join(cwd, 'key.pem'), '-out', join(cwd, 'cert.pem')]
      spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject])
      const [key, cert] = ['key.pem', 'cert.pem'].map(name => readFileSync(join(cwd, name)))
      const server = createTlsServer({ key, cert }, (_request, reply) => reply.end('{}'))
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      const { port } = server.address() as { port: number }
      const to = ['--to', `https://localhost:${port}/hook`]
      const refused = await trigger(['hang', ...to], cwd)
      expect(refused.exit).toBe(1)
      expect(refused.error?.hint).toContain('--ca FILE')
      for (const trust of [['--ca', 'cert.pem'], ['--skip-verify']]) {
        expect((await trigger(['hang', ...to, ...trust], cwd)).exit).toBe(0)
        const call = await finishCommand('trigger call', ['--fast', ...to, ...trust], cwd)
        expect(call.exit).toBe(3)
        expect(call.stdout).not.toContain('certificate')
      }
      expect((await trigger(['hang', ...to, '--ca', 'nothing.pem'], cwd)).exit).toBe(2)
    },
  )
})
