import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logsCalls, logsErrors, logsList, logsWebhooks } from '../../src/commands/logs.ts'
import { type ApiServer, apiError, startApiServer } from '../support/api-server.ts'
import { jsonReply } from '../support/fake-openai.ts'
import { jsonLines } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'

let api: ApiServer
beforeEach(async () => {
  api = await startApiServer()
})
afterEach(() => api.close())

const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 0, 5, 9, minute, second)).toISOString()

/** Calls of the server, newest first; each with its log lines, or without a log. */
function serveCalls(...calls: { call: Record<string, unknown>; log?: object[]; inflated?: boolean }[]): void {
  const rows = calls.map(({ call }) => call)
  api.on('GET /call', request => {
    const query = new URL(request.path, 'http://x').searchParams
    const before = query.get('createdAtLt') ?? '9'
    const notAfter = query.get('createdAtLe') ?? '9'
    return jsonReply(
      rows
        .filter(({ createdAt }) => String(createdAt) < before && String(createdAt) <= notAfter)
        .slice(0, Number(query.get('limit') ?? 100)),
    )
  })
  for (const { call, log, inflated } of calls) {
    api.on(`GET /call/${call.id}`, () => jsonReply(call))
    if (log === undefined) continue
    const text = Buffer.from(log.map(line => `${JSON.stringify(line)}\n`).join(''))
    api.on(`GET /call/${call.id}/call-logs`, () => ({ steps: [inflated === true ? text : gzipSync(text)] }))
  }
}

const fine = {
  id: 'fine',
  status: 'ended',
  type: 'outboundPhoneCall',
  assistantId: 'a1',
  customer: { number: '+15551234567' },
  createdAt: at(0),
  startedAt: at(1),
  endedAt: at(3),
  endedReason: 'customer-ended-call',
  artifact: {
    messages: [
      { role: 'system', message: 'Be kind', time: Date.parse(at(1)) },
      { role: 'bot', message: 'Hello', time: Date.parse(at(1, 1)) },
      { role: 'user', message: 'Hi', time: Date.parse(at(1, 2)) },
    ],
  },
  futureField: { kept: true },
}
const broken = {
  id: 'broken',
  status: 'ended',
  type: 'webCall',
  assistantId: 'a2',
  createdAt: at(5),
  startedAt: at(6),
  endedAt: at(7),
  endedReason: 'call.in-progress.error-vapifault-openai-llm-failed',
}
const fineLog = [
  { time: at(1, 1), level: 'info', message: 'turn begins' },
  { time: at(1, 3), level: 'error', message: 'webhook delivery failed: 500' },
]
const brokenLog = [
  { time: at(6, 30), level: 'info', message: 'asking the model' },
  { time: at(6, 40), level: 'error', message: 'the model gave up' },
]
const rows = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t'))
const texts = (stdout: string) => rows(stdout).map(cells => cells.at(-1))

