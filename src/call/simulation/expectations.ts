import { isDeepStrictEqual } from 'node:util'
import { closest } from '../../closest.ts'
import type { CallArtifact } from '../../engine/artifact.ts'
import {
  mainTextOf,
  type Observation,
  type ObservationBody,
  type ObservationType,
} from '../../engine/observations.ts'
import { usageError } from '../../errors.ts'
import type { Expectation } from '../scenario.ts'

export interface FailedExpectation {
  /** Place in `expect`, from 0. */
  index: number
  expectation: Expectation
  /** What was there instead. */
  reason: string
}

type FieldTable = {
  [Type in ObservationType]: readonly Exclude<keyof Extract<ObservationBody, { type: Type }>, 'type'>[]
}

/** The fields of each event; a key of an expectation that stands here for no event is a mistake of the file. */
const fields: FieldTable = {
  'call.started': ['assistantName', 'settings'],
  'assistant.requested': ['url', 'outcome', 'tookMs', 'detail', 'destination', 'dryRun'],
  'customer.joined': [],
  'customer.speech.started': ['audioMs'],
  'customer.speech.stopped': ['audioMs'],
  transcript: ['role', 'transcriptType', 'transcript', 'confidence', 'language', 'origin'],
  'transcript.dropped': ['transcript', 'confidence', 'minimum'],
  'transcript.self-heard': ['transcript', 'echo'],
  'endpointing.decided': [
    'by',
    'waitMs',
    'detail',
    'rule',
    'stillSpeaking',
    'finished',
    'sign',
    'speechEndMs',
    'untilMs',
  ],
  'keys.pressed': ['keys'],
  'keys.entered': ['keys'],
  'language.changed': ['language', 'from'],
  'turn.ended': ['turn', 'text'],
  'model.requested': ['turn', 'model', 'messageCount'],
  'model.first-token': ['turn'],
  'model.completed': ['turn', 'text', 'toolCalls'],
  'model.failed': ['turn', 'model', 'code', 'message'],
  'model.switched': ['from', 'to'],
  'transcriber.failed': ['transcriber', 'code', 'message'],
  'transcriber.switched': ['from', 'to'],
  'voice.requested': ['text', 'voice'],
  'voice.ready': ['voice'],
  'voice.failed': ['voice', 'code', 'message'],
  'voice.switched': ['from', 'to', 'language'],
  'assistant.muted': [],
  'assistant.unmuted': [],
  'customer.muted': [],
  'customer.unmuted': [],
  'control.received': ['command'],
  'transport.message': ['message', 'dryRun'],
  'assistant.speech.started': ['text', 'source'],
  'assistant.speech.stopped': ['spokenText', 'reason'],
  interruption: ['by', 'ignored', 'reason'],
  'backoff.started': ['untilMs'],
  'backoff.ended': [],
  'hook.triggered': ['on', 'name'],
  'hook.skipped': ['on', 'name', 'reason'],
  'tool.called': ['name', 'toolCallId', 'arguments', 'dryRun'],
  'tool.completed': ['name', 'toolCallId', 'result', 'error', 'dryRun'],
  'transfer.started': ['destination', 'mode', 'operatorMessage', 'dryRun'],
  'transfer.failed': ['destination', 'message', 'dryRun'],
  'assistant.changed': ['from', 'to', 'settings'],
  'turn.latency': ['turn', 'endpointingMs', 'modelMs', 'voiceMs', 'waitMs', 'totalMs', 'transcriberMs'],
  'assistant.hanging': ['turn', 'waitedMs'],
  'voicemail.detected': ['by', 'detail'],
  'message.sent': ['messageType', 'status'],
  'call.report': [
    'analysis',
    'cost',
    'costs',
    'costBreakdown',
    'costEstimate',
    'structuredOutputs',
    'skippedStructuredOutputs',
  ],
  warning: ['message'],
  'call.ended': ['endedReason', 'endedMessage', 'artifact'],
}

const ownKeys = new Set([
  'event',
  'history',
  'endedReason',
  'index',
  'count',
  'matches',
  'afterMs',
  'since',
  'toleranceMs',
])

/** Checks the `expect` lines of a simulation file before it runs. Throws a usage error for a mistake in one. */
export function validateExpectations(expectations: readonly Expectation[], path: string): void {
  for (const [index, line] of expectations.entries()) {
    const place = `${path}: expect[${index}]`
    for (const name of [line.event, line.since]) {
      if (name === undefined || isEvent(name)) continue
      const near = closest(name, Object.keys(fields))
      const hint = near === null ? `there are ${Object.keys(fields).join(', ')}` : `did you mean ${near}?`
      throw usageError(`${place}: there is no event ${name}`, hint)
    }
    const known: readonly string[] = isEvent(line.event) ? [...fields[line.event], 'atMs'] : []
    const strange = Object.keys(line).find(key => !ownKeys.has(key) && !known.includes(key))
    if (strange !== undefined) throw usageError(`${place}: unknown key ${strange}`)
  }
}

function isEvent(name: string | undefined): name is ObservationType {
  return name !== undefined && Object.hasOwn(fields, name)
}

