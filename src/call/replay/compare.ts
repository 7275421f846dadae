import { isDeepStrictEqual } from 'node:util'
import type { EndpointingSource, Observation } from '../../engine/observations.ts'
import { readStory } from '../report/read-story.ts'
import type { Turn } from '../report/story.ts'
import type { Divergence, RequestDifference } from './answers.ts'
import type { ReplayRun } from './run.ts'

const STAGES = ['endpointingMs', 'modelMs', 'voiceMs', 'waitMs', 'totalMs'] as const
/** Where the time between the customer's last word and the assistant's first sound went, in whole milliseconds. */
export type ReplayedLatency = Record<(typeof STAGES)[number], number>

/** One turn as it went. */
export interface TurnSide {
  /** The customer's words; empty in the opening. */
  customer: string
  /** What was heard of the assistant. */
  assistant: string
  interrupted: boolean
  endpointing: { by: EndpointingSource; waitMs: number; detail: string } | null
  /** Null where no speech of the customer was answered, or the answer was not heard. */
  latency: ReplayedLatency | null
}

/**
 * A turn before and after the change. `diverged`: from here on the recorded answers say nothing of the changed call; `after` has
 * what was known until then. `not-recorded`: the recorded call says nothing of it.
 */
export interface ReplayedTurn {
  /** 0 is what comes before the customer's first turn. */
  turn: number
  status: 'same' | 'differs' | 'diverged' | 'not-recorded'
  before: TurnSide | null
  after: TurnSide | null
  /** As the call itself measured it; `before` has no lateness of timers and devices beyond what was recorded of them. */
  recorded: ReplayedLatency | null
  /** After less before; null where there is no latency on both sides. */
  difference: ReplayedLatency | null
}

export interface Ending {
  endedReason: string
  lengthMs: number
}

export interface ReplayComparison {
  turns: ReplayedTurn[]
  /** Where the changed call cannot go on as the recorded one did, and why; `difference`: of a request that was not made before. */
  diverged: { turn: number; atMs: number; reason: string; difference?: RequestDifference } | null
  /** Where the record ends, or cannot be played again. */
  unrecorded: { turn: number; atMs: number; reason: string } | null
  ended: { before: Ending | null; after: Ending | null }
  /** Turns that were compared although even the unchanged call did not go as it was recorded. */
  unlike: number[]
  differs: boolean
}

/**
 * Puts the turns of a recorded call beside those of the changed one. Both were played on the virtual clock; `recorded` is what
 * the call itself told.
 */
export function compareRuns(
  before: ReplayRun,
  after: ReplayRun,
  recorded: readonly Observation[],
): ReplayComparison {
  const [was, is] = [readSides(before), readSides(after)]
  const { sides: then } = readSides({ observations: [...recorded], stopped: null })
  const count = Math.max(was.sides.length, is.sides.length)
  const isLate = after.stopped?.kind === 'record-ended'
  const turns = Array.from({ length: count }, (_, turn): ReplayedTurn | null => {
    const [old, now] = [was.sides[turn] ?? null, is.sides[turn] ?? null]
    if (old === null && now === null) return null
    const pair = { turn, before: old, after: now, recorded: then[turn]?.latency ?? null }
    if (turn >= was.stoppedAt || (isLate && turn >= is.stoppedAt))
      return { ...pair, status: 'not-recorded', difference: null }
    if (turn >= is.stoppedAt) return { ...pair, status: 'diverged', difference: null }
    const difference = latencyDifference(old, now)
    return { ...pair, status: isDeepStrictEqual(old, now) ? 'same' : 'differs', difference }
  }).filter(turn => turn !== null)
  const ended = { before: was.ended, after: is.ended }
  const diverged = isLate ? null : stopOf(after, is.stoppedAt)
  const sameEnd =
    before.stopped !== null ||
    after.stopped !== null ||
    ended.before?.endedReason === ended.after?.endedReason
  return {
    turns,
    diverged: turns.some(({ status }) => status === 'diverged') ? diverged : null,
    unrecorded: stopOf(before, was.stoppedAt),
    ended,
    unlike: turns.flatMap(({ turn, status, before: side }) =>
      (status === 'same' || status === 'differs') && !isAlike(side, then[turn]) ? [turn] : [],
    ),
    differs: !sameEnd || turns.some(({ status }) => status === 'differs' || status === 'diverged'),
  }
}

