import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { parseControl } from '../../src/call/control/message.ts'
import { openControlPort } from '../../src/call/control/port.ts'
import { planOf } from '../support/hooks.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

const hello = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 20, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Bye." }]`
const send = (at: number, message: string) => `{ at: ${at}, send: { ${message} } }`
const control = (...lines: string[]) => `\ncontrol: [${lines.join(', ')}]`

function said(call: SimulatedCall): string[] {
  return call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)
}

function warnings(call: SimulatedCall): string[] {
  return call.all('warning').map(({ message }) => message)
}

describe('what is not taken', () => {
  it('[api-control-unknown] is a command of another type: it is refused by its name and changes nothing', async () => {
    expect(parseControl({ type: 'dance' })).toEqual({
      faults: [
        'type: there is no type "dance"; there are say, add-message, control, end-call, transfer, handoff, send-transport-message',
      ],
    })
    await expect(runSimulation(hello + control(send(5, 'type: dance')))).rejects.toThrow(
      'control[0].send.type: there is no type "dance"',
    )
  })

  it.each([
    ['null', null, 'expected object'],
    ['a list', [], 'expected object'],
    ['no type', {}, 'a type is missing'],
    ['another verb', { type: 'control', control: 'mute-everybody' }, 'control: expected one of'],
    ['a strange key', { type: 'end-call', reason: 'x' }, 'property reason should not exist'],
    ['no text', { type: 'say', content: 5 }, 'content: expected string'],
    ['no message', { type: 'add-message' }, 'message: expected object'],
    ['no destination', { type: 'transfer' }, 'destination: '],
    [
      'a number',
      { type: 'transfer', destination: { type: 'number', number: '555' } },
      'destination.number: ',
    ],
    [
      'a long number',
      {
        type: 'transfer',
        destination: { type: 'number', number: '1'.repeat(41), numberE164CheckEnabled: false },
      },
      '<=40',
    ],
    [
      'an address',
      { type: 'transfer', destination: { type: 'sip', sipUri: 'desk' } },
      'destination.sipUri: ',
    ],
    ['nobody', { type: 'handoff', destination: { type: 'assistant' } }, 'give one of assistantName'],
    [
      'a number to hand to',
      { type: 'handoff', destination: { type: 'number', number: '+15551234567' } },
      'destination.type: ',
    ],
    [
      'another transport',
      { type: 'send-transport-message', message: { transport: 'post' } },
      'message.transport: ',
    ],
    [
      'another SIP verb',
      { type: 'send-transport-message', message: { transport: 'vapi.sip', sipVerb: 'BYE' } },
      'message.sipVerb: ',
    ],
  ])('[api-control-unknown] is %s', (_case, posted, fault) => {
    expect(parseControl(posted)).toEqual({ faults: [expect.stringContaining(fault)] })
  })

  it.each([
    ['not set', '', ['Please hold.']],
    ['true', 'monitorPlan: { controlEnabled: true }', ['Please hold.']],
    ['false', 'monitorPlan: { controlEnabled: false }', []],
  ])(
    '[api-monitor-plan] is any command where controlEnabled is false; it is %s',
    async (_case, plan, words) => {
      const call = await runSimulation(
        `${hello}\nassistant: { ${plan} }${control(send(5, 'type: say, content: "Please hold."'), send(9, 'type: end-call'))}`,
      )
      expect(said(call)).toEqual(['Hi.', ...words, ...(words.length > 0 ? [] : ['Bye.'])])
      expect(call.endedReason).toBe(words.length > 0 ? 'manually-canceled' : 'customer-ended-call')
      expect(warnings(call)).toEqual(
        words.length > 0
          ? []
          : ['say', 'end-call'].map(name => `${name} was refused: monitorPlan.controlEnabled is false`),
      )
    },
  )

  it.each([
    ['not set', {}, true],
    ['true', { listenEnabled: true }, true],
    ['false', { listenEnabled: false }, false],
  ])(
    '[api-monitor-plan] is a listener where listenEnabled is false; it is %s',
    async (_case, monitorPlan, open) => {
      const { monitor } = await planOf({ monitorPlan })
      const port = await openControlPort(0)
      onTestFinished(() => port.close())
      port.connect(() => ({ phase: 'live', ...monitor, control: () => {} }))
      const socket = new WebSocket(port.urls.listenUrl)
      const status = await new Promise(resolve => {
        socket.once('open', () => resolve(101))
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
        socket.on('error', () => {})
      })
      socket.terminate()
      expect(status).toBe(open ? 101 : 403)
    },
  )
})
