import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { Observation } from '../../engine/observations.ts'
import type { ChunkReference } from '../../engine/ports/audio-output.ts'
import { VirtualClock } from '../../engine/ports/clock.virtual.ts'
import type { EndOfTurnModel } from '../../engine/ports/end-of-turn-model.ts'
import type { VoiceAudio } from '../../engine/ports/voice.ts'
import { createAssistants } from '../assistants.ts'
import { CallRuntime } from '../runtime.ts'
import { type Divergence, RecordedAnswers } from './answers.ts'
import { createReplayCustomer, type OutsideEvents } from './customer.ts'
import { createReplayOutput } from './output.ts'
import { type ReplaySurroundings, replayParts, replaySounds, replayTools } from './providers.ts'
import type { CallLog } from './read.ts'
import type { RestoredCall } from './restore.ts'
import { readWorld } from './works.ts'

export interface ReplayRun {
  /** Up to the end, or to where the call cannot go on as it did. */
  observations: Observation[]
  stopped: (Divergence & { atMs: number }) | null
}

export interface ReplayOptions {
  outside: OutsideEvents
  /** The assistants of the recorded call: what they asked is known by them. */
  recorded: readonly CompiledAssistant[]
  /** Judges ends of turns that the recorded call did not judge. */
  judge: (compiled: CompiledAssistant) => EndOfTurnModel | null
}

/**
 * Plays a saved call again on the virtual clock, with these assistants: outside events as they came, providers as they
 * answered; everything that the program itself does is done anew.
 */
export async function playAgain(
  log: CallLog,
  { members, plan }: RestoredCall,
  { outside, recorded, judge }: ReplayOptions,
): Promise<ReplayRun> {
  const clock = new VirtualClock()
  const observations: Observation[] = []
  let stopped: ReplayRun['stopped'] = null
  let stop = () => {}
  const stopping = new Promise<void>(resolve => {
    stop = resolve
  })
  const world = readWorld(log)
  const surroundings: ReplaySurroundings = {
    clock,
    world,
    answers: new RecordedAnswers(world.works, recorded),
    origins: new WeakMap<VoiceAudio, ChunkReference>(),
    judge,
    diverge: divergence => {
      stopped ??= { ...divergence, atMs: clock.now() }
      clock.stop()
      stop()
      return new Promise<never>(() => {})
    },
  }
  const { members: ports, assistants } = createAssistants(members, compiled =>
    replayParts(compiled, surroundings),
  )
  const runtime = new CallRuntime(
    plan,
    {
      clock,
      customer: createReplayCustomer(outside, clock, surroundings.diverge),
      output: createReplayOutput(clock, surroundings),
      tools: replayTools(surroundings),
      sounds: replaySounds(surroundings),
      members: ports,
      assistants,
    },
    {
      observation: observation => {
        if (stopped === null) observations.push(observation)
      },
    },
  )
  await Promise.race([runtime.run(log.start), stopping])
  return { observations, stopped }
}
