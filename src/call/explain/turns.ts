import { itemsOf, type Story, type Turn } from '../report/story.ts'
import { decisionsOf } from './decisions.ts'
import type { TurnExplanation } from './explanation.ts'
import { type Before, type MeasuredAnswer, measureAnswer } from './parts.ts'
import { remarksOn } from './remarks.ts'
import { whyAt } from './why.ts'

/** A turn of the story with what was found out about it, for whoever looks at several. */
export interface ExaminedTurn {
  turn: Turn
  measured: MeasuredAnswer | null
  explanation: TurnExplanation
}

/** Explains the turns of a call one by one. */
export function examineTurns(story: Story): ExaminedTurn[] {
  let before: Before = { backoffUntilMs: 0, quietFromMs: 0 }
  return story.turns.map((turn, place) => {
    const next = story.turns[place + 1] ?? null
    const measured = measureAnswer(turn, next, before)
    const explanation = explainTurn(turn, measured, before, next, story)
    before = after(turn, before)
    return { turn, measured, explanation }
  })
}

function explainTurn(
  turn: Turn,
  measured: MeasuredAnswer | null,
  before: Before,
  next: Turn | null,
  story: Story,
): TurnExplanation {
  const { decision, overtaken } = decisionsOf(turn)
  const said = itemsOf(turn.items, 'assistant').map(({ fromMs, source, heard, unheard, ending }) => ({
    atMs: fromMs,
    source,
    heard,
    unheard,
    ending,
  }))
  const base = {
    turn: turn.number,
    assistantName: turn.assistantName,
    fromMs: turn.fromMs,
    endedMs: turn.endedMs,
    soundedMs: turn.soundedMs ?? said[0]?.atMs ?? null,
    customer: itemsOf(turn.items, 'customer')
      .filter(({ acknowledgement }) => !acknowledgement)
      .map(({ text }) => text)
      .filter(text => text !== '')
      .join(' '),
    said,
    outcome: outcomeOf(turn),
    decision,
    overtaken,
    time: measured === null ? null : { totalMs: measured.totalMs, parts: measured.parts },
  }
  return {
    ...base,
    why: whyAt(base, measured, { turn, next, isLast: story.turns.at(-1) === turn, before }),
    remarks: remarksOn(turn),
  }
}

function outcomeOf(turn: Turn): TurnExplanation['outcome'] {
  if (turn.number === 0) return 'opening'
  if (turn.answered) return 'answered'
  if (turn.takenBack) return 'taken-back'
  return turn.endedMs === null ? 'unfinished' : 'unanswered'
}

function after(turn: Turn, before: Before): Before {
  const untils = itemsOf(turn.items, 'interruption').map(({ silentUntilMs }) => silentUntilMs ?? 0)
  const ends = itemsOf(turn.items, 'assistant').map(({ toMs, fromMs }) => toMs ?? fromMs)
  return {
    backoffUntilMs: latest(before.backoffUntilMs, untils),
    quietFromMs: latest(before.quietFromMs, ends),
  }
}

function latest(fromMs: number, times: readonly number[]): number {
  return times.reduce((last, ms) => Math.max(last, ms), fromMs)
}
