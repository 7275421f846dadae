import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import listenEvents from '../../../src/commands/listen-events.ts'
import listenExport from '../../../src/commands/listen-export.ts'
import listenReplay from '../../../src/commands/listen-replay.ts'
import listenShow from '../../../src/commands/listen-show.ts'
import triggerCall from '../../../src/commands/trigger-call.ts'
import { readEvents } from '../../../src/listen/journal/reader.ts'
import { createRetrier } from '../../../src/listen/journal/retry.ts'
import { folderIn, openTestJournal, relayedEvent, relayedReply } from '../../support/journal.ts'
import { jsonLines, temporaryFolder } from '../../support/program.ts'
import { startTarget } from '../../support/relay.ts'
import { requires } from '../../support/requires.ts'
import { runCommand } from '../../support/run-command.ts'

const SECRET = 'k3y-of-the-sender'
const headers = ['Host', 'tunnel.example.com', 'Content-Type', 'application/json', 'X-Vapi-Secret', SECRET]
const toolCalls = {
  message: {
    type: 'tool-calls',
    call: { id: 'c1' },
    customer: { number: '+15551234567' },
    toolCallList: [
      { id: 'call_1', type: 'function', function: { name: 'book', arguments: { day: 'Monday' } } },
    ],
  },
}
const results = (result: unknown) => JSON.stringify({ results: [{ toolCallId: 'call_1', result }] })

interface Got {
  method: string
  url: string
  headers: Record<string, unknown>
  rawHeaders: string[]
  body: Buffer
}

/** A target that gives these answers, one after the other, and what it got. */
async function target(...answers: [status: number, body: string][]) {
  const got: Got[] = []
  const { port } = await startTarget((request, reply, body) => {
    const { method = '', url = '', headers: named, rawHeaders } = request
    got.push({ method, url, headers: named, rawHeaders, body })
    const [status, text] = answers[Math.min(got.length, answers.length) - 1] ?? [200, results('ok')]
    reply.writeHead(status, { 'content-type': 'application/json' }).end(text)
  })
  return { got, port, url: `http://localhost:${port}/hook` }
}

/** A journal with a few events, in a working directory. */
async function kept(url = 'http://localhost:1/hook') {
  const cwd = temporaryFolder()
  const journal = await openTestJournal(folderIn(cwd))
  const base = Date.now() - 5000
  const event = (number: number, body: object | Buffer, to: string[] = [url], more = {}) =>
    journal.event(
      relayedEvent(`0123abcd-${String(number).padStart(6, '0')}`, body, {
        receivedMs: base + number,
        rawHeaders: headers,
        requested: '/vapi?x=1&token=t0ken',
        ...more,
      }),
      to,
    )
  event(1, toolCalls)
  journal.reply(relayedReply('0123abcd-000001', { url, body: Buffer.from(results('Monday at nine')) }))
  event(2, { message: { type: 'status-update', status: 'ended', endedReason: 'hangup', call: { id: 'c1' } } })
  journal.reply(relayedReply('0123abcd-000002', { url, status: 500, body: Buffer.from('oops') }))
  event(3, Buffer.from([0xff, 0, 1, 2]), [url], { rawHeaders: ['Content-Type', 'application/octet-stream'] })
  journal.problem({
    type: 'target',
    id: '0123abcd-000003',
    url,
    answers: true,
    code: 'ECONNREFUSED',
    message: 'refused',
    durationMs: 1,
  })
  event(4, { message: { type: 'hang', call: { id: 'c2' } } }, [])
  return { cwd, journal }
}

// biome-ignore lint/suspicious/noExplicitAny: commands differ in their options' types
const run = (command: any, cwd: string, ...argv: string[]) =>
  runCommand(command, argv, { baseUrl: 'http://localhost:1', cwd }).finished

