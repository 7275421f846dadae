import { expect } from 'vitest'
import { everyEvent, SECRET, trigger, unanswered } from './written-project.ts'

/** Answers that a webhook gives for features which have a server of their own. */
const OWN_SERVERS = ['voice-request', 'call.endpointing.request', 'campaign.predial']

/** Every message of the platform is answered as it has to be; `address` is that of the webhook. */
export async function expectEveryEvent(address: string): Promise<void> {
  const events = (await everyEvent()).filter(event => !OWN_SERVERS.includes(event))
  expect(events.length).toBeGreaterThan(20)
  expect(await unanswered(events, address)).toEqual([])
  expect((await trigger('tool-calls', address)).stdout).toContain('Booked for Friday at 09:30.')
}

/** What a webhook does with a wrong secret, what is no message, tools that are not there, and both forms of arguments. */
export async function expectContract(address: string): Promise<void> {
  const send = (body: string, secret: string | null = SECRET) =>
    fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(secret !== null && { 'x-vapi-secret': secret }) },
      body,
    })
  const status = async (...request: Parameters<typeof send>) => (await send(...request)).status
  const update = JSON.stringify({ message: { type: 'status-update' } })
  expect(await status(update, `${SECRET}.`)).toBe(401)
  expect(await status(update, null)).toBe(401)
  for (const wrong of [
    '{',
    '',
    '[]',
    '"text"',
    'null',
    '{}',
    '{"message":null}',
    '{"message":"text"}',
    '{"message":{}}',
  ])
    expect(await status(wrong), wrong).toBe(400)
  const reply = await send(update)
  expect([reply.status, await reply.json()]).toEqual([200, {}])

  const called = (id: string, name: string, values: unknown) => ({
    id,
    function: { name, arguments: values },
  })
  const toolCallList = [
    called('1', 'nothing', {}),
    called('2', 'bookAppointment', { day: 'Monday', time: '8' }),
    called('3', 'bookAppointment', '{"day":"Tuesday","time":"9"}'),
    called('4', 'bookAppointment', '{'),
  ]
  const answered = await send(JSON.stringify({ message: { type: 'tool-calls', toolCallList } }))
  expect(await answered.json()).toEqual({
    results: [
      { toolCallId: '1', error: 'There is no tool nothing.' },
      { toolCallId: '2', result: 'Booked for Monday at 8.' },
      { toolCallId: '3', result: 'Booked for Tuesday at 9.' },
      { toolCallId: '4', error: expect.stringMatching(/^[^\n]+$/) },
    ],
  })
}

/** Where no secret is set nothing is answered. */
export async function expectRefusal(address: string): Promise<void> {
  for (const secret of ['', 'any']) {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-vapi-secret': secret },
    }
    const body = JSON.stringify({ message: { type: 'status-update' } })
    expect((await fetch(address, { ...request, body })).status).toBe(500)
  }
}
