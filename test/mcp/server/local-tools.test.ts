import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderIn, openTestJournal, relayedEvent, relayedReply } from '../../support/journal.ts'
import { startServer, textOf } from '../../support/mcp.ts'
import { temporaryFolder, vapi } from '../../support/program.ts'
import { base } from '../../support/simulation.ts'

const simulation = {
  ...base,
  caller: [{ at: 1, say: 'I need an appointment.', lasts: 1 }],
  model: [{ reply: 'Which day?' }],
}

async function start(cwd = temporaryFolder()) {
  return { cwd, ...(await startServer(['--tools', 'local'], { cwd })) }
}

describe('simulate_call', () => {
  it('runs the call and tells what was said, when and why', async () => {
    const { data, text } = await start()
    const expect_ = [
      { event: 'transcript', role: 'assistant', matches: 'day' },
      { event: 'interruption', count: 0 },
    ]
    const found = await data('simulate_call', { simulation: { ...simulation, expect: expect_ } })
    expect(found).toMatchObject({ passed: true, endedReason: 'customer-ended-call', failedExpectations: [] })
    expect(found.events).toContainEqual(
      expect.objectContaining({ type: 'assistant.speech.started', text: 'Which day?' }),
    )
    expect(await text('simulate_call', { simulation })).toContain('Which day?')
  })

  it('gives the same as vapi call simulate', async () => {
    const { cwd, data } = await start()
    writeFileSync(join(cwd, 'call.json'), JSON.stringify(simulation))
    const { stdout } = await vapi(['call', 'simulate', 'call.json', '--json'], { cwd })
    const { events } = (await data('simulate_call', { simulation })) as { events: Record<string, unknown>[] }
    const printed = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
      .filter(({ type }) => events.some(event => event.type === type))
      .map(({ file: _file, ...event }) => event)
    expect(events.length).toBeGreaterThan(4)
    expect(printed).toEqual(events)
  })

  it('takes another assistant, also from a file', async () => {
    const { cwd, data } = await start()
    const assistant = {
      ...base.assistant,
      firstMessageMode: 'assistant-speaks-first',
      firstMessage: 'Good morning.',
    }
    const spoken = async (given: unknown) =>
      JSON.stringify((await data('simulate_call', { assistant: given, simulation })).events)
    expect(await spoken(assistant)).toContain('Good morning.')
    writeFileSync(join(cwd, 'assistant.json'), JSON.stringify(assistant))
    expect(await spoken('assistant.json')).toContain('Good morning.')
  })

  it('says which expectation does not hold', async () => {
    const { data } = await start()
    const failing = { ...simulation, expect: [{ event: 'interruption', count: 2 }] }
    const found = await data('simulate_call', { simulation: failing })
    expect(found).toMatchObject({ passed: false, failedExpectations: [{ index: 0 }] })
  })

  it.each([
    [{ caller: [] }, /nobody speaks/],
    [{ ...simulation, callers: [] }, /callers/],
    [{ ...simulation, assistant: 'stored-name' }, /stored-name/],
  ])('refuses what cannot be run (%#)', async (given, told) => {
    const { call } = await start()
    const refused = await call('simulate_call', { simulation: given })
    expect(refused.isError).toBe(true)
    expect(textOf(refused)).toMatch(told)
  })
})

describe('explain_call', () => {
  it('explains events and files as vapi call explain does', async () => {
    const { cwd, data, text } = await start()
    writeFileSync(join(cwd, 'call.json'), JSON.stringify(simulation))
    const { stdout } = await vapi(['call', 'simulate', 'call.json', '--json'], { cwd })
    writeFileSync(join(cwd, 'events.jsonl'), stdout)
    const printed = JSON.parse((await vapi(['call', 'explain', 'events.jsonl', '--json'], { cwd })).stdout)
    expect(await data('explain_call', { call: 'events.jsonl' })).toEqual({ calls: [printed], leftOut: [] })
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(await data('explain_call', { events })).toEqual({ calls: [printed], leftOut: [] })
    expect(await text('explain_call', { events, turn: 1 })).toContain('Which day?')
  })

  it.each([
    [{}, /which call/],
    [{ call: 'missing' }, /no file, folder or local call missing/],
    [{ call: '-' }, /protocol/],
    [{ events: [{ type: 'nothing' }] }, /no events of a call/],
  ])('says what is wrong with %j', async (given, told) => {
    const { call } = await start()
    const refused = await call('explain_call', given)
    expect(refused.isError).toBe(true)
    expect(textOf(refused)).toMatch(told)
  })
})

describe('read_listen_journal', () => {
  it('gives the newest events first, with answers, and hides what is private', async () => {
    const cwd = temporaryFolder()
    const journal = await openTestJournal(folderIn(cwd))
    const message = (type: string) => ({
      message: { type, call: { id: 'call-1' }, customer: { number: '+14155550123' } },
    })
    for (const [place, type] of ['status-update', 'tool-calls'].entries()) {
      const id = `0123abcd-00000${place}`
      journal.event(relayedEvent(id, message(type), { receivedMs: Date.now() + place }), [
        'http://localhost:3000/',
      ])
      journal.reply(relayedReply(id, { body: Buffer.from('{"results":[]}') }))
    }
    await journal.close()
    const { data, text } = await start(cwd)
    const { events } = (await data('read_listen_journal')) as { events: Record<string, unknown>[] }
    expect(events.map(({ event }) => event)).toEqual(['tool-calls', 'status-update'])
    expect(events[0]).toMatchObject({ callId: 'call-1', outcomes: [{ status: 200, body: { results: [] } }] })
    expect(JSON.stringify(events)).not.toContain('4155550123')
    const some = (await data('read_listen_journal', { event: 'status-*', last: 1 })) as { events: unknown[] }
    expect(some.events).toMatchObject([{ event: 'status-update' }])
    expect(await text('read_listen_journal', { failed: true })).toContain('no event in the journal fits')
  })

  it('says where there is no journal', async () => {
    const { text } = await start()
    expect(await text('read_listen_journal')).toContain('there is no journal')
  })
})