describe('vapi listen events', () => {
  it('lists events with their replies and the useful line', async () => {
    const { cwd } = await kept()
    const { stdout } = await run(listenEvents, cwd)
    const rows = stdout
      .split('\n')
      .filter(Boolean)
      .map(line => line.split('\t'))
    expect(rows.map(row => row.slice(1))).toEqual([
      ['0123abcd-000001', 'tool-calls', '200', '12', 'c1', 'book({"day":"Monday"})'],
      ['0123abcd-000002', 'status-update', '500', '12', 'c1', 'ended, hangup'],
      ['0123abcd-000003', expect.stringContaining('POST /vapi'), 'ECONNREFUSED', '1', '-', ''],
      ['0123abcd-000004', 'hang', '-', '-', 'c2', ''],
    ])
  })

  it('filters, limits and says what it leaves out', async () => {
    const { cwd } = await kept()
    expect((await run(listenEvents, cwd, '--failed', '-o', 'id')).stdout.trim().split('\n')).toHaveLength(2)
    const limited = await run(listenEvents, cwd, '--limit', '1', '--json')
    expect(JSON.parse(limited.stdout)).toMatchObject([{ id: '0123abcd-000004', event: 'hang', outcomes: [] }])
    expect(limited.stderr).toContain('3 older events are left out')
    const typed = await run(listenEvents, cwd, '--type', 'tool-*,hang', '--call-id', 'c1', '-o', 'id')
    expect(typed.stdout).toBe('0123abcd-000001\n')
    expect((await run(listenEvents, cwd, '--since', '1s', '-o', 'id')).stdout).toBe('')
    expect((await run(listenEvents, temporaryFolder())).stderr).toContain('no journal')
    expect((await run(listenEvents, cwd, '--since', 'soon')).exit).toBe(2)
  })

  it('never shows a secret of a query, also not that of a target', async () => {
    const { cwd } = await kept('http://localhost:1/hook?key=s3cret&day=1')
    const { stdout } = await run(listenEvents, cwd, '--json')
    expect(stdout).not.toMatch(/t0ken|s3cret/)
    expect(JSON.parse(stdout)[0].outcomes[0].target).toBe('http://localhost:1/hook?key=***&day=1')
    for (const more of [[], ['--json'], ['--mask'], ['--json', '--mask']])
      for (const id of ['1', '3'])
        expect((await run(listenShow, cwd, id, ...more)).stdout).not.toMatch(/t0ken|s3cret/)
  })

  it.each([
    ['--type', ''],
    ['--type', ','],
    ['--call-id', ''],
  ])('refuses %s “%s”', async (flag, value) => {
    const { cwd } = await kept()
    expect((await run(listenEvents, cwd, flag, value)).exit).toBe(2)
  })
})

describe('vapi listen show', () => {
  it('lays request and replies out, with the check of the reply and without secrets', async () => {
    const { cwd } = await kept()
    const { stdout } = await run(listenShow, cwd, '1')
    expect(stdout).toContain('"day": "Monday"')
    expect(stdout).toContain('"toolCallId": "call_1"')
    expect(stdout).toContain('X-Vapi-Secret: ***')
    expect(stdout).not.toMatch(/k3y|t0ken/)
    expect((await run(listenShow, cwd, '2')).stdout).toMatch(
      /500 in 12 ms[\s\S]*oops[\s\S]*error: the status is 500/,
    )
    expect((await run(listenShow, cwd, '3')).stdout).toMatch(
      /4 bytes that are no text[\s\S]*no answer \(refused\)/,
    )
  })

  it('gives the body as it came with --json, and hides numbers with --mask', async () => {
    const { cwd } = await kept()
    const { stdout } = await run(listenShow, cwd, '0123abcd-000001', '--json')
    expect(JSON.parse(JSON.parse(stdout).body)).toEqual(toolCalls)
    expect(stdout).not.toMatch(/k3y|t0ken/)
    expect(JSON.parse((await run(listenShow, cwd, '3', '--json')).stdout).bodyBase64).toBe('/wABAg==')
    for (const more of [[], ['--json']]) {
      const masked = (await run(listenShow, cwd, '1', '--mask', ...more)).stdout
      expect(masked).not.toContain('+15551234567')
      expect(masked).toContain('Monday')
    }
  })

  it('tells of an id that is not there, with exit code 5', async () => {
    const { cwd } = await kept()
    expect(await run(listenShow, cwd, 'ffff')).toMatchObject({ exit: 5, stdout: '' })
  })
})

