import type { SpeakingSettings } from '../../engine/settings.ts'
import { glance } from '../../web/html.ts'
import { clockTime, endingInWords, inLine, lengthInWords } from '../report/words.ts'
import type { Advice, CallExplanation, SaidPiece, TurnExplanation } from './explanation.ts'
import { length, median, seconds, total, turnList } from './lengths.ts'
import { QUOTE_LIMIT } from './remarks.ts'
import { PART_LABELS } from './why.ts'

/** A piece of the explanation as people read it: a heading with lines below it. */
export interface TextBlock {
  heading: string
  /** Beside the heading, less prominent. */
  aside: string
  lines: TextLine[]
}

/** `quote`: what was said; `sum`: the parts of a time; `remark`: what happened beside; `plain`: a sentence. */
export interface TextLine {
  kind: 'plain' | 'quote' | 'sum' | 'remark'
  text: string
}

/** So many remarks of a turn are told; the rest is counted. */
const REMARK_LIMIT = 12

/** The explanation of a call as text. `only`: a single turn, and the advice that it gave rise to. */
export function explanationBlocks(call: CallExplanation, only: number | null = null): TextBlock[] {
  const turns = call.turns.filter(({ turn }) => only === null || turn === only)
  const advice = call.advice.filter(({ saves }) => only === null || saves.some(({ turn }) => turn === only))
  return [
    ...(only === null ? [summaryBlock(call)] : []),
    ...turns.map(turnBlock),
    ...(only === null ? [endBlock(call)] : []),
    ...adviceBlocks(call, advice, only),
  ]
}

function summaryBlock({
  file,
  assistantName,
  lengthMs,
  summary,
  turns,
  settings,
}: CallExplanation): TextBlock {
  const heading = inLine(assistantName ?? 'The call')
  const aside = [file === null ? '' : inLine(file), lengthInWords(lengthMs)]
    .filter(text => text !== '')
    .join(', ')
  if (summary === null) return { heading, aside, lines: [plain('No answer was measured.')] }
  const ended = turns.filter(({ endedMs }) => endedMs !== null).length
  const { measured, medianMs, slowestMs, slowestTurn, shares } = summary
  const spread = shares
    .toSorted((first, second) => second.share - first.share)
    .slice(0, 3)
    .map(({ name, share }) => `${PART_LABELS[name]} ${Math.round(share * 100)} %`)
    .join(', ')
  const most = slowestMs === medianMs ? '' : `, ${length(slowestMs)} at most (${turnList([slowestTurn])})`
  const lines = [
    measured === 1
      ? `One answer was measured: it sounded ${length(medianMs)} after the speech.`
      : `${measured} of ${ended} turns have a measured answer, ${length(medianMs)} after the speech in the median${most}.`,
    `The time went into ${spread}.`,
    ...(settings === null ? [] : [`In force: ${settingsInWords(settings)}.`]),
  ]
  return { heading, aside, lines: lines.map(plain) }
}

/** The settings that the times below come from. */
function settingsInWords({ waitMs, endpointing, interruption, chunks }: SpeakingSettings): string {
  const { method, waitFunction, rules } = endpointing
  const heuristics = `onPunctuationSeconds ${seconds(endpointing.onPunctuationMs)}, onNoPunctuationSeconds ${seconds(endpointing.onNoPunctuationMs)}, onNumberSeconds ${seconds(endpointing.onNumberMs)}`
  const judges: Readonly<Record<string, string>> = {
    livekit: waitFunction === undefined ? 'LiveKit' : `LiveKit with ${inLine(waitFunction)}`,
    heuristics: `the text heuristics (${heuristics})`,
    transcriber: 'the transcriber’s own end of turn',
    krisp: 'Krisp',
    'custom-model': 'a custom endpointing model',
  }
  const judge = Object.hasOwn(judges, method) ? judges[method] : inLine(method)
  const custom =
    rules.length === 0
      ? ''
      : `${rules.length === 1 ? 'one custom rule' : `${rules.length} custom rules`}, then `
  return [
    `${custom}${judge}`,
    `waitSeconds ${seconds(waitMs)}`,
    interruption.wordCount === 0
      ? `voiceSeconds ${seconds(interruption.voiceMs)}`
      : `numWords ${interruption.wordCount}`,
    `backoffSeconds ${seconds(interruption.backoffMs)}`,
    chunks.enabled ? `minCharacters ${chunks.minimumCharacters}` : 'no chunks',
  ].join(', ')
}

function turnBlock(explanation: TurnExplanation): TextBlock {
  const { turn, fromMs, customer, said, time, why, remarks } = explanation
  const answer = said[0]
  const shown = remarks.slice(0, REMARK_LIMIT)
  const left = remarks.length - shown.length
  return {
    heading: turn === 0 ? 'Opening' : `Turn ${turn}`,
    aside: clockTime(fromMs),
    lines: [
      ...(customer === '' ? [] : [quote('Customer', customer)]),
      ...(answer === undefined ? [] : [quote('Assistant', spokenText(answer))]),
      ...(time === null || turn === 0 ? [] : [{ kind: 'sum', text: sumOf(time) } as const]),
      ...why.map(plain),
      ...shown.map(({ atMs, text }): TextLine => ({ kind: 'remark', text: `${clockTime(atMs)}  ${text}` })),
      ...(left === 0 ? [] : [plain(`… and ${left} more remarks (--json has them all).`)]),
    ],
  }
}

