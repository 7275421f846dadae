import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import listenExport from '../../../src/commands/listen-export.ts'
import listenReplay from '../../../src/commands/listen-replay.ts'
import listenVerify from '../../../src/commands/listen-verify.ts'
import { loadLine, readEvents } from '../../../src/listen/journal/reader.ts'
import { restoreEvent } from '../../../src/listen/journal/resend.ts'
import { createRetrier } from '../../../src/listen/journal/retry.ts'
import { folderIn, openTestJournal, relayedEvent, relayedReply } from '../../support/journal.ts'
import { temporaryFolder } from '../../support/program.ts'
import { startTarget } from '../../support/relay.ts'
import { runCommand } from '../../support/run-command.ts'

const target = 'http://localhost:3000/?key=h1dden-6'
const message = { message: { type: 'hang', call: { id: 'c1' } } }
const secretHeaders = [
  ...['Authorization', 'Bearer h1dden-1', 'x-vapi-secret', 'h1dden-2 “ü”', 'Proxy-Authorization', 'h1dden-3'],
  ...['Cookie', 'h1dden=4', 'X-Api-Key', 'h1dden-5', 'Referer', 'https://example.com/a?Token=h1dden-7&b=1'],
  ...['X-Vapi-Signature', 'h1dden-8', 'X-Empty-Token', ''],
]
const openHeaders = [
  'x-signature',
  '0abc',
  'X-Vapi-Signature',
  'sha256=1abc',
  'svix-signature',
  'v1,2abc',
  'Accept',
  '*/*',
]
const rawHeaders = [...secretHeaders, ...openHeaders]
const requested = '/hook?x=%20&%74oken=h1dden-9&sig=h1dden-10'

const filesOf = (folder: string, start: string) =>
  readdirSync(folder).filter(name => name.startsWith(start) && name.endsWith('.jsonl'))
const textOf = (folder: string, start: string) =>
  filesOf(folder, start)
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .join('')
const removeSecrets = (folder: string) => {
  for (const name of filesOf(folder, 'secrets-')) rmSync(join(folder, name))
}

// biome-ignore lint/suspicious/noExplicitAny: commands differ in their options' types
const run = (command: any, cwd: string, ...argv: string[]) =>
  runCommand(command, argv, { baseUrl: 'http://localhost:1', cwd }).finished