describe('vapi listen replay', () => {
  it('sends the same bytes to the same place, and tells that the reply is the same', async () => {
    const { got, url } = await target([200, results('Monday at nine')])
    const { cwd } = await kept(url)
    const { stdout, exit } = await run(listenReplay, cwd, '1')
    expect(exit).toBe(0)
    expect(stdout).toContain('200 OK')
    expect(stdout).toContain('the reply is as recorded')
    expect(got).toHaveLength(1)
    expect(got[0]).toMatchObject({ method: 'POST', url: '/hook/vapi?x=1&token=t0ken' })
    expect(got[0]?.body.toString()).toBe(JSON.stringify(toolCalls))
    expect(got[0]?.headers).toMatchObject({
      'x-vapi-secret': SECRET,
      'x-webhook-event': 'tool-calls',
      'x-original-host': 'tunnel.example.com',
    })
    expect(stdout).not.toMatch(/k3y|t0ken/)
  })

  it('tells in what the reply differs, and exits with 3 where it is wrong and with 1 where the target fails', async () => {
    const { url } = await target([200, results('Monday').replace('call_1', 'call_2')], [503, '{}'])
    const { cwd } = await kept(url)
    const wrong = await run(listenReplay, cwd, '1', '--json')
    const [told] = jsonLines(wrong.stdout)
    expect(told).toMatchObject({
      id: '0123abcd-000001',
      status: 200,
      recorded: { result: '200' },
      differences: [
        { path: 'results[0].toolCallId', before: 'call_1', after: 'call_2' },
        { path: 'results[0].result', before: 'Monday at nine', after: 'Monday' },
      ],
    })
    expect(told?.findings).not.toEqual([])
    expect(wrong.exit).toBe(3)
    const failed = await run(listenReplay, cwd, '2')
    expect(failed.exit).toBe(1)
    expect(failed.stdout).toMatch(/503.*\n {2}status: 500 → 503/)
  })

  it('exits with 1 where nothing listens', async () => {
    const { cwd } = await kept()
    const { exit, stdout } = await run(listenReplay, cwd, '2')
    expect(exit).toBe(1)
    expect(stdout).toContain('no answer')
  })

  it('changes the message with --set, with the right length, unpacked and signed where that is asked', async () => {
    const { got, url, port } = await target()
    const { cwd, journal } = await kept(url)
    const packed = gzipSync(JSON.stringify(toolCalls))
    journal.event(
      relayedEvent('0123abcd-000009', packed, {
        rawHeaders: [
          ...headers,
          'Content-Encoding',
          'gzip',
          'Content-Length',
          String(packed.length),
          'x-signature',
          'old',
        ],
      }),
      [url],
    )
    const change = ['--set', 'toolCallList[0].function.name=cancel', '--set', 'customer.name=Ada']
    await run(listenReplay, cwd, '9', ...change, '--hmac-secret', 'k', '--to', `localhost:${port}/other`)
    const [first] = got
    expect(JSON.parse(first?.body.toString() ?? '')).toMatchObject({
      message: {
        toolCallList: [{ id: 'call_1', function: { name: 'cancel' } }],
        customer: { number: '+15551234567', name: 'Ada' },
      },
    })
    expect(first?.url).toBe('/other?x=1')
    expect(first?.headers).toMatchObject({ 'content-length': String(first?.body.length) })
    expect(first?.headers['content-encoding']).toBeUndefined()
    expect(first?.headers['x-signature']).toMatch(/^[0-9a-f]{64}$/)
    await run(listenReplay, cwd, '1', '--set', 'call.id=c9')
    expect(got[1]?.headers['x-signature']).toBeUndefined()
    expect((await run(listenReplay, cwd, '3', '--set', 'a=1')).exit).toBe(2)
    expect(got).toHaveLength(2)
  })

  it('sends several in the order of arrival, to another target with the path that was asked for', async () => {
    const { got, port } = await target()
    const { cwd } = await kept()
    const { exit } = await run(listenReplay, cwd, '--last', '3', '--to', `localhost:${port}`)
    expect(exit).toBe(0)
    expect(got.map(({ url }) => url)).toEqual(Array(3).fill('/vapi?x=1&token=t0ken'))
    expect(got.map(({ headers: named }) => named['x-webhook-event'])).toEqual([
      'status-update',
      undefined,
      'hang',
    ])
    expect(got[1]?.body).toEqual(Buffer.from([0xff, 0, 1, 2]))
  })

  it('leaves out what went to no target, says so, and asks where to for a single one', async () => {
    const { got, url } = await target()
    const { cwd } = await kept(url)
    const { stderr } = await run(listenReplay, cwd, '--since', '1h')
    expect(got).toHaveLength(3)
    expect(stderr).toContain('1 event')
    expect(await run(listenReplay, cwd, '4')).toMatchObject({
      exit: 2,
      error: { hint: expect.stringContaining('--to') },
    })
    expect((await run(listenReplay, cwd)).exit).toBe(2)
    expect((await run(listenReplay, cwd, '1', '--last', '2')).exit).toBe(2)
  })

  it('sends nothing with --dry-run', async () => {
    const { got, url } = await target()
    const { cwd } = await kept(url)
    const { stdout, exit } = await run(listenReplay, cwd, '1', '--dry-run')
    expect(exit).toBe(0)
    expect(got).toHaveLength(0)
    expect(stdout).toContain('X-Vapi-Secret: ***')
    expect(stdout).not.toMatch(/k3y|t0ken/)
    expect(JSON.parse((await run(listenReplay, cwd, '1', '--dry-run', '--json')).stdout)).toMatchObject({
      method: 'POST',
      body: JSON.stringify(toolCalls),
    })
  })
})

