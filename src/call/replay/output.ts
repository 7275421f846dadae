import type { AudioOutput, AudioOutputListener, HeardChunk } from '../../engine/ports/audio-output.ts'
import { createVirtualOutput } from '../../engine/ports/audio-output.virtual.ts'
import type { Cancel, Clock } from '../../engine/ports/clock.ts'
import type { ReplaySurroundings } from './providers.ts'
import type { RecordedPlayback } from './works.ts'

/** Cleared within this distance of the recorded moment, the customer heard what was heard then, in milliseconds. */
const SAME_MOMENT_MS = 40

interface Track {
  /** How the same utterance was played in the recorded call. */
  recorded: RecordedPlayback | null
  /** Its chunks by those of the recorded call. */
  chunks: Map<string, string>
  startedMs: number | null
  cancel: Cancel
}

/** Plays lengths in place of sound, with the delays that the device of the recorded call had. */
export function createReplayOutput(
  clock: Clock,
  { world, origins }: Pick<ReplaySurroundings, 'world' | 'origins'>,
): AudioOutput {
  const output = createVirtualOutput(clock)
  const tracks = new Map<string, Track>()
  let listener: AudioOutputListener

  function trackOf(utteranceId: string): Track {
    let track = tracks.get(utteranceId)
    if (track === undefined) {
      track = { recorded: null, chunks: new Map(), startedMs: null, cancel: () => {} }
      tracks.set(utteranceId, track)
    }
    return track
  }

  /** Without a delay nothing comes between the two. */
  function after(delayMs: number, track: Track, action: () => void): void {
    if (delayMs <= 0) action()
    else track.cancel = clock.at(clock.now() + delayMs, action)
  }

  function heardOf(track: Track | undefined, heard: HeardChunk[]): HeardChunk[] {
    const clear = track?.recorded?.clear ?? null
    if (track === undefined || clear === null || track.startedMs === null) return heard
    if (Math.abs(clock.now() - track.startedMs - clear.offsetMs) > SAME_MOMENT_MS) return heard
    return heard.map(chunk => {
      const recorded = clear.heard.find(({ workId }) => workId === track.chunks.get(chunk.workId))
      return recorded === undefined ? chunk : { ...recorded, workId: chunk.workId }
    })
  }

  return {
    ...output,
    name: 'replay',
    open: async given => {
      listener = given
      await output.open({
        started: utteranceId => {
          trackOf(utteranceId).startedMs = clock.now()
          given.started(utteranceId)
        },
        drained: utteranceId => {
          const track = trackOf(utteranceId)
          after(track.recorded?.drainDelayMs ?? 0, track, () => given.drained(utteranceId))
        },
        cleared: (utteranceId, heard) => {
          const track = tracks.get(utteranceId)
          tracks.delete(utteranceId)
          const told = heardOf(track, heard)
          const delayMs = track?.recorded?.clear?.delayMs ?? 0
          if (delayMs <= 0) given.cleared(utteranceId, told)
          else clock.at(clock.now() + delayMs, () => given.cleared(utteranceId, told))
        },
        failed: error => listener.failed(error),
      })
    },
    append: (chunk, audio) => {
      const origin = origins.get(audio)
      const track = trackOf(chunk.utteranceId)
      if (origin !== undefined) {
        track.chunks.set(chunk.workId, origin.workId)
        track.recorded ??= world.playback.get(origin.utteranceId) ?? null
      }
      output.append(chunk, audio)
    },
    play: utteranceId => {
      const track = trackOf(utteranceId)
      after(track.recorded?.startDelayMs ?? 0, track, () => output.play(utteranceId))
    },
    clear: utteranceId => {
      tracks.get(utteranceId)?.cancel()
      output.clear(utteranceId)
    },
  }
}