function sumOf({ totalMs, parts }: NonNullable<TurnExplanation['time']>): string {
  const pieces = parts.map(({ name, ms }) => `${PART_LABELS[name]} ${length(ms).replace(/ ms$/, '')}`)
  return `${pieces.join(' + ')} = ${length(totalMs)}`
}

function spokenText({ heard, unheard, ending }: SaidPiece): string {
  if (ending === 'completed' || ending === 'open') return `${heard}${ending === 'open' ? unheard : ''}`
  return heard === '' ? `(nothing heard of: ${unheard.trim()})` : `${heard.trimEnd()} …`
}

function quote(who: string, text: string): TextLine {
  return { kind: 'quote', text: `${who}: “${glance(inLine(text), QUOTE_LIMIT)}”` }
}

function endBlock({ ended, lengthMs }: CallExplanation): TextBlock {
  if (ended === null)
    return {
      heading: 'End',
      aside: clockTime(lengthMs),
      lines: [plain('The record breaks off before the end of the call.')],
    }
  const { atMs, endedReason, endedMessage, why } = ended
  const code = inLine(endedReason)
  return {
    heading: 'End',
    aside: clockTime(atMs),
    lines: [
      plain(`${why}: ${code}.`),
      ...(endedMessage === null || endedMessage === endingInWords(endedReason)
        ? []
        : [plain(inLine(endedMessage))]),
    ],
  }
}

function adviceBlocks(
  { turns }: CallExplanation,
  advice: readonly Advice[],
  only: number | null,
): TextBlock[] {
  const caution = cautionOf(turns)
  if (advice.length === 0) {
    const isMeasured = turns.some(
      ({ turn, time }) => time !== null && turn > 0 && (only === null || turn === only),
    )
    return isMeasured
      ? [{ heading: 'What would be faster', aside: '', lines: [plain('Nothing in this record stands out.')] }]
      : []
  }
  return [
    {
      heading: 'What would be faster',
      aside: '',
      lines: [
        plain(
          'Computed from this call as it went; customers and providers may act differently with other settings.',
        ),
        ...(caution === null ? [] : [plain(caution)]),
      ],
    },
    ...advice.map((each, place) => adviceBlock(each, place + 1)),
  ]
}

function cautionOf(turns: readonly TurnExplanation[]): string | null {
  const taken = turns.filter(({ outcome }) => outcome === 'taken-back').map(({ turn }) => turn)
  if (taken.length === 0) return null
  return `Mind that the customer went on after ${turnList(taken)} had ended, which took the answer back; shorter waits make that likelier.`
}

function adviceBlock(advice: Advice, place: number): TextBlock {
  const { setting, assistantName, saves, certainty, finding, risk } = advice
  const from = advice.from === null ? '' : ` ${inLine(String(advice.from))}`
  const change = advice.to === null ? from : `${from} → ${inLine(String(advice.to))}`
  return {
    heading: `${place}. ${setting}${change}`,
    aside: assistantName === null ? '' : inLine(assistantName),
    lines: [
      ...(certainty === 'unknown' ? [] : [plain(savesText(saves, certainty))]),
      plain(finding),
      plain(`Risk: ${risk}`),
    ],
  }
}

/** `400 ms earlier in each of turns 1 and 2`, `up to 900 ms earlier in turn 3`. */
function savesText(saves: Advice['saves'], certainty: Advice['certainty']): string {
  const upTo = certainty === 'at-most' ? 'Up to ' : ''
  const earlier = saves.filter(({ ms }) => ms > 0)
  const later = saves.filter(({ ms }) => ms < 0)
  const turns = turnList(earlier.map(({ turn }) => turn))
  const slower =
    later.length === 0
      ? ''
      : `, but ${length(-median(later.map(({ ms }) => ms)))} later in ${turnList(later.map(({ turn }) => turn))}`
  const [first] = earlier
  if (first === undefined) return ''
  if (earlier.length === 1) return `${upTo}${length(first.ms)} earlier in ${turns}${slower}.`
  if (earlier.every(({ ms }) => ms === first.ms))
    return `${upTo}${length(first.ms)} earlier in each of ${turns}${slower}.`
  const all = earlier.map(({ ms }) => ms)
  const least = all.reduce((low, ms) => Math.min(low, ms))
  const most = all.reduce((high, ms) => Math.max(high, ms))
  return `${upTo}${length(least).replace(/ ms$/, '')} to ${length(most)} earlier in ${turns}, ${length(total(saves))} in all${slower}.`
}

function plain(text: string): TextLine {
  return { kind: 'plain', text }
}
