import { itemsOf, lastOf, type Turn, type WorkEvent } from '../report/story.ts'
import { inLine, SOURCES } from '../report/words.ts'
import type { PartName, TurnExplanation } from './explanation.ts'
import { length, seconds } from './lengths.ts'
import type { Before, MeasuredAnswer } from './parts.ts'

interface Place {
  turn: Turn
  next: Turn | null
  isLast: boolean
  before: Before
}

/** So many overtaken decisions are told one by one. */
const MANY = 3

/** An output that takes so long to begin is remarked on, in milliseconds. */
const SLOW_OUTPUT_MS = 100

/** Names of the parts as they stand in a sum. */
export const PART_LABELS: Readonly<Record<PartName, string>> = {
  transcription: 'transcription',
  deciding: 'deciding',
  endpointing: 'endpointing',
  'own-speech': 'own speech',
  model: 'model',
  tools: 'tools',
  text: 'first chunk',
  'voice-failure': 'failed voice',
  voice: 'voice',
  behind: 'other words',
  'behind-customer': 'customer’s words',
  backoff: 'backoff',
  wait: 'waitSeconds',
  output: 'output',
}

/** The same in a sentence. */
export const PART_WORDS: Readonly<Record<PartName, string>> = {
  transcription: 'the transcriber',
  deciding: 'deciding how long to wait',
  endpointing: 'the wait for the end of the turn',
  'own-speech': 'its own speech before',
  model: 'the model',
  tools: 'the tools',
  text: 'gathering text for the first chunk',
  'voice-failure': 'a voice that failed',
  voice: 'the voice',
  behind: 'waiting behind other words of the assistant',
  'behind-customer': 'waiting behind the customer’s words',
  backoff: 'the backoff after the interruption',
  wait: 'waitSeconds',
  output: 'the output device',
}

/** Why the assistant spoke, or did not, when it did: whole sentences in the order of the turn. */
export function whyAt(
  explanation: Omit<TurnExplanation, 'why' | 'remarks'>,
  measured: MeasuredAnswer | null,
  place: Place,
): string[] {
  if (explanation.outcome === 'opening') return whyOpening(explanation, measured, place.turn)
  return [
    ...whyTurnEnded(explanation, measured, place),
    ...(measured === null ? [] : whyWork(measured, place)),
    ...whyNotMeasured(explanation, place),
  ]
}

function whyOpening(
  { said }: Pick<TurnExplanation, 'said'>,
  measured: MeasuredAnswer | null,
  { work }: Turn,
): string[] {
  const [first] = said
  if (first === undefined) return []
  if (first.source === 'model') {
    return measured === null
      ? ['The model wrote the first words.']
      : [
          `The model wrote the first words: they came ${length(measured.totalMs)} after it was asked.`,
          ...whyBehind(measured),
        ]
  }
  const what = SOURCES[first.source] ?? inLine(first.source)
  const asked = work.some(({ type }) => type === 'voice.requested')
  if (measured === null || !asked) return [`It spoke without being asked: ${what}.`]
  const { totalMs, ms } = measured
  const tookMs = totalMs - ms.behind - ms['behind-customer']
  return [
    `It spoke without being asked: ${what}; the voice took ${length(tookMs)} to sound.`,
    ...whyBehind(measured),
  ]
}

/** What came before, who ended the turn with what wait, and what else was waited for. */
function whyTurnEnded(
  { decision, overtaken, endedMs }: Pick<TurnExplanation, 'decision' | 'overtaken' | 'endedMs'>,
  measured: MeasuredAnswer | null,
  { turn, before }: Place,
): string[] {
  const sentences = overtaken
    .slice(0, MANY)
    .map(({ reason, pausedMs }) => `First ${reason}; the customer went on after ${length(pausedMs ?? 0)}.`)
  if (overtaken.length > MANY) sentences.push(`So it went ${overtaken.length - MANY} times more.`)
  if (decision === null || endedMs === null) return sentences
  const { speechEndMs, reason, waitMs } = decision
  const tookMs = speechEndMs === null ? null : Math.max(0, endedMs - speechEndMs)
  const { transcription = 0, deciding = 0, endpointing = 0, 'own-speech': ownSpeech = 0 } = measured?.ms ?? {}
  const read =
    transcription > 0 && endpointing > 0 ? `, ${length(transcription)} of it for the transcript` : ''
  sentences.push(
    `The turn ended${tookMs === null ? '' : ` ${length(tookMs)} after the speech${read}`}: ${reason}.`,
  )
  const came = length(transcription + deciding)
  if (deciding > 0 && lastOf(turn.items, 'customer')?.text === '') {
    sentences.push(`A last sound brought no words; it was given up on after ${came}.`)
  } else if (transcription + deciding > waitMs) {
    const what = deciding > transcription ? 'decision' : 'transcript'
    sentences.push(
      waitMs === 0
        ? `It could not end sooner: the ${what} came ${came} after the speech.`
        : `The ${what} came ${came} after the speech, when that wait was over already.`,
    )
  }
  if (ownSpeech > 0) {
    sentences.push(
      `Then it waited ${length(ownSpeech)} more, until the assistant had finished what could not be interrupted.`,
    )
  } else if (measured === null && before.quietFromMs === endedMs && endedMs > decision.atMs) {
    sentences.push('It ended only when the assistant had finished speaking.')
  }
  return sentences
}