describe('secrets of headers and queries', () => {
  it('do not stand in the journal, and are read back as they came', async () => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    journal.event(relayedEvent('a-1', message, { rawHeaders, requested }), [target])
    const replyHeaders = [
      'Set-Cookie',
      'h1dden=11',
      'Location',
      '/next?code=h1dden-12#access_token=h1dden-13',
    ]
    journal.reply(relayedReply('a-1', { url: target, rawHeaders: replyHeaders }))
    const lines = textOf(folder, 'journal-')
    expect(lines).not.toContain('h1dden')
    for (const value of openHeaders) expect(lines).toContain(value)
    expect(lines).toMatch(/"Authorization","\*{3}[0-9a-f]{16}"/)
    expect(lines).toMatch(/"\/hook\?x=%20&%74oken=\*{3}[0-9a-f]{16}&sig=\*{3}/)
    const [record] = await readEvents(folder)
    expect(record?.event).toMatchObject({ requested, to: [target] })
    expect(record?.outcomes[0]?.entry.target).toBe(target)
    const line = await loadLine(record!.place)
    expect(line).toMatchObject({
      rawHeaders,
      lost: [],
      parsed: { fields: { path: requested, to: [target] } },
    })
    expect(JSON.parse(line.parsed.head.toString())).toEqual(line.parsed.fields)
    const reply = await loadLine(record!.outcomes[0]!.place)
    expect(reply.rawHeaders).toEqual(replyHeaders)
  })

  it('stand once in a file beside the segment that only its owner may read', async () => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    expect(filesOf(folder, 'secrets-')).toEqual([])
    for (let count = 0; count < 100; count++)
      journal.event(relayedEvent(`a-${count}`, message, { rawHeaders: secretHeaders }), [])
    const [name = ''] = filesOf(folder, 'secrets-')
    const text = readFileSync(join(folder, name), 'utf8')
    expect(text.split('h1dden-1"')).toHaveLength(2)
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ format: 1, type: 'secrets' })
    expect(name.slice('secrets-'.length)).toBe(filesOf(folder, 'journal-')[0]?.slice('journal-'.length))
    if (process.platform !== 'win32') expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('have other references in another journal: nobody can try what a secret is', async () => {
    const reference = async () => {
      const journal = await openTestJournal()
      journal.event(relayedEvent('a-1', message, { rawHeaders: ['Authorization', 'Bearer 1234'] }), [])
      return /\*{3}[0-9a-f]+/.exec(textOf(journal.folder, 'journal-'))?.[0]
    }
    const first = await reference()
    expect(first).toBeDefined()
    expect(await reference()).not.toBe(first)
  })

  it('go with their segment, count for its size, and are left to those of other listeners', async () => {
    const folder = folderIn(temporaryFolder())
    const quiet = await openTestJournal(folder)
    quiet.event(relayedEvent('q-1', message, { rawHeaders }), [])
    const journal = await openTestJournal(folder, { maximumBytes: 100_000, segmentBytes: 10_000 })
    for (let count = 0; count < 500; count++) {
      const token = `${count}-`.padEnd(900, 'x')
      journal.event(relayedEvent(`a-${count}`, message, { rawHeaders: ['Authorization', token] }), [])
    }
    const sizes = ['journal-', 'secrets-']
      .flatMap(start => filesOf(folder, start))
      .map(name => statSync(join(folder, name)).size)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(110_000)
    const records = await readEvents(folder)
    expect(records.length).toBeGreaterThan(40)
    for (const { event, place } of records) {
      const {
        rawHeaders: [, value],
        lost,
      } = await loadLine(place)
      expect(lost).toEqual([])
      expect(value).toContain(event.id === 'q-1' ? 'h1dden-1' : `${event.id.slice(2)}-x`)
    }
    const rest = (start: string) => filesOf(folder, start).map(name => name.slice(start.length))
    expect(rest('secrets-')).toEqual(rest('journal-'))
  })

  it('do not stay where their segment was removed by hand', async () => {
    const folder = folderIn(temporaryFolder())
    const first = await openTestJournal(folder)
    first.event(relayedEvent('a-1', message, { rawHeaders }), [])
    first.close()
    for (const name of filesOf(folder, 'journal-')) rmSync(join(folder, name))
    await openTestJournal(folder)
    expect(filesOf(folder, 'secrets-')).toEqual([])
  })

  it('of a running listener are found that came after the first look', async () => {
    const journal = await openTestJournal()
    const read = async (place: number) => {
      const records = await readEvents(journal.folder)
      return (await loadLine(records[place]!.place)).rawHeaders[1]
    }
    for (let count = 0; count < 3; count++) {
      const event = relayedEvent(`a-${count}`, message, { rawHeaders: ['Cookie', `h1dden-${count}`] })
      journal.event({ ...event, receivedMs: 1e12 + count }, [])
      expect(await read(count)).toBe(`h1dden-${count}`)
    }
    expect(await read(0)).toBe('h1dden-0')
  })

  it('that stand in an older journal as they are, and what only looks like a reference, are kept', async () => {
    const folder = folderIn(temporaryFolder())
    const journal = await openTestJournal(folder)
    const odd = ['Authorization', '***0123456789abcdef', 'X-Note', '***0123456789abcdef']
    journal.event(relayedEvent('a-1', message, { rawHeaders: odd }), [])
    journal.close()
    const [name = ''] = filesOf(folder, 'journal-')
    const old = {
      type: 'event',
      bodyBytes: 0,
      id: 'b-1',
      at: '2026-01-05T09:00:00Z',
      to: [],
      headers: rawHeaders,
    }
    writeFileSync(join(folder, name), `${JSON.stringify(old)}\n`, { flag: 'a' })
    const [before, now] = await readEvents(folder)
    expect(await loadLine(before!.place)).toMatchObject({ rawHeaders, lost: [] })
    expect(await loadLine(now!.place)).toMatchObject({ rawHeaders: odd, lost: [] })
  })

  it('in a newer format are refused', async () => {
    const journal = await openTestJournal()
    journal.event(relayedEvent('a-1', message, { rawHeaders }), [])
    const [name = ''] = filesOf(journal.folder, 'secrets-')
    writeFileSync(join(journal.folder, name), '{"format":2,"type":"secrets"}\n')
    const [record] = await readEvents(journal.folder)
    await expect(loadLine(record!.place)).rejects.toMatchObject({ code: 'journal-newer' })
  })

  it('leave no file behind where nothing came', async () => {
    const journal = await openTestJournal()
    journal.close()
    expect(readdirSync(journal.folder)).toEqual(['.gitignore'])
  })
})

