import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { journalFolder, openJournal } from '../../src/listen/journal/journal.ts'
import { readMessageHead } from '../../src/listen/message-head.ts'
import { playCall } from '../../src/trigger/play.ts'
import { fixedScript } from '../../src/trigger/script.ts'
import { finishCommand, goodReply, startCommand, startHook, type Taken } from '../support/hook.ts'
import { createMessageCheck, type Message } from '../support/messages.ts'
import { loadOpenApiDocument } from '../support/openapi/document.ts'
import { jsonLines, temporaryFolder } from '../support/program.ts'
import { runSimulation } from '../support/simulation.ts'

const document = loadOpenApiDocument()
const ON_PURPOSE = [
  /^(phoneNumber|assistant)\.property (id|orgId|createdAt|updatedAt|number|status) should not exist/,
]

const play = (argv: readonly string[], cwd?: string) =>
  finishCommand('trigger call', [...argv, '--fast'], cwd)

/** What holds of every call, wherever it comes from. */
function expectOneCall(taken: readonly Taken[]): Message[] {
  const messages: Message[] = taken.map(({ message }) => message)
  const types = messages.map(({ type }) => type)
  expect(messages[0]).toMatchObject({ type: 'status-update', status: 'in-progress' })
  expect(messages.at(-2)).toMatchObject({ type: 'status-update', status: 'ended' })
  expect(types.at(-1)).toBe('end-of-call-report')
  expect(new Set(messages.map(({ call }) => (call as { id: string }).id)).size).toBe(1)
  const times = messages.map(({ timestamp }) => timestamp as number)
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  const lengths = messages
    .filter(({ type }) => type === 'conversation-update')
    .map(({ messages: history }) => (history as unknown[]).length)
  expect(lengths).toEqual(lengths.toSorted((one, other) => one - other))
  // It has just ended: every time that is told is of the last minutes.
  const report = messages.at(-1) as unknown as { endedAt: string; artifact: { messages: { time: number }[] } }
  for (const time of [
    ...times,
    Date.parse(report.endedAt),
    ...report.artifact.messages.map(each => each.time),
  ])
    expect(Math.abs(time - Date.now())).toBeLessThan(120_000)
  if (document !== false) {
    const check = createMessageCheck(document)
    const faults = messages.flatMap(message =>
      check(message, 'ServerMessage').map(fault => `${message.type}: ${fault}`),
    )
    expect(
      faults.filter(fault => !ON_PURPOSE.some(known => known.test(fault.replace(/^\S+: /, '')))),
    ).toEqual([])
  }
  return messages
}

const ofType = (messages: readonly Message[], type: string) =>
  messages.filter(message => message.type === type)

