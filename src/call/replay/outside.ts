import type { Input } from '../../engine/inputs.ts'
import type { Anchor, OutsideEvent, OutsideEvents } from './customer.ts'
import type { CallLog } from './read.ts'

/** Inputs that the runtime of every call makes by itself. */
const OWN = new Set<Input['type']>([
  'call.started',
  'customer.joined',
  'timer',
  'playback.started',
  'playback.drained',
  'playback.cleared',
  'warning',
  'message.sent',
])

/** A moment of the recorded call: its time, and the place of its step among those of the same time. */
interface Moment {
  atMs: number
  step: number
}

interface Speech {
  source: string
  started: Moment
  stopped: Moment | null
}

export interface OutsideInput {
  input: Input
  step: number
}

/** True for what a call cannot make by itself: the customer's sound and words, keys, control messages, the hang-up. */
export function isOutside(input: Input): boolean {
  return !('workId' in input) && !OWN.has(input.type)
}

/** The outside inputs of a saved call. */
export function outsideInputs({ steps }: CallLog): OutsideInput[] {
  return steps.map(({ input }, step) => ({ input, step })).filter(({ input }) => isOutside(input))
}

/** What came from outside in a saved call; `inputs` in place of its own, where its sound was heard anew. */
export function outsideEvents(
  log: CallLog,
  inputs: readonly OutsideInput[] = outsideInputs(log),
): OutsideEvents {
  const speeches = speechesOf(log)
  const joined = log.steps.find(({ input }) => input.type === 'customer.joined')
  const last = log.steps.at(-1)?.input.atMs ?? 0
  return {
    joinedMs: joined?.input.atMs ?? null,
    events: groupInputs(inputs)
      .map(({ step, ...group }) => ({ ...group, ...anchorOf({ atMs: group.atMs, step }, speeches) }))
      .sort((first, second) => first.atMs - second.atMs),
    speeches: speeches.map(({ source }) => source),
    recordEnded: log.isCutOff
      ? { atMs: last, ...anchorOf({ atMs: last, step: log.steps.length }, speeches) }
      : null,
  }
}

function speechesOf({ steps }: CallLog): Speech[] {
  const speeches: Speech[] = []
  for (const [step, { commands }] of steps.entries()) {
    for (const command of commands) {
      if (command.type !== 'observe') continue
      const { observation } = command
      const { atMs } = observation
      if (observation.type === 'assistant.speech.started')
        speeches.push({ source: observation.source, started: { atMs, step }, stopped: null })
      const last = speeches.at(-1)
      if (observation.type === 'assistant.speech.stopped' && last !== undefined) last.stopped = { atMs, step }
    }
  }
  return speeches
}

type Group = Pick<OutsideEvent, 'atMs' | 'isSpeech'> & { inputs: Input[]; step: number }

/** Utterances with everything that was learned of them, and single events. */
function groupInputs(inputs: readonly OutsideInput[]): Group[] {
  const groups: Group[] = []
  const utterances: Group[] = []
  for (const { input, step } of inputs) {
    const isSpeech = input.type === 'speech.started'
    const owner = isSpeech ? undefined : ownerOf(input, utterances)
    if (owner !== undefined) {
      owner.inputs.push(input)
      continue
    }
    const atMs = 'audioMs' in input ? input.audioMs : input.atMs
    const group = { atMs, isSpeech, inputs: [input], step }
    groups.push(group)
    if (isSpeech) utterances.push(group)
  }
  return groups
}

/** The utterance that an input tells of. */
function ownerOf(input: Input, utterances: readonly Group[]): Group | undefined {
  if (!('audioMs' in input)) return undefined
  const { audioMs } = input
  return input.type === 'speech.stopped'
    ? utterances.at(-1)
    : utterances.findLast(({ atMs }) => atMs <= audioMs)
}

/** While the assistant spoke, its beginning; else the last end of its speech; before the first, the call's begin. */
function anchorOf(moment: Moment, speeches: readonly Speech[]): { anchor: Anchor; anchorMs: number } {
  const speech = speeches.findLastIndex(({ started }) => isBefore(started, moment))
  const found = speeches[speech]
  if (found === undefined) return { anchor: { type: 'begin' }, anchorMs: 0 }
  const { started, stopped } = found
  return stopped !== null && isBefore(stopped, moment)
    ? { anchor: { type: 'stopped', speech }, anchorMs: stopped.atMs }
    : { anchor: { type: 'started', speech }, anchorMs: started.atMs }
}

function isBefore(first: Moment, second: Moment): boolean {
  return first.atMs < second.atMs || (first.atMs === second.atMs && first.step < second.step)
}