describe('secrets that are not kept any more', () => {
  /** A journal with an event that was not taken, and the secrets gone. */
  async function forgotten(url: string) {
    const cwd = temporaryFolder()
    const folder = folderIn(cwd)
    const journal = await openTestJournal(folder)
    for (const id of ['a-1', 'a-2']) {
      const event = relayedEvent(id, message, { requested: '/hook?x=1&token=h1dden' })
      event.rawHeaders = ['X-Vapi-Secret', 'h1dden-2', 'x-signature', '0abc']
      journal.event(event, [url])
      journal.reply(relayedReply(id, { url, status: 500 }))
    }
    journal.close()
    removeSecrets(folder)
    return { cwd, folder }
  }

  it('are shown as hidden, and left out of what is sent', async () => {
    const { folder } = await forgotten('http://localhost:3000/')
    const [record] = await readEvents(folder)
    const line = await loadLine(record!.place)
    expect(line.rawHeaders).toEqual(['X-Vapi-Secret', '***', 'x-signature', '0abc'])
    expect(line.lost).toEqual(['?token', 'X-Vapi-Secret'])
    expect(restoreEvent(record!.event, line)).toMatchObject({
      rawHeaders: ['x-signature', '0abc'],
      requested: '/hook?x=1&token=',
    })
  })

  it('are told of once by a replay, and not where another one is given', async () => {
    const got: unknown[] = []
    const { port } = await startTarget((request, reply) => {
      got.push(request.headers['x-vapi-secret'])
      reply.end('{}')
    })
    const { cwd } = await forgotten(`http://localhost:${port}/hook`)
    const told = await run(listenReplay, cwd, '--last', '2')
    expect(got).toEqual([undefined, undefined])
    expect(told.stderr.match(/not kept any more/g)).toHaveLength(1)
    expect(told.stderr).toContain('X-Vapi-Secret')
    expect(told.stderr).toContain('--secret')
    const given = await run(listenReplay, cwd, '--last', '1', '--secret', 'another')
    expect(got.at(-1)).toBe('another')
    expect(given.stderr).not.toContain('X-Vapi-Secret')
  })

  it('are told of once by retries', async () => {
    const { folder } = await forgotten('http://localhost:3000/')
    const journal = await openTestJournal(folder)
    const notes: string[] = []
    const sent: (readonly string[])[] = []
    const { promise: done, resolve } = deferred()
    const retrier = createRetrier({
      journal,
      targets: ['http://localhost:3000/'],
      plan: { type: 'fixed', maxRetries: 3, baseDelayMs: 0, excludedStatusCodes: [] },
      reaches: async () => true,
      clock: { now: Date.now, sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}) },
      note: text => notes.push(text),
      send: async ({ event }) => {
        if (sent.push(event.rawHeaders) === 2) resolve()
        return { type: 'reply', reply: relayedReply(event.id) }
      },
    })
    onTestFinished(() => retrier.close(true))
    await retrier.start()
    await done
    expect(sent).toEqual([
      ['x-signature', '0abc'],
      ['x-signature', '0abc'],
    ])
    expect(notes).toEqual([expect.stringContaining('X-Vapi-Secret')])
  })
})

function deferred() {
  let resolve: () => void = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}

describe('commands', () => {
  it('verify an event of the journal, of its file and of an export; export gives secrets where they are asked for', async () => {
    const cwd = temporaryFolder()
    const folder = folderIn(cwd)
    const journal = await openTestJournal(folder)
    const headers = ['X-Vapi-Secret', 'h1dden-2']
    const event = relayedEvent('a-1', message, { rawHeaders: headers, requested: '/?token=h1dden-3' })
    journal.event(event, [target])
    journal.reply(relayedReply('a-1', { url: target }))
    const [segment = ''] = filesOf(folder, 'journal-')
    for (const saved of ['a-1', join(folder, segment)]) {
      expect(await run(listenVerify, cwd, saved, '--secret', 'h1dden-2'), saved).toMatchObject({ exit: 0 })
      expect(await run(listenVerify, cwd, saved, '--secret', 'other'), saved).toMatchObject({ exit: 3 })
    }
    for (const format of ['jsonl', 'http', 'curl', 'har']) {
      const open = await run(listenExport, cwd, '--format', format, '--with-secrets')
      expect(open.stdout).toContain('h1dden-2')
      expect(open.stdout).toContain('token=h1dden-3')
      const hidden = await run(listenExport, cwd, '--format', format)
      expect(hidden.stdout).not.toMatch(/h1dden|\*{3}[0-9a-f]/)
    }
    const alone = join(cwd, segment)
    copyFileSync(join(folder, segment), alone)
    const { exit, stdout } = await run(listenVerify, cwd, alone, '--secret', 'h1dden-2')
    expect(exit).toBe(3)
    expect(stdout).toContain('X-Vapi-Secret is not kept any more')
  })
})