/** The lines that do not hold. */
export function checkExpectations(
  expectations: readonly Expectation[],
  observations: readonly Observation[],
  artifact: CallArtifact,
): FailedExpectation[] {
  return expectations.flatMap((expectation, index) => {
    const reason =
      expectation.event !== undefined
        ? checkEvent(expectation, observations)
        : expectation.history !== undefined
          ? checkHistory(expectation, artifact)
          : checkEnd(expectation, observations)
    return reason === null ? [] : [{ index, expectation, reason }]
  })
}

function checkEvent(line: Expectation, observations: readonly Observation[]): string | null {
  const named = observations.flatMap((observation, place) => (observation.type === line.event ? [place] : []))
  if (named.length === 0) return line.count === 0 ? null : `no ${line.event} happened`
  const contents = named.map(place => ({ place, misfit: contentMisfit(line, observations[place]) }))
  const fitting = contents.filter(({ misfit }) => misfit === null)
  if (line.index !== undefined) {
    // The index counts the events whose content fits; the picked one must fit in time too.
    const picked = fitting[line.index]
    return picked === undefined
      ? `only ${fitting.length} of ${countOf(line, named.length)} fit${textsOf(line, named, observations)}`
      : timeMisfit(line, picked.place, observations)
  }
  const late = fitting.map(({ place }) => timeMisfit(line, place, observations))
  const count = late.filter(misfit => misfit === null).length
  if (line.count !== undefined)
    return count === line.count
      ? null
      : `${count} of ${countOf(line, named.length)} fit, not ${line.count}${textsOf(line, named, observations)}`
  if (count > 0) return null
  if (line.matches !== undefined && fitting.length === 0 && line.index === undefined) {
    const fits = contents.find(({ place }) => matchesText(line, observations[place]))
    if (fits === undefined)
      return named.length === 1
        ? `the only ${line.event} does not fit: ${contents[0]?.misfit}`
        : `none of ${countOf(line, named.length)} fits${textsOf(line, named, observations)}`
    return fits.misfit
  }
  return late[0] ?? contents[0]?.misfit ?? null
}

/** Texts of this many events are shown where none fits. */
const MOST_TEXTS = 5
const LONGEST_TEXT = 100

function countOf({ event }: Expectation, count: number): string {
  return `${count} ${event} event${count === 1 ? '' : 's'}`
}

/** What `matches` looked at; empty where it was not asked for. */
function textsOf(
  { matches }: Expectation,
  places: readonly number[],
  observations: readonly Observation[],
): string {
  if (matches === undefined) return ''
  const texts = places.slice(0, MOST_TEXTS).map(place => {
    const text = textOf(observations[place])
    return JSON.stringify(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text)
  })
  const left = places.length - texts.length
  return `; texts: ${texts.join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

function textOf(observation: Observation | undefined): string {
  return (observation === undefined ? undefined : mainTextOf(observation)) ?? ''
}

function matchesText({ matches }: Expectation, observation: Observation | undefined): boolean {
  return matches === undefined || new RegExp(matches).test(textOf(observation))
}

/** Why the content of an event does not fit the line, or null. */
function contentMisfit(line: Expectation, observation: Observation | undefined): string | null {
  if (observation === undefined) return 'no such event'
  if (!matchesText(line, observation)) return `its text is ${JSON.stringify(textOf(observation))}`
  const own: Record<string, unknown> = { ...observation }
  for (const [key, value] of Object.entries(line)) {
    if (ownKeys.has(key) && key !== 'endedReason') continue
    if (!isDeepStrictEqual(own[key], value))
      return `${key} is ${JSON.stringify(own[key])}, not ${JSON.stringify(value)}`
  }
  return null
}

/** Why the time of an event does not fit the line, or null. */
function timeMisfit(line: Expectation, place: number, observations: readonly Observation[]): string | null {
  if (line.afterMs === undefined) return null
  const since = line.since ?? 'call.started'
  const from = observations.slice(0, place).findLast(({ type }) => type === since)
  if (from === undefined) return `no ${since} before it`
  const elapsedMs = (observations[place]?.atMs ?? 0) - from.atMs
  if (Math.abs(elapsedMs - line.afterMs) <= (line.toleranceMs ?? 0)) return null
  return `it came ${elapsedMs} ms after ${since}, not ${line.afterMs} ms`
}

function checkHistory(line: Expectation, artifact: CallArtifact): string | null {
  const role = line.history === 'assistant' ? 'bot' : line.history
  const texts = artifact.messages.flatMap(message =>
    message.role === role ? ['message' in message ? message.message : JSON.stringify(message)] : [],
  )
  const fitting = texts.filter(
    text => line.matches === undefined || new RegExp(line.matches).test(text),
  ).length
  if (line.count !== undefined)
    return fitting === line.count ? null : `${fitting} messages fit, not ${line.count}`
  if (fitting > 0) return null
  return texts.length === 0
    ? `the history has no ${line.history} message`
    : `the history has ${JSON.stringify(texts)}`
}

function checkEnd(line: Expectation, observations: readonly Observation[]): string | null {
  const ended = observations.findLast(({ type }) => type === 'call.ended')
  const reason = ended !== undefined && ended.type === 'call.ended' ? ended.endedReason : null
  return reason === line.endedReason ? null : `the call ended with ${reason}`
}
