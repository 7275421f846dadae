import type { Input } from '../../engine/inputs.ts'
import type { Observation } from '../../engine/observations.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Customer, CustomerLine, UntimedInput } from '../ports.ts'
import type { Diverge } from './answers.ts'

/** Longer than any call. */
const NEVER_MS = 1e12

/** What an outside event is told by: the call's begin, or a beginning or end of the assistant's speech, by its place. */
export type Anchor = { type: 'begin' } | { type: 'started' | 'stopped'; speech: number }

/** Something that came from outside in a recorded call: an utterance of the customer with its words, or a single event. */
export interface OutsideEvent {
  /** When it began in the recorded call. */
  atMs: number
  /** True for utterances: the next one begins after their end. */
  isSpeech: boolean
  inputs: readonly Input[]
  anchor: Anchor
  /** Time of the anchor in the recorded call. */
  anchorMs: number
}

/** What came from outside in a recorded call. */
export interface OutsideEvents {
  /** When the customer could be heard; null where that never came. */
  joinedMs: number | null
  events: readonly OutsideEvent[]
  /** Where each speech of the assistant came from, in their order. */
  speeches: readonly string[]
  /** The record was cut off after this time; null where it is whole. */
  recordEnded: Pick<OutsideEvent, 'anchor' | 'anchorMs' | 'atMs'> | null
}

/** The customer of a recorded call: says the same, so long after or into the assistant's speech as then. */
export function createReplayCustomer(outside: OutsideEvents, clock: Clock, diverge: Diverge): Customer {
  const moments = { started: [] as number[], stopped: [] as number[] }
  const closing = new AbortController()
  let line: CustomerLine
  let next = 0
  /** Utterances do not overlap. */
  let freeFromMs = 0
  let ended = false

  function timeOf({ anchor, anchorMs, atMs }: Pick<OutsideEvent, 'anchor' | 'anchorMs' | 'atMs'>) {
    if (anchor.type === 'begin') return atMs
    const momentMs = moments[anchor.type][anchor.speech]
    return momentMs === undefined ? null : momentMs + atMs - anchorMs
  }

  /** Sets the times of the events whose anchors are known, in their order. */
  function advance(): void {
    for (; next < outside.events.length; next++) {
      const event = outside.events[next]
      const timeMs = event === undefined ? null : timeOf(event)
      if (event === undefined || timeMs === null) return
      const startMs = event.isSpeech ? Math.max(timeMs, freeFromMs) : timeMs
      const shiftMs = startMs - event.atMs
      for (const input of event.inputs) clock.at(input.atMs + shiftMs, () => give(input, shiftMs))
      if (event.isSpeech) freeFromMs = lastEdgeMs(event) + shiftMs
    }
    if (outside.recordEnded === null || ended) return
    const endMs = timeOf(outside.recordEnded)
    if (endMs === null) return
    ended = true
    // What else was due at the last moment still happens.
    clock.at(endMs + 1, () => {
      void diverge({ kind: 'record-ended', reason: 'the recorded call was cut off here' })
    })
  }

  function give(input: Input, shiftMs: number): void {
    if (closing.signal.aborted) return
    if (input.type === 'call.hangup') {
      // The last thing that the customer does: after what else is due at this moment.
      const release = clock.hold()
      queueMicrotask(() => {
        line.hangUp(input.endedReason)
        release()
      })
      return
    }
    const { atMs: _atMs, ...untimed } = input
    const shifted = 'audioMs' in untimed ? { ...untimed, audioMs: untimed.audioMs + shiftMs } : untimed
    line.input(shifted as UntimedInput)
  }

  function take(observation: Observation): void {
    if (observation.type === 'assistant.speech.stopped') moments.stopped.push(observation.atMs)
    if (observation.type !== 'assistant.speech.started') return
    const source = outside.speeches[moments.started.length]
    if (source !== observation.source)
      void diverge({
        kind: source === undefined && outside.recordEnded !== null ? 'record-ended' : 'speech',
        reason:
          source === undefined
            ? `the assistant says “${observation.text}”, which it did not before`
            : `the assistant says “${observation.text}” (${observation.source}) where it said something else (${source}) before`,
      })
    moments.started.push(observation.atMs)
  }

  return {
    start: async given => {
      line = given
      advance()
      if (outside.joinedMs !== 0) await clock.sleep(outside.joinedMs ?? NEVER_MS, closing.signal)
    },
    notice: observations => {
      for (const observation of observations) take(observation)
      advance()
    },
    close: async () => closing.abort(),
  }
}

function lastEdgeMs({ inputs, atMs }: OutsideEvent): number {
  const stopped = inputs.findLast(({ type }) => type === 'speech.stopped')
  return stopped !== undefined && 'audioMs' in stopped ? stopped.audioMs : atMs
}
