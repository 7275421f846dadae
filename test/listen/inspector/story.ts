import type { EventMemory } from '../../../src/listen/inspector/memory.ts'
import { BEGAN_MS, event, message, reply } from './support.ts'

export const FIRST_CALL = '0199a1c2-7b3d-7e4f-8a5b-6c7d8e9f0a1b'
export const SECOND_CALL = 'b7e1c2d3-1111-4222-8333-944455556666'

/** Two calls: one whole, with a transcript, a tool that worked and one whose reply was wrong; one that goes wrong early. */
export function tellStory(memory: EventMemory): void {
  let count = 0
  const tell = (
    callId: string | undefined,
    atMs: number,
    type: string,
    fields: Record<string, unknown> = {},
    outcome: unknown = {},
    over: Parameters<typeof reply>[2] = {},
  ) => {
    const id = `0a1b2c3d-${String(++count).padStart(6, '0')}`
    const told = event(id, message(type, fields, callId), { receivedMs: BEGAN_MS + atMs })
    memory.event(told)
    if (outcome !== null) memory.reply(reply(id, outcome, over), told)
    return told
  }
  const say = (atMs: number, role: string, transcript: string, transcriptType = 'final') =>
    tell(FIRST_CALL, atMs, 'transcript', { role, transcript, transcriptType })
  const call = (id: string, name: string, values: object) => ({
    toolCallList: [{ id, type: 'function', function: { name, arguments: values }, name, arguments: values }],
  })
  tell(
    FIRST_CALL,
    0,
    'assistant-request',
    {},
    { assistantId: '8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a' },
    { durationMs: 1840 },
  )
  tell(FIRST_CALL, 900, 'status-update', { status: 'in-progress' })
  tell(FIRST_CALL, 1000, 'speech-update', { status: 'started', role: 'assistant', turn: 0 })
  say(1200, 'assistant', 'Riverside Dental, how can I help you?')
  say(4200, 'user', 'I would like', 'partial')
  say(5200, 'user', 'I would like an appointment on Friday, in the morning if you can.')
  tell(
    FIRST_CALL,
    6100,
    'tool-calls',
    call('call_1', 'findSlots', { day: '2026-03-06', part: 'morning' }),
    { results: [{ toolCallId: 'call_1', result: '09:30 and 11:00 are free' }] },
    { durationMs: 412.3 },
  )
  say(7600, 'assistant', 'Nine thirty is free. Shall I book it for you?')
  say(10_800, 'user', 'Yes, please.')
  tell(
    FIRST_CALL,
    11_400,
    'tool-calls',
    call('call_2', 'bookAppointment', { day: '2026-03-06', time: '09:30', name: 'Ann Example' }),
    { results: [{ toolcallid: 'call_2', result: 'booked\nsee you on Friday' }] },
    { durationMs: 21_480 },
  )
  tell(FIRST_CALL, 33_000, 'user-interrupted', { turnId: 'turn-3' })
  say(34_100, 'assistant', 'I am sorry, that took a while. Your appointment is on Friday at nine thirty.')
  tell(FIRST_CALL, 41_000, 'status-update', { status: 'ended', endedReason: 'customer-ended-call' })
  tell(
    FIRST_CALL,
    42_000,
    'end-of-call-report',
    { endedReason: 'customer-ended-call' },
    {},
    { durationMs: 96 },
  )

  tell(SECOND_CALL, 50_000, 'status-update', { status: 'in-progress' })
  const down = tell(
    SECOND_CALL,
    52_000,
    'tool-calls',
    call('call_9', 'findCustomer', { number: '+15550100123' }),
    null,
  )
  memory.problem(
    {
      type: 'target',
      id: down.id,
      url: 'http://localhost:3000/webhook',
      answers: true,
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:3000',
      durationMs: 1.2,
    },
    down,
  )
  tell(SECOND_CALL, 53_000, 'conversation-update', {})
  tell(
    SECOND_CALL,
    53_500,
    'status-update',
    { status: 'in-progress' },
    { error: 'database is locked' },
    { status: 500 },
  )
  const broken = event('0a1b2c3d-000099', '{"message": {"type": "hang", ', { receivedMs: BEGAN_MS + 54_000 })
  memory.event(broken)
  memory.reply(reply(broken.id, {}), broken)
  memory.problem(
    {
      type: 'refused',
      id: '0a1b2c3d-000100',
      status: 413,
      message: 'the body is larger than 20000000 bytes (--max-body)',
    },
    null,
  )
  tell(SECOND_CALL, 56_000, 'speech-update', { status: 'started', role: 'user', turn: 1 }, null)
}