describe('what listen replay sent', () => {
  it('stands in the journal as an exchange of its own, without secrets that were given', async () => {
    const { url } = await target([200, results('Tuesday')], [500, 'no'])
    const { cwd } = await kept(url)
    const given = ['--secret', 'g1ven', '--set', 'customer.name=Ada']
    const first = await run(listenReplay, cwd, '1', ...given, '--json')
    const [told] = jsonLines(first.stdout)
    expect(told?.keptAs).toMatch(/^replay-1-[0-9a-f]{8}$/)
    const id = String(told?.keptAs)
    const { stdout } = await run(listenEvents, cwd, '--json')
    expect(JSON.parse(stdout).at(-1)).toMatchObject({
      id,
      replayOf: '0123abcd-000001',
      event: 'tool-calls',
      callId: 'c1',
      outcomes: [{ target: url, status: 200 }],
    })
    expect((await run(listenEvents, cwd)).stdout).toContain('(replay of 0123abcd-000001)')
    const shown = JSON.parse((await run(listenShow, cwd, id, '--json')).stdout)
    expect(JSON.parse(shown.body).message.customer.name).toBe('Ada')
    expect(shown.outcomes[0].body).toBe(results('Tuesday'))
    expect((await run(listenShow, cwd, id)).stdout).toContain('sent again from: 0123abcd-000001')
    const names = readdirSync(folderIn(cwd)).filter(name => name.endsWith('.jsonl'))
    const files = names.map(name => readFileSync(join(folderIn(cwd), name), 'utf8'))
    expect(files.join('')).not.toContain('g1ven')
    await run(listenReplay, cwd, '2')
    const failed = JSON.parse((await run(listenEvents, cwd, '--failed', '--json')).stdout)
    expect(failed.at(-1)).toMatchObject({ replayOf: '0123abcd-000002', failed: true })
  })

  it('is passed over by --last, --since and numbers, and can be sent again by its id, to the same place', async () => {
    const { got, port, url } = await target()
    const { cwd } = await kept(url)
    await run(listenReplay, cwd, '1', '--to', `localhost:${port}/other`)
    await run(listenReplay, cwd, '1')
    await run(listenReplay, cwd, '--last', '10')
    expect(got).toHaveLength(5)
    const kinds = JSON.parse((await run(listenEvents, cwd, '--json')).stdout)
    const replays = kinds.filter(({ replayOf }: { replayOf: unknown }) => replayOf !== null)
    expect(replays).toHaveLength(5)
    for (const { id } of replays.slice(0, 2)) await run(listenReplay, cwd, id)
    expect(got.slice(5).map(each => each.url)).toEqual([got[0]?.url, got[1]?.url])
    expect((await run(listenShow, cwd, '1', '--json')).stdout).toContain('"id": "0123abcd-000001"')
  })

  it('goes into one file, run after run, and into none with --no-journal or --dry-run', async () => {
    const { url } = await target()
    const { cwd, journal } = await kept(url)
    const segments = () => readdirSync(folderIn(cwd)).filter(name => /^journal-.*jsonl$/.test(name)).length
    const before = segments()
    await run(listenReplay, cwd, '1', '--no-journal')
    await run(listenReplay, cwd, '1', '--dry-run')
    expect(segments()).toBe(before)
    for (const _ of [1, 2, 3]) await run(listenReplay, cwd, '1')
    expect(segments()).toBe(before + 1)
    expect((await readEvents(folderIn(cwd))).filter(({ event }) => event.replayOf !== null)).toHaveLength(3)
    journal.close()
  })

  it('is kept also after one that was killed in the middle of a line', async () => {
    const { url } = await target()
    const { cwd } = await kept(url)
    await run(listenReplay, cwd, '1')
    const name = readdirSync(folderIn(cwd)).find(each => each.endsWith('-00000000.jsonl')) ?? ''
    appendFileSync(join(folderIn(cwd), name), '{"type":"event","bodyBytes":12,"id":"torn')
    await run(listenReplay, cwd, '1')
    const events = await readEvents(folderIn(cwd))
    expect(events.filter(({ event }) => event.replayOf !== null)).toHaveLength(2)
  })

  it('is no duplicate of what comes, is not retried, and is not played by trigger call', async () => {
    const { got, url } = await target([500, 'no'], [200, results('ok')])
    const { cwd, journal } = await kept(url)
    await run(listenReplay, cwd, '1')
    journal.close()
    const next = await openTestJournal(folderIn(cwd))
    const again = relayedEvent('4444abcd-000001', toolCalls, { requested: '/other', rawHeaders: headers })
    expect(next.event(again, [url]).duplicateOf).toBeNull()
    const retrier = createRetrier({
      journal: next,
      targets: [url],
      send: () => Promise.reject(new Error('nothing is to be sent')),
      reaches: async () => false,
      clock: { now: Date.now, sleep: () => new Promise(() => {}) },
    })
    // The status 500 that the journal has of an event of the listener, and not that of the replay.
    expect((await retrier.start()).open).toBe(2)
    await retrier.close(true)
    const before = got.length
    const { exit } = await run(triggerCall, cwd, '.vapi/listen', '--fast', '--to', url)
    expect(exit).not.toBe(2)
    expect(got.length - before).toBe(4)
  })
})