describe('logs without a log of the server', () => {
  beforeEach(() => serveCalls({ call: broken, log: brokenLog }, { call: fine, log: fineLog, inflated: true }))

  it('list joins calls and their logs in order of time, and says once what is missing', async () => {
    const { stdout, stderr, exit } = await runCommand(logsList, [], { baseUrl: api.url }).finished
    expect(exit).toBe(0)
    const times = rows(stdout).map(([time]) => time ?? '')
    expect(times).toEqual([...times].sort())
    expect(texts(stdout)).toEqual([
      'created: outboundPhoneCall with +15551234567',
      'started',
      'turn begins',
      'webhook delivery failed: 500',
      'ended: customer-ended-call: the customer hung up',
      'created: webCall',
      'started',
      'asking the model',
      'the model gave up',
      expect.stringMatching(/^ended: call\.in-progress\.error-vapifault-openai-llm-failed: .*\(next: .*\)$/),
    ])
    expect(stderr.match(/no log of its own/g)).toHaveLength(1)
  })

  it('calls ID shows its log and its conversation', async () => {
    const { stdout } = await runCommand(logsCalls, ['fine'], { baseUrl: api.url }).finished
    expect(texts(stdout)).toEqual([
      'created: outboundPhoneCall with +15551234567',
      'started',
      'assistant: Hello',
      'turn begins',
      'customer: Hi',
      'webhook delivery failed: 500',
      'ended: customer-ended-call: the customer hung up',
    ])
    expect(rows(stdout)[0]).toHaveLength(4)
  })

  it('calls shows how calls went, without reading their logs', async () => {
    await runCommand(logsCalls, [], { baseUrl: api.url }).finished
    expect(api.requests.map(({ path }) => path)).toEqual(['/logs', '/call'])
  })

  it('errors shows faults with their reason, and lines of errors, and nothing of calls that went well', async () => {
    const { stdout } = await runCommand(logsErrors, [], { baseUrl: api.url }).finished
    expect(texts(stdout)).toEqual(['the model gave up', expect.stringMatching(/^ended: .*openai/)])
  })

  it('webhooks finds deliveries in the logs of calls', async () => {
    const { stdout } = await runCommand(logsWebhooks, [], { baseUrl: api.url }).finished
    expect(texts(stdout)).toEqual(['webhook delivery failed: 500'])
  })

  it.each<[string[], string[]]>([
    [['--level', 'error', '--type', 'log'], ['the model gave up']],
    [
      ['--call', 'broken', '--type', 'log'],
      ['asking the model', 'the model gave up'],
    ],
    [['--assistant', '00000000-0000-4000-8000-000000000000'], []],
    [['--since', at(7)], ['ended:']],
    [['--until', at(0)], ['created: outboundPhoneCall with +15551234567']],
    [['--limit', '1'], ['ended:']],
  ])('list %j shows %j', async (words, expected) => {
    const { stdout, exit } = await runCommand(logsList, words, { baseUrl: api.url }).finished
    expect(exit).toBe(0)
    const found = stdout === '' ? [] : texts(stdout)
    expect(found.map(text => (text?.startsWith('ended:') ? 'ended:' : text))).toEqual(expected)
  })

  it('prints entries with everything that the API sent as JSON', async () => {
    const { stdout } = await runCommand(logsCalls, ['fine', '--json', '--type', 'call'], { baseUrl: api.url })
      .finished
    expect(JSON.parse(stdout).at(-1)).toMatchObject({
      time: at(3).replace('.000Z', '.000Z'),
      level: 'info',
      type: 'call',
      callId: 'fine',
      assistantId: 'a1',
      source: 'calls',
      data: { futureField: { kept: true } },
    })
  })

  it('says what was left out', async () => {
    const { stderr } = await runCommand(logsList, ['--limit', '2'], { baseUrl: api.url }).finished
    expect(stderr).toContain('older entries are left out (--limit 2)')
  })

  it('goes on where the log of one call is broken, and says so', async () => {
    api.on('GET /call/broken/call-logs', () => ({
      steps: [gzipSync(JSON.stringify(brokenLog)).subarray(0, 30)],
    }))
    const { stdout, stderr, exit } = await runCommand(logsList, [], { baseUrl: api.url }).finished
    expect(exit).toBe(0)
    expect(stderr).toContain('the log of call broken could not be read')
    expect(texts(stdout)).toContain('turn begins')
  })

  it('says when there is nothing', async () => {
    serveCalls({ call: fine })
    api.on('GET /call/fine/call-logs', () => apiError(404, 'Not Found'))
    expect((await runCommand(logsErrors, [], { baseUrl: api.url }).finished).stderr).toContain(
      'no call ended by a fault',
    )
    expect((await runCommand(logsWebhooks, [], { baseUrl: api.url }).finished).stderr).toContain(
      'no delivery is known',
    )
    expect((await runCommand(logsCalls, ['fine'], { baseUrl: api.url }).finished).stderr).toContain(
      'call fine has no log',
    )
  })

  it.each([
    [['--since', 'soon']],
    [['--follow', '--until', '2h']],
    [['--all', '--limit', '3']],
    [['--interval', '3']],
    [['--since', '1h', '--until', '2h']],
    [['--follow', '--output', 'yaml']],
    [['--level', 'loud']],
    [['--limit', '0']],
  ])('%j is a usage error', async words => {
    expect(await runCommand(logsList, words, { baseUrl: api.url }).finished).toMatchObject({ exit: 2 })
  })

  it('of a call that is not there ends with 5', async () => {
    expect(await runCommand(logsCalls, ['none'], { baseUrl: api.url }).finished).toMatchObject({ exit: 5 })
  })
})

