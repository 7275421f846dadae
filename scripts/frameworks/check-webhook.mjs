// Starts a built server, and asks its webhook as the platform does: a tool call, an inbound call, a report of 200 kB, a wrong
// secret, what is no JSON. With --page its page has to come with the button in it.
//   node check-webhook.mjs [--page] PATH PROGRAM [ARGUMENT...]   ($PORT in an argument is the port that it has to listen at)
import { withServer } from './serve.mjs'

const isPage = process.argv[2] === '--page'
const [path, ...command] = process.argv.slice(isPage ? 3 : 2)
const SECRET = 'a secret of the proof'

const message = {
  type: 'tool-calls',
  toolCallList: [
    { id: 'one', function: { name: 'bookAppointment', arguments: { day: 'Friday', time: '09:30' } } },
    { id: 'two', function: { name: 'none', arguments: '{}' } },
  ],
}
const report = { type: 'end-of-call-report', endedReason: 'hangup', transcript: 'word '.repeat(40_000) }

await withServer(command, { VAPI_WEBHOOK_SECRET: SECRET }, async address => {
  const send = (body, secret = SECRET) =>
    fetch(address + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-vapi-secret': secret },
      body: typeof body === 'string' ? body : JSON.stringify({ message: body }),
    })
  const booked = ['"toolCallId":"one"', 'Booked for Friday at 09:30.', '"toolCallId":"two"']
  if (isPage) await expect('the page', fetch(address), 200, 'Talk to the assistant')
  await expect('a tool call', send(message), 200, ...booked)
  await expect('a wrong secret', send(message, 'another'), 401)
  await expect('no JSON', send('no JSON'), 400)
  await expect('an inbound call', send({ type: 'assistant-request' }), 200, '"assistant"')
  await expect('a large report', send(report), 200, '{}')
  await expect('a status', send({ type: 'status-update' }), 200, '{}')
})

async function expect(what, sent, wanted, ...words) {
  const response = await sent
  // Some write spaces into JSON.
  const text = (await response.text()).replace(/(?<=[:,]) (?=["{[])/g, '')
  console.log(`${what}: ${response.status} ${text.slice(0, 200)}`)
  if (response.status !== wanted || words.some(word => !text.includes(word)))
    throw new Error(`${what}: ${response.status} ${text}`)
}