describe('trigger call', () => {
  it('plays the built-in story in the documented order, with what the target answers in all that follows', async () => {
    const hook = await startHook()
    const { exit, stderr } = await play(['--to', `${hook.port}/hook`])
    expect(exit).toBe(0)
    expect(stderr).toContain('all taken')
    const messages = expectOneCall(hook.taken)
    const types = [...new Set(messages.map(({ type }) => type))]
    expect(types).toEqual(
      expect.arrayContaining(['speech-update', 'transcript', 'conversation-update', 'tool-calls']),
    )
    const spoken = ofType(messages, 'transcript')
    expect(new Set(spoken.map(({ transcriptType }) => transcriptType))).toEqual(new Set(['partial', 'final']))
    expect(spoken.find(({ transcript }) => String(transcript).includes('8:15'))).toMatchObject({
      role: 'assistant',
    })
    const place = messages.findIndex(({ type }) => type === 'tool-calls')
    expect(JSON.stringify(messages.slice(0, place))).not.toContain('8:15')
    expect(messages[place]).toMatchObject({
      call: { type: 'inboundPhoneCall', status: 'in-progress' },
      assistant: { name: 'Appointment desk' },
      customer: { number: '+15550100123' },
      toolWithToolCallList: [{ function: { name: 'find_times' } }],
    })
    const { id } = (messages[place] as unknown as { toolCallList: [{ id: string }] }).toolCallList[0]
    expect(messages.at(-1)).toMatchObject({
      endedReason: 'assistant-ended-call',
      analysis: { summary: expect.stringContaining('booked') },
      artifact: {
        messages: expect.arrayContaining([
          expect.objectContaining({ role: 'tool_call_result', toolCallId: id, result: '8:15' }),
        ]),
      },
    })
    expect(JSON.stringify(messages)).not.toMatch(/simulated|"call_\d+"/)
  })

  it('is another call each time, or the one that is wanted, and has just ended', async () => {
    const hook = await startHook()
    await play(['--to', String(hook.port)])
    await play(['--to', String(hook.port), '--call-id', 'my-call'])
    const ids = new Set(hook.taken.map(({ message }) => message.call.id))
    expect(ids.size).toBe(2)
    expect([...ids]).toContain('my-call')
    const { message } = hook.taken.at(-1) ?? {}
    expect(Math.abs(message.timestamp - Date.now())).toBeLessThan(10_000)
    const calls = hook.taken.filter(each => each.message.type === 'tool-calls')
    expect(new Set(calls.map(each => each.message.toolCallList[0].id)).size).toBe(2)
  })

  it('goes on with an error of the tool, and gives 3 for wrong replies and 1 for failures', async () => {
    const wrong = await startHook(({ message }) => (message.type === 'tool-calls' ? { result: 'x' } : {}))
    const first = await play(['--to', String(wrong.port)])
    expect(first.exit).toBe(3)
    expect(first.stdout).toContain('error: result: ')
    expectOneCall(wrong.taken)
    const failing = await startHook(({ message }) => (message.type === 'tool-calls' ? 500 : {}))
    const second = await play(['--to', String(failing.port)])
    expect(second.exit).toBe(1)
    const messages = expectOneCall(failing.taken)
    expect(JSON.stringify(messages.at(-1))).toContain('the server answered 500')
  })

  it('prints JSON lines, a summary last', async () => {
    const hook = await startHook()
    const { stdout } = await play(['--to', String(hook.port), '--json'])
    const lines = jsonLines(stdout)
    expect(lines).toHaveLength(hook.taken.length + 1)
    expect(lines[0]).toMatchObject({
      type: 'sent',
      event: 'status-update',
      status: 200,
      findings: [],
      atMs: 0,
    })
    expect(lines.at(-1)).toMatchObject({ type: 'summary', sent: hook.taken.length, failed: 0, wrong: 0 })
  })

  it('plays any simulation file; a tool that is called twice is asked twice', async () => {
    const hook = await startHook(({ message }, place) =>
      message.type === 'tool-calls'
        ? { results: [{ toolCallId: message.toolCallList[0].id, result: `answer ${place}` }] }
        : {},
    )
    const cwd = temporaryFolder()
    writeFileSync(
      join(cwd, 'story.yaml'),
      `
assistant:
  firstMessage: Hello.
  model:
    provider: openai
    model: gpt-4o
    tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }, { type: endCall }]
  voice: { provider: vapi, voiceId: Elliot }
caller: [{ after: assistant, plus: 0.2, say: Look twice. }, { after: assistant, plus: 0.2, say: Bye. }]
model:
  - { toolCalls: [{ name: look, arguments: { n: 1 } }] }
  - { toolCalls: [{ name: look, arguments: { n: 2 } }] }
  - { reply: "I see {{tools.look}}." }
  - { toolCalls: [{ name: endCall }] }
`,
    )
    const { exit, error } = await play(['story.yaml', '--to', String(hook.port)], cwd)
    expect({ exit, error }).toEqual({ exit: 0, error: null })
    const messages = expectOneCall(hook.taken)
    expect(ofType(messages, 'transcript'), 'only what its assistant sends by default').toEqual([])
    const { messages: results } = (messages.at(-1)?.artifact ?? {}) as {
      messages: { role: string; result?: string; message?: string }[]
    }
    const answers = results.flatMap(({ role, result }) =>
      role === 'tool_call_result' && result?.startsWith('answer') ? result : [],
    )
    expect(new Set(answers).size).toBe(2)
    expect(results.some(({ message }) => message === `I see ${answers[1]}.`)).toBe(true)
  })

  it('breaks off where the target is gone, and where it goes', async () => {
    const gone = await startHook()
    await gone.close()
    const first = await play(['--to', String(gone.port)])
    expect(first).toMatchObject({ exit: 1, error: { code: 'connection-refused' } })
    const going = await startHook((_, place) => {
      if (place === 2) void going.close()
      return {}
    })
    const second = await play(['--to', String(going.port)])
    expect(second.exit).toBe(1)
    expect(second.error).not.toBeNull()
  })

  it('ends between two messages when it is interrupted', async () => {
    const hook = await startHook()
    const run = await startCommand('trigger call', ['--to', String(hook.port)])
    await run.prints('status-update')
    run.interrupt()
    await run.finished
    expect(hook.taken.length).toBeLessThan(20)
  })

  it.each([
    [['no-such-story'], 5],
    [['appointmnt'], 5],
    [['empty'], 5],
    [['cut.jsonl'], 2],
    [['damaged.jsonl'], 2],
    [['other.json'], 2],
    [['call.vapicall'], 2],
  ])('%j gives %i, and nothing is sent', async (argv, exit) => {
    const hook = await startHook()
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'empty'))
    writeFileSync(join(cwd, 'cut.jsonl'), '{"type":"call.started","atMs":0}\n')
    writeFileSync(join(cwd, 'damaged.jsonl'), 'nonsense\n{}\n')
    writeFileSync(join(cwd, 'other.json'), '{"a": 1}')
    writeFileSync(join(cwd, 'call.vapicall'), '{}')
    const result = await play([...argv, '--to', String(hook.port)], cwd)
    expect(result.exit).toBe(exit)
    expect(hook.taken).toEqual([])
  })
})

