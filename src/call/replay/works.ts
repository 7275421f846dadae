import type { StampedCommand } from '../../engine/commands.ts'
import type { Input } from '../../engine/inputs.ts'
import type { PlanRenewal } from './format.ts'
import type { CallLog } from './read.ts'

/** A command that is answered, by one of the assistants' own providers. */
export type WorkCommand = Extract<StampedCommand, { workId: string; member: number }>

export interface RecordedAnswer {
  afterMs: number
  input: Input
  /** Its place among all inputs of the call: the order of answers of one moment. */
  step: number
}

/** Something that was asked of a provider in a saved call, and what came of it. Times in milliseconds since it was asked. */
export interface RecordedWork {
  command: WorkCommand
  answers: readonly RecordedAnswer[]
  /** When it was cancelled; null where it was not. */
  cancelledAfterMs: number | null
  /** Sound that was known to be there when its utterance was cleared. */
  receivedMs: number | null
}

/** How the playing of an utterance went on the device of a saved call. */
export interface RecordedPlayback {
  /** From the command to play to the first sound. */
  startDelayMs: number
  /** From when its sound should have been over to when it was. */
  drainDelayMs: number
  clear: {
    /** From its first sound to the command. */
    offsetMs: number
    delayMs: number
    /** By the work of each chunk. */
    heard: Extract<Input, { type: 'playback.cleared' }>['heard']
  } | null
}

/** What the world outside gave in a saved call. */
export interface RecordedWorld {
  works: readonly RecordedWork[]
  /** By utterance. */
  playback: ReadonlyMap<string, RecordedPlayback>
  /** What a server named as destination, by the work of the tool. */
  destinations: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** Answers that are computed anew: they are the engine's own, not the world's. */
const COMPUTED = new Set<WorkCommand['type']>(['match', 'format', 'render', 'judge'])

/** Reads what the providers of a saved call did. */
export function readWorld({ steps, renewals }: Pick<CallLog, 'steps' | 'renewals'>): RecordedWorld {
  const works = new Map<string, OpenWork>()
  const utterances = new Map<string, OpenUtterance>()
  const destinations = new Map<string, Readonly<Record<string, unknown>>>()
  for (const [step, { input, commands, renewal }] of steps.entries()) {
    takeInput(input, step)
    if (input.type === 'tool.done' && renewal !== null) {
      const destination = destinationOf(renewals, renewal)
      if (destination !== null) destinations.set(input.workId, destination)
    }
    for (const command of commands) takeCommand(command, input.atMs)
  }
  return {
    works: [...works.values()].map(({ atMs: _atMs, ...work }) => work),
    playback: new Map([...utterances].map(([id, utterance]) => [id, playbackOf(utterance)])),
    destinations,
  }

  function takeInput(input: Input, step: number): void {
    if ('workId' in input) {
      const work = works.get(input.workId)
      work?.answers.push({ afterMs: input.atMs - work.atMs, input, step })
      const utterance = work?.command.type === 'voice.request' ? work.command.utteranceId : null
      if (utterance !== null && work !== undefined) chunkOf(utterance, work)
    } else if (
      input.type === 'playback.started' ||
      input.type === 'playback.drained' ||
      input.type === 'playback.cleared'
    ) {
      const utterance = utteranceOf(input.utteranceId)
      if (input.type === 'playback.started') utterance.startedMs ??= input.atMs
      else if (input.type === 'playback.drained') utterance.drainedMs = input.atMs
      else {
        utterance.cleared = { atMs: input.atMs, heard: input.heard }
        for (const { workId, receivedMs } of input.heard) {
          const work = works.get(workId)
          if (work !== undefined) work.receivedMs = receivedMs
        }
      }
    }
  }

  function takeCommand(command: StampedCommand, atMs: number): void {
    switch (command.type) {
      case 'cancel': {
        const work = works.get(command.workId)
        if (work !== undefined && !isComplete(work)) work.cancelledAfterMs ??= atMs - work.atMs
        break
      }
      case 'playback.play':
        utteranceOf(command.utteranceId).playMs ??= atMs
        break
      case 'playback.finish':
        utteranceOf(command.utteranceId).finishMs = atMs
        break
      case 'playback.clear':
        utteranceOf(command.utteranceId).clearMs = atMs
        break
      default:
        if ('workId' in command && !COMPUTED.has(command.type))
          works.set(command.workId, {
            command,
            atMs,
            answers: [],
            cancelledAfterMs: null,
            receivedMs: null,
          })
    }
  }

  function utteranceOf(id: string): OpenUtterance {
    let utterance = utterances.get(id)
    if (utterance === undefined) {
      utterance = { chunks: [], playMs: null, startedMs: null, finishMs: null, drainedMs: null }
      utterances.set(id, utterance)
    }
    return utterance
  }

  /** Notes the sound of a chunk as soon as its length is known. */
  function chunkOf(utteranceId: string, work: OpenWork): void {
    const { answers } = work
    const last = answers.at(-1)?.input
    const ready = answers.find(({ input }) => input.type === 'voice.ready')
    if (ready === undefined || (last?.type !== 'voice.done' && last?.type !== 'voice.failed')) return
    const durationMs = last.type === 'voice.done' ? last.durationMs : last.receivedMs
    utteranceOf(utteranceId).chunks.push({ readyMs: work.atMs + ready.afterMs, durationMs })
  }
}

/** Its last answer was given; an answer of a model or voice may come in parts. */
export function isComplete({ answers }: Pick<RecordedWork, 'answers'>): boolean {
  const last = answers.at(-1)?.input.type
  return last !== undefined && !['model.text', 'voice.ready', 'voice.words'].includes(last)
}

interface OpenWork extends Omit<RecordedWork, 'answers'> {
  atMs: number
  answers: RecordedAnswer[]
}

interface OpenUtterance {
  chunks: { readyMs: number; durationMs: number }[]
  playMs: number | null
  startedMs: number | null
  finishMs: number | null
  drainedMs: number | null
  clearMs?: number
  cleared?: { atMs: number; heard: NonNullable<RecordedPlayback['clear']>['heard'] }
}

function playbackOf(utterance: OpenUtterance): RecordedPlayback {
  const { chunks, playMs, startedMs, finishMs, drainedMs, clearMs, cleared } = utterance
  const startDelayMs = playMs === null || startedMs === null ? 0 : startedMs - playMs
  let playedMs = startedMs ?? 0
  for (const { readyMs, durationMs } of chunks) playedMs = Math.max(playedMs, readyMs) + durationMs
  const dueMs = Math.max(playedMs, finishMs ?? 0)
  const drainDelayMs = drainedMs === null || startedMs === null ? 0 : Math.max(0, drainedMs - dueMs)
  return {
    startDelayMs,
    drainDelayMs,
    clear:
      cleared === undefined || clearMs === undefined
        ? null
        : {
            offsetMs: clearMs - (startedMs ?? clearMs),
            delayMs: cleared.atMs - clearMs,
            heard: cleared.heard,
          },
  }
}

function destinationOf(
  renewals: readonly PlanRenewal[],
  renewal: number,
): Readonly<Record<string, unknown>> | null {
  const found = renewals.find(candidate => candidate.renewal === renewal)
  return found !== undefined && 'join' in found ? found.join.destination : null
}
