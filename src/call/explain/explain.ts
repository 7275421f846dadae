import type { Story } from '../report/story.ts'
import { endingInWords } from '../report/words.ts'
import { adviseOnTurnEnds } from './advice-waits.ts'
import { adviseOnWork } from './advice-work.ts'
import { type Advice, type CallExplanation, PARTS, type PartName } from './explanation.ts'
import { length, median, total } from './lengths.ts'
import type { RecordedCall } from './read-log.ts'
import { type ExaminedTurn, examineTurns } from './turns.ts'
import { PART_WORDS } from './why.ts'

/** Settings that decide about ends by themselves. */
const END_SETTINGS: Readonly<Record<string, string>> = {
  'silence-timed-out': 'silenceTimeoutSeconds',
  'exceeded-max-duration': 'maxDurationSeconds',
  'assistant-said-end-call-phrase': 'endCallPhrases',
}

/** Explains a call: turn by turn why the assistant spoke when it did, and what would make it faster. */
export function explainCall({ file, story, assistantName, unknownEvents }: RecordedCall): CallExplanation {
  const examined = examineTurns(story)
  compareAnswers(examined)
  return {
    file,
    assistantName,
    lengthMs: story.lengthMs,
    ended: explainEnd(story),
    settings: story.turns.find(({ settings }) => settings !== null)?.settings ?? null,
    summary: summarise(examined),
    turns: examined.map(({ explanation }) => explanation),
    advice: advise(examined),
    unknownEvents,
  }
}

function explainEnd({ ended }: Story): CallExplanation['ended'] {
  if (ended === null) return null
  const { endedReason } = ended
  const setting = Object.hasOwn(END_SETTINGS, endedReason) ? ` (${END_SETTINGS[endedReason]})` : ''
  return { ...ended, why: `${endingInWords(endedReason)}${setting}` }
}

/** An answer is slower than its fellows where it takes this many times their median, and so many milliseconds more. */
const SLOWER = { times: 1.2, ms: 100 }

/** Says of slow answers what made them slower than the others, and of a lone one what took most of it. */
function compareAnswers(examined: readonly ExaminedTurn[]): void {
  const answers = examined.flatMap(({ turn, measured, explanation }) =>
    measured === null || turn.number === 0
      ? []
      : [{ ms: measured.ms, totalMs: measured.totalMs, explanation }],
  )
  if (answers.length < 3) {
    for (const { ms, totalMs, explanation } of answers) {
      const most = largestPart(ms)
      if (totalMs > 0)
        explanation.why.push(
          `Most of the time went into ${PART_WORDS[most]}: ${length(ms[most])}, ${Math.round((ms[most] / totalMs) * 100)} %.`,
        )
    }
    return
  }
  const middleMs = median(answers.map(({ totalMs }) => totalMs))
  const middle = Object.fromEntries(PARTS.map(name => [name, median(answers.map(({ ms }) => ms[name]))]))
  for (const { ms, totalMs, explanation } of answers) {
    if (totalMs < middleMs * SLOWER.times || totalMs < middleMs + SLOWER.ms) continue
    const more = PARTS.map(name => [name, ms[name] - (middle[name] ?? 0)] as const)
    const [most] = more.reduce((first, second) => (second[1] > first[1] ? second : first))
    const usual = middle[most] === 0 ? '' : ` instead of ${length(middle[most] ?? 0)}`
    explanation.why.push(
      `It is ${length(totalMs - middleMs)} slower than the median answer, mostly for ${PART_WORDS[most]}: ${length(ms[most])}${usual}.`,
    )
  }
}

function largestPart(ms: Readonly<Record<PartName, number>>): PartName {
  return PARTS.reduce((most, name) => (ms[name] > ms[most] ? name : most))
}

function summarise(examined: readonly ExaminedTurn[]): CallExplanation['summary'] {
  const answers = examined.flatMap(({ turn, measured }) =>
    measured === null || turn.number === 0 ? [] : [{ turn: turn.number, ...measured }],
  )
  const [first] = answers
  if (first === undefined) return null
  const slowest = answers.reduce((slow, each) => (each.totalMs > slow.totalMs ? each : slow), first)
  const allMs = answers.reduce((sum, { totalMs }) => sum + totalMs, 0)
  return {
    measured: answers.length,
    medianMs: median(answers.map(({ totalMs }) => totalMs)),
    slowestMs: slowest.totalMs,
    slowestTurn: slowest.turn,
    shares: PARTS.map(name => ({
      name,
      share: allMs === 0 ? 0 : answers.reduce((sum, { ms }) => sum + ms[name], 0) / allMs,
    })).filter(({ share }) => share > 0),
  }
}

/** What saves most comes first; what nobody can put a number on comes last. */
function advise(examined: readonly ExaminedTurn[]): Advice[] {
  const names = [...new Set(examined.filter(({ turn }) => turn.endedMs !== null).map(nameOf))]
  const advice = (names.length === 0 ? [null] : names).flatMap(name => {
    const own = names.length < 2 ? examined : examined.filter(each => nameOf(each) === name)
    return [...adviseOnTurnEnds(own), ...adviseOnWork(own)].map(draft => ({
      ...draft,
      assistantName: names.length < 2 ? null : name,
    }))
  })
  const isUnknown = ({ certainty }: Advice) => (certainty === 'unknown' ? 1 : 0)
  return advice.toSorted(
    (first, second) => isUnknown(first) - isUnknown(second) || total(second.saves) - total(first.saves),
  )
}

function nameOf({ turn }: ExaminedTurn): string | null {
  return turn.assistantName
}
