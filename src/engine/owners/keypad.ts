import type { Command } from '../commands.ts'
import { type Owner, observe, type Surroundings } from '../owner.ts'
import type { KeypadState } from '../state.ts'

/** Fires when no further key was pressed in time. */
const KEYS_TIMER = 'keypad.keys'

/** Collects the keys that the customer presses, and makes a message of them (API: keypadInputPlan). */
export const keypad: Owner<'keypad'> = {
  name: 'keypad',
  on: {
    'keys.pressed': (slice, event, surroundings) => {
      const { plan, atMs, others } = surroundings
      if (others.lifecycle.phase !== 'live') return undefined
      const pressed = observe(atMs, { type: 'keys.pressed', keys: event.keys })
      if (plan.keypad === null) return withoutEffect(slice, pressed, atMs)
      const keys = slice.keys + event.keys
      const { delimiters, timeoutMs } = plan.keypad
      const ended = [...keys].some(key => delimiters.includes(key))
      if (ended || timeoutMs === 0)
        return message(slice, withoutDelimiters(keys, delimiters), surroundings, [pressed])
      if (timeoutMs === null) return { slice: { ...slice, keys }, commands: [pressed] }
      return {
        slice: { ...slice, keys },
        commands: [pressed, { type: 'timer.set', timerId: KEYS_TIMER, atMs: atMs + timeoutMs }],
      }
    },

    timer: (slice, event, surroundings) =>
      event.timerId === KEYS_TIMER && slice.keys !== ''
        ? message(slice, slice.keys, surroundings)
        : undefined,

    'call.closing': slice => ({
      slice: { ...slice, keys: '' },
      commands: [{ type: 'timer.clear', timerId: KEYS_TIMER }],
    }),
  },
}

/** No setting reads the keys; that is told once a call. */
function withoutEffect(slice: Readonly<KeypadState>, pressed: Command, atMs: number) {
  const message = 'keys were pressed and have no effect: keypadInputPlan.enabled of the assistant is not true'
  const warning = slice.warned ? [] : [observe(atMs, { type: 'warning', message })]
  return { slice: { ...slice, warned: true }, commands: [pressed, ...warning] }
}

function message(
  slice: Readonly<KeypadState>,
  keys: string,
  { others, atMs }: Surroundings,
  before: Command[] = [],
) {
  const commands: Command[] = [...before, { type: 'timer.clear', timerId: KEYS_TIMER }]
  if (keys === '') return { slice: { ...slice, keys: '' }, commands }
  const times = { turn: others.customer.turn, speechEndMs: null, turnEndedMs: atMs }
  return {
    slice: { ...slice, keys: '' },
    commands: [...commands, observe(atMs, { type: 'keys.entered', keys })],
    facts: [
      { type: 'message.added', role: 'user', content: keys } as const,
      { type: 'reply.wanted', times } as const,
    ],
  }
}

function withoutDelimiters(keys: string, delimiters: string): string {
  return [...keys].filter(key => !delimiters.includes(key)).join('')
}
