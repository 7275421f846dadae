import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BatchResults } from '../../src/api/batch.ts'
import type { Contact } from '../../src/api/contacts.ts'
import { temporaryFolder } from '../support/program.ts'

const contacts: Contact[] = [1, 2, 3].map(row => ({
  row,
  customer: { number: `+1555123456${row}` },
  variables: {},
}))
const open = (path: string, whom = contacts) => BatchResults.open(path, whom)

describe('the results of a batch', () => {
  it('are known again when the file is opened again', async () => {
    const path = join(temporaryFolder(), 'results.jsonl')
    const first = await open(path)
    await first.record({ row: 1, state: 'sending' })
    await first.record({ row: 1, state: 'done', callId: 'c1' })
    await first.record({ row: 2, state: 'failed', error: 'no' })
    const again = await open(path)
    expect([1, 2, 3].map(row => again.stateOf(row))).toEqual(['done', 'failed', undefined])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('call a step uncertain that was begun and never ended', async () => {
    const path = join(temporaryFolder(), 'results.jsonl')
    await (await open(path)).record({ row: 1, state: 'sending' })
    expect((await open(path)).stateOf(1)).toBe('uncertain')
  })

  it('survive a line that a crash cut short, at every place', async () => {
    const folder = temporaryFolder()
    const whole = join(folder, 'whole.jsonl')
    const results = await open(whole)
    await results.record({ row: 1, state: 'sending' })
    await results.record({ row: 1, state: 'done', callId: 'c1' })
    const text = readFileSync(whole, 'utf8')
    const [head = '', sending = ''] = text.split('\n')
    for (let end = head.length + 1; end <= text.length; end++) {
      const path = join(folder, `${end}.jsonl`)
      writeFileSync(path, text.slice(0, end))
      const state = (await open(path)).stateOf(1)
      const begun = end >= head.length + 1 + sending.length
      const done = end >= text.length - 1
      expect(state, `cut at ${end}`).toBe(done ? 'done' : begun ? 'uncertain' : undefined)
      await (await open(path)).record({ row: 2, state: 'failed' })
      expect((await open(path)).stateOf(2)).toBe('failed')
    }
  })

  it('refuse other contacts, other files and newer formats', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'results.jsonl')
    await open(path)
    await expect(open(path, contacts.slice(1))).rejects.toThrow('belongs to other contacts')
    const other = join(folder, 'other.txt')
    writeFileSync(other, 'hello\n')
    await expect(open(other)).rejects.toThrow('is not the result file of a batch')
    expect(readFileSync(other, 'utf8')).toBe('hello\n')
    const newer = join(folder, 'newer.jsonl')
    writeFileSync(newer, readFileSync(path, 'utf8').replace('"format":1', '"format":2'))
    await expect(open(newer)).rejects.toThrow('newer version')
  })

  it('keep lines that they do not know', async () => {
    const path = join(temporaryFolder(), 'results.jsonl')
    await open(path)
    appendFileSync(path, '{"row":9,"state":"done","note":"mine"}\n')
    await (await open(path)).record({ row: 1, state: 'done' })
    expect(readFileSync(path, 'utf8')).toContain('"note":"mine"')
  })
})
