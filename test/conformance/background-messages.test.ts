import { describe, expect, it } from 'vitest'
import { parseControl } from '../../src/call/control/message.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

/** The page's own message (seed, Background messages). */
const pressed = 'role: system, content: "The user has pressed the button, say peanuts"'
const PRESSED = 'The user has pressed the button, say peanuts'
const add = (at: number, message: string, more = '') =>
  `{ at: ${at}, send: { type: add-message, message: { ${message} }${more} } }`
const talk = (...lines: string[]) => `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 10, say: "What now?", lasts: 1 }]
model: [{ reply: "I am going to tell you all there is now." }, { reply: "Peanuts." }, { reply: "Yes." }]
control: [${lines.join(', ')}]`

function spoken(call: SimulatedCall): [number, number, string][] {
  const stops = call.all('assistant.speech.stopped')
  return call
    .all('assistant.speech.started')
    .map(({ atMs, text }, place) => [atMs, stops[place]?.atMs ?? Number.NaN, text])
}

/** The messages of each request to the model, as they are sent. */
function requests(call: SimulatedCall) {
  return call.commands().flatMap(command => (command.type === 'model.request' ? [command.messages] : []))
}

function record(call: SimulatedCall): string[] {
  return call
    .first('call.ended')
    .artifact.messages.map(message => `${message.role} ${'message' in message ? message.message : ''}`)
}

describe('a background message', () => {
  it('[background-example, background-type, background-message] of the page is added silently, and the next answer is asked with it', async () => {
    const call = await runSimulation(talk(add(3, pressed)))
    expect(call.all('model.requested').map(({ atMs }) => atMs)).toEqual([1100, 11_100])
    expect(requests(call)[1]).toEqual([
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'I am going to tell you all there is now.' },
      { role: 'system', content: PRESSED },
      { role: 'user', content: 'What now?' },
    ])
  })

  it('[background-does-not-interrupt, background-does-not-notify] stops nothing that is being said, and nothing is spoken because of it', async () => {
    const call = await runSimulation(talk(add(3, pressed), add(7, pressed)))
    expect(spoken(call)).toEqual(spoken(await runSimulation(talk())))
    expect(spoken(call)[0]).toEqual([1900, 5900, 'I am going to tell you all there is now.'])
    expect(call.all('interruption')).toEqual([])
    expect(call.first('call.ended').artifact.transcript).not.toContain(PRESSED)
    expect(call.all('voice.requested').map(({ text }) => text)).not.toContain(PRESSED)
  })

  it('[background-is-history, background-complete-record] stands in the record in the order in which it came', async () => {
    const call = await runSimulation(
      talk(
        add(0.5, 'role: system, content: first'),
        add(7, 'role: assistant, content: third', ', triggerResponseEnabled: false'),
        add(8, 'role: tool, content: fourth', ', triggerResponseEnabled: false'),
        add(12.4, 'role: function, content: fifth', ', triggerResponseEnabled: false'),
      ),
    )
    expect(record(call)).toEqual([
      'system first',
      'user Hello.',
      'bot I am going to tell you all there is now.',
      'bot third',
      'tool fourth',
      'user What now?',
      'bot Peanuts.',
      'function fifth',
    ])
  })

  it.each([
    ['system', '', false],
    ['system', ', triggerResponseEnabled: true', true],
    ['system', ', triggerResponseEnabled: false', false],
    ...['user', 'assistant', 'tool', 'function'].flatMap(
      role =>
        [
          [role, '', true],
          [role, ', triggerResponseEnabled: true', true],
          [role, ', triggerResponseEnabled: false', false],
        ] as [string, string, boolean][],
    ),
  ])(
    '[background-role-system, background-role-user, background-role-assistant, background-role-tool, background-role-function] of role %s%s is answered: %s',
    async (role, trigger, answered) => {
      const call = await runSimulation(talk(add(7, `role: ${role}, content: "It is {{late}}."`, trigger)))
      const asked = call.all('model.requested').map(({ atMs }) => atMs)
      expect(asked).toEqual(answered ? [1100, 7000, 11_100] : [1100, 11_100])
      const texts = call.all('assistant.speech.started').map(({ text }) => text)
      expect(texts).not.toContain('It is {{late}}.')
      expect(texts).toHaveLength(answered ? 3 : 2)
      const messages = requests(call)[1] ?? []
      const added = messages.filter(({ content }) => content === 'It is {{late}}.')
      expect(added).toMatchObject([{ role }])
    },
  )

  it('[background-role-tool] reaches models that want a call before each result', async () => {
    const call = await runSimulation(
      talk(
        add(7, 'role: tool, content: "paid"'),
        add(8.5, 'role: tool, content: "sent"', ', triggerResponseEnabled: false'),
      ),
    )
    const last = requests(call).at(-1) ?? []
    const calls = last.flatMap(message =>
      message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id }) => id) : [],
    )
    const results = last.flatMap(message =>
      message.role === 'tool' ? [[message.tool_call_id, message.content]] : [],
    )
    expect(results).toEqual([
      [calls[0], 'paid'],
      [calls[1], 'sent'],
    ])
    expect(new Set(calls).size).toBe(2)
  })

  it.each([
    ['developer', false],
    ['bot', false],
    ['', false],
    ['system', true],
    ['user', true],
    ['assistant', true],
    ['tool', true],
    ['function', true],
  ])('[background-other-roles] the role %j is taken: %s', async (role, taken) => {
    const posted = { type: 'add-message', message: { role, content: 'x' } }
    expect('message' in parseControl(posted)).toBe(taken)
    if (!taken)
      expect(parseControl(posted)).toEqual({
        faults: [expect.stringMatching(/^message\.role: .*"function"/)],
      })
  })

  it.each([[' Two  spaces,\n\ta line. '], ['{{ name }} | <b>&amp;</b>'], ['Grüße 🎉']])(
    '[background-content] adds %j word for word',
    async content => {
      const call = await runSimulation(talk(add(7, `role: user, content: ${JSON.stringify(content)}`)))
      expect(requests(call)[1]?.at(-1)).toEqual({ role: 'user', content })
      expect(record(call)).toContain(`user ${content}`)
    },
  )

  it('[background-content] must be there, and may be null', () => {
    expect(parseControl({ type: 'add-message', message: { role: 'user' } })).toEqual({
      faults: [expect.stringContaining('message.content')],
    })
    expect(parseControl({ type: 'add-message', message: { role: 'user', content: null } })).toEqual({
      message: { type: 'add-message', message: { role: 'user', content: '' } },
    })
  })
})