/** What the work on the answer met. */
function whyWork({ ms }: Pick<MeasuredAnswer, 'ms'>, { turn, before }: Place): string[] {
  const sentences: string[] = []
  if (ms['voice-failure'] > 0) {
    const failed = eventOf(turn.work, 'voice.failed')?.voice
    sentences.push(
      `The voice ${failed === undefined ? '' : `${inLine(failed)} `}failed, which cost ${length(ms['voice-failure'])} before the next one was asked.`,
    )
  }
  if (ms.tools > 0) {
    const names = itemsOf(turn.items, 'tool').map(({ name }) => inLine(name))
    sentences.push(
      `The answer waited ${length(ms.tools)} for ${names.length === 0 ? 'tools' : [...new Set(names)].slice(0, 3).join(', ')}.`,
    )
  }
  sentences.push(...whyBehind({ ms }))
  if (ms.backoff > 0) {
    sentences.push(
      `Its voice was ready, but the backoff after the interruption lasted until ${seconds(before.backoffUntilMs)} s: ${length(ms.backoff)} more.`,
    )
  }
  if (ms.output >= SLOW_OUTPUT_MS) {
    sentences.push(`The sound itself began ${length(ms.output)} after it was to be played.`)
  }
  return sentences
}

/** Who was heard while the answer could have been. */
function whyBehind({ ms }: Pick<MeasuredAnswer, 'ms'>): string[] {
  const sentences: string[] = []
  if (ms.behind > 0)
    sentences.push(
      `Its voice was ready, but it waited ${length(ms.behind)} behind other words of the assistant.`,
    )
  if (ms['behind-customer'] > 0)
    sentences.push(
      `Its voice was ready, but it waited ${length(ms['behind-customer'])} behind the customer’s words.`,
    )
  return sentences
}

function whyNotMeasured(
  { outcome, said }: Pick<TurnExplanation, 'outcome' | 'said'>,
  { turn, next, isLast }: Place,
): string[] {
  switch (outcome) {
    case 'taken-back': {
      const went = next === null ? undefined : itemsOf(next.items, 'customer')[0]
      const after =
        went === undefined || turn.endedMs === null
          ? ''
          : `, ${length(Math.max(0, went.fromMs - turn.endedMs))} after the turn had ended`
      return [
        `There was no answer: the customer went on${after}, which took the answer back (${workDone(turn)}). The words became part of the next turn.`,
      ]
    }
    case 'unfinished':
      return ['The turn had not ended when the call did.']
    case 'unanswered':
      return [isLast ? 'The call ended before it was answered.' : 'Nothing was said to this.']
    case 'answered': {
      const [first] = said
      if (turn.latency !== null || first === undefined) return []
      const what = SOURCES[first.source]
      return what === null ? [] : [`What was heard was no answer of the model: ${what}.`]
    }
    default:
      return []
  }
}

/** How far the answer had come that was taken back. */
function workDone({ work }: Turn): string {
  if (eventOf(work, 'voice.ready') !== undefined) return 'its voice was ready'
  if (eventOf(work, 'voice.requested') !== undefined) return 'its voice was being made'
  return eventOf(work, 'model.first-token') === undefined
    ? 'the model was being asked'
    : 'the model was writing'
}

function eventOf<Type extends WorkEvent['type']>(
  work: readonly WorkEvent[],
  type: Type,
): Extract<WorkEvent, { type: Type }> | undefined {
  return work.find((event): event is Extract<WorkEvent, { type: Type }> => event.type === type)
}
