import { expect, it } from 'vitest'
import type { Surroundings } from '../../src/engine/owner.ts'
import { customer } from '../../src/engine/owners/customer.ts'
import type { CustomerState } from '../../src/engine/state.ts'

const times = { turn: 1, speechEndMs: 900, turnEndedMs: 1200 }
const afterTurn: CustomerState = {
  talking: false,
  segmentStartMs: 0,
  segmentFinals: 'one two',
  finals: [],
  partial: '',
  speechEndMs: 900,
  transcribedMs: null,
  turn: 1,
  unanswered: { finals: ['one', 'two'], times },
  deferred: false,
  language: null,
}
// These handlers read nothing beside their slice.
const surroundings = { atMs: 1500 } as Surroundings

it('who speaks up just before the answer is heard begins a turn of other words', () => {
  const speaking = customer.on['speech.started']?.(
    afterTurn,
    { type: 'speech.started', audioMs: 1400, atMs: 1500 },
    surroundings,
  )?.slice
  // Until then the turn may go on.
  expect(speaking?.finals).toEqual(['one', 'two'])
  const started = {
    type: 'utterance.started',
    utteranceId: 'u',
    text: 'Yes.',
    turn: 1,
    latency: null,
  } as const
  const answered = customer.on['utterance.started']?.(speaking ?? afterTurn, started, surroundings)?.slice
  expect(answered).toMatchObject({ finals: [], unanswered: null, talking: true })
})
