import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { journalHistory } from '../../../src/listen/inspector/history.ts'
import { openJournal } from '../../../src/listen/journal/journal.ts'
import { readEvents } from '../../../src/listen/journal/reader.ts'
import { temporaryFolder } from '../../support/program.ts'
import { startTarget } from '../../support/relay.ts'
import { BEGAN_MS, event, message, openForTest, reply } from './support.ts'

/** A journal of that many events, a millisecond apart, whose last one failed. */
async function writeJournal(folder: string, count: number): Promise<void> {
  const journal = await openJournal(folder, { pathMode: 'append', warn: () => {} })
  const url = 'http://localhost:3000/webhook'
  for (let at = 0; at < count; at++) {
    const told = event(`old-${at}`, message('tool-calls', { at }, 'call-1'), { receivedMs: BEGAN_MS + at })
    journal.event(told, [url])
    if (at < count - 1) journal.reply(reply(told.id, { results: [] }))
    else {
      const durationMs = 3
      const problem = {
        type: 'target',
        id: told.id,
        url,
        answers: true,
        code: 'ECONNREFUSED',
        durationMs,
      } as const
      journal.problem({ ...problem, message: 'connect ECONNREFUSED' })
    }
  }
  journal.close()
}

describe('what is older than memory', () => {
  it('comes out of the journal in pages, the newest first, with outcomes and findings', async () => {
    const folder = temporaryFolder()
    await writeJournal(folder, 5)
    const { memory } = await openForTest('localhost:9', { history: journalHistory(folder) })
    memory.event(event('new-1', message('hang'), { receivedMs: BEGAN_MS + 1000 }))
    const first = await memory.list(null, 3)
    expect(first.rows.map(({ id, state, errors }) => [id, state, errors])).toEqual([
      ['new-1', 'waiting', 0],
      ['old-4', 'failed', 0],
      ['old-3', 'answered', 1],
    ])
    expect(first.more).toBe(true)
    const second = await memory.list({ id: 'old-3', atMs: BEGAN_MS + 3 }, 3)
    expect([second.rows.map(({ id }) => id), second.more]).toEqual([['old-2', 'old-1', 'old-0'], false])
  })

  it('has what the inspector sent again: before it goes out, and what came of it', async () => {
    const folder = temporaryFolder()
    await writeJournal(folder, 1)
    const seen: string[] = []
    const target = await startTarget((_request, answer) => {
      const names = readdirSync(folder).filter(name => name.endsWith('.jsonl'))
      seen.push(...names.map(name => readFileSync(join(folder, name), 'utf8')))
      answer.writeHead(500).end('no')
    })
    const journal = await openJournal(folder, { pathMode: 'append', warn: () => {} })
    onTestFinished(() => journal.close())
    const first = await openForTest(`localhost:${target.port}/hook`, {}, '', journal)
    first.memory.event(event('one', message('hang', {}, 'call-2')))
    const options = { body: null, withSecrets: false }
    const id = await first.memory.replay('one', { ...options, to: null })
    expect(seen.join('')).toContain(id)
    const other = `localhost:${target.port}/other`
    const otherId = await first.memory.replay('one', { ...options, to: other })
    const { memory } = await openForTest('localhost:9', { history: journalHistory(folder) })
    expect((await memory.get(id))?.row).toMatchObject({ replayOf: 'one', type: 'hang', status: 500 })
    expect((await memory.get(id))?.request.headers).not.toContainEqual(['X-Vapi-Secret', '***'])
    expect((await memory.list(null, 9)).rows.map(row => row.replayOf)).toContain('one')
    const records = await readEvents(folder)
    const modes = records.filter(each => each.event.replayOf !== null).map(each => each.event.pathMode)
    expect([modes, records.at(-1)?.event.id]).toEqual([['append', 'fixed'], otherId])
  })

  it('is shown in detail, in its conversation, and sent again', async () => {
    const folder = temporaryFolder()
    await writeJournal(folder, 2)
    const { memory } = await openForTest('localhost:9', { history: journalHistory(folder) })
    const detail = await memory.get('old-0')
    expect(detail?.request.body.text).toContain('"at":0')
    expect(detail?.request.headers).toContainEqual(['X-Vapi-Secret', '***'])
    expect(detail?.outcomes[0]).toMatchObject({ status: 200, body: { text: '{"results":[]}' } })
    expect((await memory.get('old-1'))?.outcomes[0]?.problem?.message).toBe('nothing listens at the target')
    expect((await memory.call('call-1'))?.items).toHaveLength(2)
    const id = await memory.replay('old-0', { to: null, body: null, withSecrets: false })
    expect((await memory.get(id))?.row).toMatchObject({ replayOf: 'old-0', state: 'failed' })
  })
})