function stopOf({ stopped }: ReplayRun, turn: number): ReplayComparison['diverged'] {
  if (stopped === null) return null
  const { atMs, reason, difference } = stopped
  return { turn, atMs: Math.round(atMs), reason, ...(difference !== undefined && { difference }) }
}

interface Sides {
  /** By turn; the first is the opening, absent where nobody spoke in it. */
  sides: (TurnSide | undefined)[]
  /** The turn during which the call stopped; beyond all turns where it came to its end. */
  stoppedAt: number
  ended: Ending | null
}

function readSides({ observations, stopped }: ReplayRun): Sides {
  const story = readStory(observations)
  const opening = story.turns.find(({ number }) => number === 0)
  // Words of a turn that was taken back belong to the next one too.
  const turns = [opening, ...story.turns.filter(({ number, takenBack }) => number > 0 && !takenBack)]
  const { ended } = story
  return {
    sides: turns.map(turn =>
      turn === undefined || (turn.number === 0 && !turn.answered) ? undefined : sideOf(turn, observations),
    ),
    stoppedAt: stopped === null ? Number.POSITIVE_INFINITY : stoppedAt(turns, stopped.kind),
    ended: ended === null ? null : { endedReason: ended.endedReason, lengthMs: Math.round(ended.atMs) },
  }
}

/** The last turn that had ended; where only the record ends, and it was answered, the one after it. */
function stoppedAt(turns: readonly (Turn | undefined)[], kind: Divergence['kind']): number {
  const last = Math.max(
    0,
    turns.findLastIndex(turn => turn !== undefined && turn.endedMs !== null),
  )
  const spoken = turns[last]?.items.filter(item => item.type === 'assistant') ?? []
  const isOver =
    spoken.length > 0 && spoken.every(item => item.type === 'assistant' && item.ending !== 'open')
  return kind === 'record-ended' && (isOver || (last === 0 && turns[0]?.answered !== true)) ? last + 1 : last
}

function sideOf({ number, items, latency }: Turn, observations: readonly Observation[]): TurnSide {
  const text = observations.findLast(seen => seen.type === 'turn.ended' && seen.turn === number)
  const decision = items.findLast(item => item.type === 'decision' && item.outcome === 'ended')
  const spoken = items.flatMap(item => (item.type === 'assistant' && item.heard !== '' ? [item.heard] : []))
  const customer = items.flatMap(item =>
    item.type === 'customer' && !item.acknowledgement && item.text !== '' ? [item.text] : [],
  )
  return {
    customer: text?.type === 'turn.ended' ? text.text : customer.join(' '),
    assistant: spoken.join(' '),
    interrupted: items.some(item => item.type === 'assistant' && item.ending === 'interrupted'),
    endpointing:
      decision?.type === 'decision'
        ? { by: decision.by, waitMs: Math.round(decision.waitMs), detail: decision.detail }
        : null,
    latency: latency === null ? null : latencyOf(stage => latency[stage]),
  }
}

/** The same was said, whatever time it took. */
function isAlike(side: TurnSide | null, recorded: TurnSide | undefined): boolean {
  return side?.customer === recorded?.customer && side?.assistant === recorded?.assistant
}

function latencyOf(stage: (name: (typeof STAGES)[number]) => number): ReplayedLatency {
  const [endpointingMs, modelMs, voiceMs, waitMs, totalMs] = STAGES.map(name => Math.round(stage(name)))
  return {
    endpointingMs: endpointingMs ?? 0,
    modelMs: modelMs ?? 0,
    voiceMs: voiceMs ?? 0,
    waitMs: waitMs ?? 0,
    totalMs: totalMs ?? 0,
  }
}

function latencyDifference(before: TurnSide | null, after: TurnSide | null): ReplayedLatency | null {
  const [old, now] = [before?.latency ?? null, after?.latency ?? null]
  return old === null || now === null ? null : latencyOf(stage => now[stage] - old[stage])
}
