import type { Owner, Surroundings } from '../owner.ts'

/** Fires when no further key was pressed in time. */
const KEYS_TIMER = 'keypad.keys'

/** Collects the keys that the customer presses, and makes a message of them (API: keypadInputPlan). */
export const keypad: Owner<'keypad'> = {
  name: 'keypad',
  on: {
    'keys.pressed': (slice, event, surroundings) => {
      const { plan, atMs, others } = surroundings
      if (plan.keypad === null || others.lifecycle.phase !== 'live') return undefined
      const keys = slice.keys + event.keys
      const { delimiters, timeoutMs } = plan.keypad
      const ended = [...keys].some(key => delimiters.includes(key))
      if (ended || timeoutMs === 0) return message(withoutDelimiters(keys, delimiters), surroundings)
      if (timeoutMs === null) return { slice: { keys } }
      return {
        slice: { keys },
        commands: [{ type: 'timer.set', timerId: KEYS_TIMER, atMs: atMs + timeoutMs }],
      }
    },

    timer: (slice, event, surroundings) =>
      event.timerId === KEYS_TIMER && slice.keys !== '' ? message(slice.keys, surroundings) : undefined,

    'call.closing': () => ({
      slice: { keys: '' },
      commands: [{ type: 'timer.clear', timerId: KEYS_TIMER }],
    }),
  },
}

function message(keys: string, { others, atMs }: Surroundings) {
  const clear = { type: 'timer.clear', timerId: KEYS_TIMER } as const
  if (keys === '') return { slice: { keys: '' }, commands: [clear] }
  const times = { turn: others.customer.turn, speechEndMs: null, turnEndedMs: atMs }
  return {
    slice: { keys: '' },
    commands: [clear],
    facts: [
      { type: 'message.added', role: 'user', content: keys } as const,
      { type: 'reply.wanted', times } as const,
    ],
  }
}

function withoutDelimiters(keys: string, delimiters: string): string {
  return [...keys].filter(key => !delimiters.includes(key)).join('')
}