describe('logs with a log of the server', () => {
  const deliveries = [
    {
      time: at(2),
      type: 'Webhook',
      webhookType: 'end-of-call-report',
      requestHttpMethod: 'POST',
      requestUrl: 'https://x.example/h',
      responseHttpCode: '500',
      requestDurationSeconds: 0.25,
      callId: 'fine',
    },
    {
      time: at(1),
      type: 'Webhook',
      webhookType: 'status-update',
      requestHttpMethod: 'POST',
      requestUrl: 'https://x.example/h',
      responseHttpCode: '200',
      callId: 'fine',
    },
  ]
  const requests = [
    {
      time: at(4),
      type: 'API',
      requestHttpMethod: 'GET',
      requestPath: '/assistant',
      responseHttpCode: '404',
    },
  ]
  beforeEach(() => {
    serveCalls({ call: fine, log: fineLog })
    api.on('GET /logs', request => {
      const type = new URL(request.path, 'http://x').searchParams.get('type')
      const results = [...requests, ...deliveries].filter(row => type === null || row.type === type)
      return jsonReply({ results, metadata: { totalItems: results.length } })
    })
  })

  it('webhooks shows its deliveries and asks for nothing else', async () => {
    const { stdout, stderr } = await runCommand(logsWebhooks, [], { baseUrl: api.url }).finished
    expect(texts(stdout)).toEqual([
      'status-update POST https://x.example/h → 200',
      'end-of-call-report POST https://x.example/h → 500 250 ms',
    ])
    expect(rows(stdout).map(([, level]) => level)).toEqual(['info', 'error'])
    expect(api.requests.map(({ path }) => path)).toEqual(['/logs'])
    expect(api.requests[0]?.query).toMatchObject({ type: 'Webhook', sortOrder: 'DESC' })
    expect(stderr).toBe('')
  })

  it('list joins it with the calls', async () => {
    const { stdout } = await runCommand(logsList, [], { baseUrl: api.url }).finished
    const times = rows(stdout).map(([time]) => time ?? '')
    expect(times).toEqual([...times].sort())
    const types = rows(stdout).map(([, , type]) => type)
    expect(types.filter(type => type === 'call')).toHaveLength(3)
    expect(types.filter(type => type === 'webhook')).toHaveLength(2)
    expect(types.at(-1)).toBe('api')
  })

  it('errors has deliveries that failed', async () => {
    const { stdout } = await runCommand(logsErrors, [], { baseUrl: api.url }).finished
    expect(texts(stdout)).toEqual(['end-of-call-report POST https://x.example/h → 500 250 ms'])
  })

  it('reads further pages', async () => {
    const many = Array.from({ length: 250 }, (_, place) => ({
      time: at(0, place),
      type: 'API',
      requestPath: `/n/${place}`,
    }))
    api.on('GET /logs', request => {
      const page = Number(new URL(request.path, 'http://x').searchParams.get('page'))
      return jsonReply({ results: many.slice((page - 1) * 100, page * 100) })
    })
    const { stdout } = await runCommand(logsList, ['--type', 'api', '--all', '--json'], { baseUrl: api.url })
      .finished
    expect(JSON.parse(stdout)).toHaveLength(250)
  })
})

describe('logs --follow', () => {
  it('gives what is new, once, as JSON lines, and ends with 130 on Ctrl-C', async () => {
    const running: Record<string, unknown> = {
      id: 'now',
      status: 'in-progress',
      type: 'webCall',
      createdAt: new Date().toISOString(),
    }
    serveCalls({ call: running })
    const run = runCommand(logsList, ['-f', '--interval', '0.1', '--json'], { baseUrl: api.url })
    await run.prints('created: webCall')
    Object.assign(running, { startedAt: new Date().toISOString() })
    await run.prints('"started"')
    Object.assign(running, {
      status: 'ended',
      endedAt: new Date().toISOString(),
      endedReason: 'silence-timed-out',
    })
    await run.prints('silence-timed-out')
    const looks = api.requests.length
    await api.fake.request(looks + 6)
    run.interrupt()
    const { stdout, stderr, exit } = await run.finished
    expect(exit).toBe(130)
    expect(jsonLines(stdout).map(({ text }) => text)).toEqual([
      'created: webCall',
      'started',
      expect.stringMatching(/^ended: silence-timed-out/),
    ])
    expect(stderr.match(/no log of its own/g)).toHaveLength(1)
    expect(api.requests.filter(({ path }) => path === '/logs')).toHaveLength(1)
  })

  it('of one call ends by itself when the call is over and its log is there', async () => {
    const running: Record<string, unknown> = { ...fine, status: 'in-progress' }
    delete running.endedAt
    delete running.endedReason
    serveCalls({ call: running })
    const run = runCommand(logsCalls, ['fine', '-f', '--interval', '0.1'], { baseUrl: api.url })
    await run.prints('customer: Hi')
    serveCalls({ call: fine, log: fineLog })
    const { stdout, exit } = await run.finished
    expect(exit).toBe(0)
    const seen = texts(stdout)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toContain('turn begins')
    expect(seen.at(-1)).toMatch(/^ended|webhook delivery/)
  })

  it('does not bring later what its limit left out at first', async () => {
    serveCalls({ call: broken, log: brokenLog }, { call: fine, log: fineLog })
    const run = runCommand(logsList, ['-f', '--limit', '2', '--interval', '0.1'], { baseUrl: api.url })
    await run.prints('ended: call.in-progress')
    await api.fake.request(api.requests.length + 6)
    run.interrupt()
    expect(texts((await run.finished).stdout)).toHaveLength(2)
  })

  it('outlasts a server that fails for a while', async () => {
    let failing = false
    const row = {
      ...fine,
      createdAt: new Date().toISOString(),
      startedAt: undefined,
      endedAt: undefined,
      endedReason: undefined,
      status: 'ringing',
    }
    api.on('GET /call', () => (failing ? apiError(503, 'down') : jsonReply([row])))
    const run = runCommand(logsCalls, ['-f', '--interval', '0.1'], { baseUrl: api.url })
    await run.prints('created:')
    failing = true
    await run.prints('trying again')
    failing = false
    Object.assign(row, { startedAt: new Date().toISOString() })
    await run.prints('started')
    run.interrupt()
    expect((await run.finished).exit).toBe(130)
  })
})