describe('a recorded call', () => {
  async function record() {
    const { result, observations, aftermath } = await runSimulation(`
      assistant:
        name: Desk
        firstMessageMode: assistant-speaks-first
        firstMessage: Hello there, how can I help?
        model:
          provider: openai
          model: gpt-4o
          tools: [{ type: function, function: { name: find_times } }, { type: endCall }]
      caller: [{ after: assistant, plus: 0.3, say: "I need a time, please." }]
      model:
        - { toolCalls: [{ name: find_times, arguments: { day: Friday } }] }
        - { reply: "There is 9:30. Goodbye!", toolCalls: [{ name: endCall }] }
      tools: { find_times: { result: "9:30" } }
    `)
    const startedMs = observations[0] === undefined ? 0 : Date.UTC(2026, 0, 5, 9)
    return {
      observations,
      document: {
        ...{ format: 1, id: '20260105-090000-0001', type: 'localCall', status: 'ended' },
        startedAt: new Date(startedMs).toISOString(),
        endedAt: new Date(startedMs + result.ended.atMs).toISOString(),
        endedReason: result.ended.endedReason,
        assistant: { name: 'Desk' },
        artifact: aftermath.artifact,
      },
    }
  }

  const answered = async (source: string, cwd: string) => {
    const hook = await startHook(({ message }) =>
      message.type === 'tool-calls'
        ? { results: [{ toolCallId: message.toolCallList[0].id, result: 'half past ten' }] }
        : goodReply(message),
    )
    const { exit, error } = await play([source, '--to', String(hook.port)], cwd)
    expect({ exit, error }).toEqual({ exit: 0, error: null })
    const messages = expectOneCall(hook.taken)
    expect(ofType(messages, 'tool-calls')).toHaveLength(1)
    expect(ofType(messages, 'tool-calls')[0]).toMatchObject({
      toolCallList: [{ name: 'find_times', arguments: { day: 'Friday' } }],
    })
    const told = JSON.stringify(messages.at(-1))
    expect(told).toContain('"result":"half past ten"')
    expect(told).not.toContain('"result":"9:30"')
    const finals = ofType(messages, 'transcript').filter(({ transcriptType }) => transcriptType === 'final')
    expect(finals.map(({ role, transcript }) => `${role}: ${transcript}`)).toEqual([
      'assistant: Hello there, how can I help?',
      'user: I need a time, please.',
      'assistant: Hold on a sec.',
      'assistant: There is 9:30. Goodbye!',
    ])
    expect(ofType(messages, 'speech-update').map(({ turn }) => turn)).toEqual([0, 0, 1, 1, 2, 2, 2, 2])
    return messages
  }

  it('is played from its folder, its artifact and its events', async () => {
    const cwd = temporaryFolder()
    const { document: call, observations } = await record()
    const folder = join(cwd, '.vapi', 'calls', 'one')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'artifact.json'), JSON.stringify(call))
    writeFileSync(
      join(folder, 'events.jsonl'),
      observations.map(each => `${JSON.stringify(each)}\n`).join(''),
    )
    await answered(folder, cwd)
    await answered('.vapi/calls/one/artifact.json', cwd)
    const messages = await answered('.vapi/calls/one/events.jsonl', cwd)
    const { artifact, startedAt } = messages.at(-1) as unknown as {
      startedAt: string
      artifact: { messages: { time: number; secondsFromStart: number }[] }
    }
    for (const { time, secondsFromStart } of artifact.messages)
      expect(time - Date.parse(startedAt)).toBeCloseTo(secondsFromStart * 1000, 0)
  })

  it('is played as the API gives it', async () => {
    const cwd = temporaryFolder()
    const { document: call } = await record()
    const { artifact } = call
    const messages = artifact.messages.map(entry =>
      entry.role === 'tool_calls'
        ? {
            ...entry,
            toolCalls: entry.toolCalls.map(({ id, name, arguments: values }) => ({
              id,
              type: 'function',
              function: { name, arguments: JSON.stringify(values) },
            })),
          }
        : entry,
    )
    const api = {
      ...call,
      ...{ id: 'c-1', orgId: 'o-1', type: 'inboundPhoneCall', cost: 0.05, analysis: { summary: 'Fine.' } },
      artifact: { ...artifact, messages },
    }
    writeFileSync(join(cwd, 'call.json'), JSON.stringify(api))
    const sent = await answered('call.json', cwd)
    expect(sent.at(-1)).toMatchObject({
      cost: 0.05,
      analysis: { summary: 'Fine.' },
      call: { orgId: 'o-1', type: 'inboundPhoneCall' },
    })
  })

  it('is played from the journal of a listener, with new ids, at today’s time', async () => {
    const cwd = temporaryFolder()
    const first = await startHook()
    await play(['--to', String(first.port), '--call-id', 'old-call'])
    const journal = await openJournal(journalFolder(cwd), { pathMode: 'append', warn: () => {} })
    const longAgo = Date.UTC(2024, 0, 1)
    for (const [place, { body }] of first.taken.entries()) {
      const head = readMessageHead(body, true)
      if (head === null || head === 'malformed') throw new Error('no head')
      const event = { id: `abcd1234-${place}`, receivedMs: longAgo + place * 100, head, malformed: false }
      const request = { method: 'POST', requested: '/', rawHeaders: ['x-vapi-secret', 's'], body }
      journal.event({ ...event, ...request }, ['http://localhost/'])
    }
    await journal.close()
    const file = readdirSync(journalFolder(cwd)).find(name => name.endsWith('.jsonl')) ?? ''
    const second = await startHook(({ message }) =>
      message.type === 'tool-calls'
        ? { results: [{ toolCallId: message.toolCallList[0].id, result: 'noon' }] }
        : {},
    )
    const { exit, error } = await play([join('.vapi', 'listen', file), '--to', String(second.port)], cwd)
    expect({ exit, error }).toEqual({ exit: 0, error: null })
    expectOneCall(second.taken)
    expect(second.taken.map(({ message }) => message.type)).toEqual(
      first.taken.map(({ message }) => message.type),
    )
    const all = second.taken.map(({ body }) => body.toString()).join()
    expect(all).not.toContain('old-call')
    const toolCallId = first.taken.find(({ message }) => message.type === 'tool-calls')?.message
      .toolCallList[0].id
    expect(all).not.toContain(toolCallId)
    expect(second.taken.at(-1)?.body.toString()).toContain('"result":"noon"')
    expect(second.taken.at(-1)?.headers).not.toHaveProperty('x-vapi-secret')
  })

  it('is played without what the journal marks as sent twice, unless the first of it is gone', async () => {
    const cwd = temporaryFolder()
    const journal = await openJournal(journalFolder(cwd), { pathMode: 'append', warn: () => {} })
    const types = ['status-update', 'hang', 'status-update', 'hang', 'speech-update', 'status-update']
    for (const [place, type] of types.entries()) {
      const body = Buffer.from(JSON.stringify({ message: { type, call: { id: 'c-1' } } }))
      const head = readMessageHead(body, true)
      if (head === null || head === 'malformed') throw new Error('no head')
      const event = { id: `abcd1234-${place}`, receivedMs: 1000 + place, head, malformed: false }
      journal.event({ ...event, method: 'POST', requested: '/', rawHeaders: [], body }, ['http://localhost/'])
    }
    await journal.close()
    const folder = journalFolder(cwd)
    const file = join(folder, readdirSync(folder).find(name => name.endsWith('.jsonl')) ?? '')
    const played = async (path: string) => {
      const hook = await startHook()
      expect(await play([path, '--fast', '--to', String(hook.port)], cwd)).toMatchObject({ exit: 0 })
      return hook.taken.map(({ message }) => message.type)
    }
    expect(await played(file)).toEqual(['status-update', 'hang', 'speech-update'])
    // The header, and all but the first event.
    const [header, , ...rest] = readFileSync(file, 'utf8').split('\n')
    writeFileSync(join(cwd, 'cut.jsonl'), [header, ...rest].join('\n'))
    expect(await played('cut.jsonl')).toEqual(['hang', 'status-update', 'speech-update'])
  })
})

describe('the pace of a call', () => {
  const script = fixedScript(
    null,
    [0, 40, 40, 90].map(atMs => ({ atMs, message: { type: 'hang', atMs }, toolCallId: null })),
  )
  const timesOf = async (fast: boolean) => {
    const beganMs = performance.now()
    const times: number[] = []
    await playCall(script, { fast, signal: new AbortController().signal }, async () => {
      times.push(performance.now() - beganMs)
      return null
    })
    return times
  }

  it('is that of the call: nothing is sent before its time', async () => {
    const [first = 0, second = 0, third = 0, last = 0] = await timesOf(false)
    expect(first).toBeLessThan(35)
    expect(second).toBeGreaterThanOrEqual(38)
    expect(third - second).toBeLessThan(35)
    expect(last).toBeGreaterThanOrEqual(88)
  })

  it('is as fast as the target with --fast', async () => {
    expect((await timesOf(true)).at(-1)).toBeLessThan(38)
  })
})