describe('vapi listen export', () => {
  it('writes lines that are a journal again, byte for byte with --with-secrets', async () => {
    const { cwd } = await kept()
    const file = join(cwd, 'events.jsonl')
    const { stderr } = await run(listenExport, cwd, '--with-secrets', '--out', 'events.jsonl')
    expect(stderr).toContain('4 events')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const [record] = await readEvents(folderIn(cwd))
    const values: Record<string, string> = { token: 't0ken', 'X-Vapi-Secret': SECRET }
    const journal = readFileSync(record!.place.file, 'utf8')
      .replace(
        /(token|X-Vapi-Secret)(=|",")\*{3}[0-9a-f]{16}/g,
        (_, name, sign) => name + sign + values[name],
      )
      .split('\n')
      .slice(1, -1)
    expect(readFileSync(file, 'utf8').split('\n').filter(Boolean)).toEqual(journal)
    expect((await run(listenExport, cwd, '--out', 'events.jsonl')).exit).toBe(2)
    expect((await run(listenExport, cwd, '--out', 'events.jsonl', '--force')).exit).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toMatch(/k3y|t0ken/)
    expect(jsonLines(readFileSync(file, 'utf8'))[0]).toMatchObject({ json: toolCalls })
  })

  it('writes an HTTP archive', async () => {
    const { cwd } = await kept()
    const { stdout } = await run(listenExport, cwd, '--format', 'har')
    const { log } = JSON.parse(stdout)
    expect(log.version).toBe('1.2')
    expect(log.entries).toHaveLength(4)
    expect(log.entries[0]).toMatchObject({
      time: 12.3,
      request: {
        method: 'POST',
        url: 'http://localhost:1/hook/vapi?x=1&token=***',
        postData: { mimeType: 'application/json', text: JSON.stringify(toolCalls) },
        queryString: [
          { name: 'x', value: '1' },
          { name: 'token', value: '***' },
        ],
      },
      response: { status: 200, content: { text: results('Monday at nine') } },
    })
    expect(log.entries[2]).toMatchObject({
      request: { postData: { text: '/wABAg==', encoding: 'base64' } },
      response: { status: 0 },
    })
    expect(stdout).not.toMatch(/k3y|t0ken/)
  })

  it.skipIf(requires('curl', 'sh', 'base64'))('writes curl commands that send the very same', async () => {
    const { got, url } = await target()
    const { cwd, journal } = await kept(url)
    const bodies = [
      Buffer.from(`@file 'quoted' "$HOME" \`id\` \\ \n%s née ${'!'.repeat(3)}`),
      Buffer.from([0, 1, 255, 10]),
      Buffer.from(`text with a \0 in it`),
      Buffer.from(JSON.stringify({ message: { type: 'hang', text: "it's ".repeat(60_000) } })),
      Buffer.alloc(0),
    ]
    const odd = [
      'X-Odd',
      `it's "$HOME" \\ %s`,
      'X-Empty',
      '',
      'X-Vapi-Secret',
      SECRET,
      'X-Twice',
      '1',
      'X-Twice',
      '2',
    ]
    for (const [place, body] of bodies.entries())
      journal.event(
        relayedEvent(`0123abcd-00010${place}`, body, { rawHeaders: odd, requested: `/a[1]/../{b}?q='x'` }),
        [url],
      )
    for (const [place, body] of bodies.entries()) {
      const { stdout } = await run(listenExport, cwd, `10${place}`, '--format', 'curl', '--with-secrets')
      expect(stdout.endsWith('\n')).toBe(true)
      const ended = await new Promise<number | null>(resolve => {
        const shell = spawn('sh', ['-s'], {
          stdio: ['pipe', 'ignore', 'inherit'],
          env: { PATH: process.env.PATH },
        })
        shell.on('close', resolve)
        shell.stdin.end(stdout)
      })
      expect(ended).toBe(0)
      const last = got.at(-1)
      expect(got).toHaveLength(place + 1)
      expect(last?.body.equals(body)).toBe(true)
      expect(last).toMatchObject({ method: 'POST', url: `/hook/a[1]/../{b}?q='x'` })
      const sent = last?.rawHeaders ?? []
      const own = sent.flatMap((name, at) =>
        at % 2 === 0 && !/^(host|content-length)$/i.test(name) ? [name, sent[at + 1]] : [],
      )
      expect(own).toEqual(odd)
    }
    const masked = await run(listenExport, cwd, '100', '--format', 'curl')
    expect(masked.stdout).not.toContain(SECRET)
    expect(spawnSync('sh', ['-n'], { input: masked.stdout }).status).toBe(0)
  })

  it('writes requests as bytes of HTTP', async () => {
    const { cwd } = await kept()
    const running = runCommand(listenExport, ['3', '--format', 'http'], {
      baseUrl: 'http://localhost:1',
      cwd,
    })
    await running.finished
    const { stdoutBytes } = running
    expect(stdoutBytes.toString('latin1')).toBe(
      'POST /vapi?x=1&token=*** HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\n\r\n\xff\0\x01\x02',
    )
  })
})
