import {
  type AudioOutput,
  type AudioOutputListener,
  type ChunkReference,
  durationMs,
  heardOf,
} from './audio-output.ts'
import type { Cancel, Clock } from './clock.ts'

interface Track {
  chunks: { workId: string; receivedMs: number; complete: boolean }[]
  finished: boolean
  /** When the stretch that plays now began, or null while nothing plays. */
  playingSinceMs: number | null
  playedMs: number
  wanted: boolean
  cancel: Cancel
}

/** Plays lengths instead of sound, exactly to the clock. */
export function createVirtualOutput(clock: Clock): AudioOutput {
  const tracks = new Map<string, Track>()
  let listener: AudioOutputListener

  const received = (track: Track) => track.chunks.reduce((sum, chunk) => sum + chunk.receivedMs, 0)
  const played = (track: Track) =>
    track.playedMs + (track.playingSinceMs === null ? 0 : clock.now() - track.playingSinceMs)

  function trackOf(utteranceId: string): Track {
    let track = tracks.get(utteranceId)
    if (track === undefined) {
      track = {
        chunks: [],
        finished: false,
        playingSinceMs: null,
        playedMs: 0,
        wanted: false,
        cancel: () => {},
      }
      tracks.set(utteranceId, track)
    }
    return track
  }

  function chunkOf(reference: ChunkReference) {
    const { chunks } = trackOf(reference.utteranceId)
    let chunk = chunks.find(({ workId }) => workId === reference.workId)
    if (chunk === undefined) {
      chunk = { workId: reference.workId, receivedMs: 0, complete: false }
      chunks.push(chunk)
    }
    return chunk
  }

  const isOver = (track: Track) =>
    track.finished && track.playingSinceMs === null && played(track) >= received(track)

  /** Plays on as far as there is sound, and looks again when that has been heard. */
  function advance(utteranceId: string): void {
    const track = trackOf(utteranceId)
    track.cancel()
    track.playedMs = played(track)
    track.playingSinceMs = null
    const remainingMs = received(track) - track.playedMs
    if (remainingMs > 1e-6) {
      track.playingSinceMs = clock.now()
      track.cancel = clock.at(clock.now() + remainingMs, () => advance(utteranceId))
    } else if (track.finished) {
      // The track stays until it is cleared or another plays: a clear may have been on its way.
      listener.drained(utteranceId)
    }
  }

  return {
    name: 'virtual',
    open: async given => {
      listener = given
    },
    append: (reference, audio) => {
      chunkOf(reference).receivedMs += durationMs(audio)
      if (trackOf(reference.utteranceId).wanted) advance(reference.utteranceId)
    },
    completeChunk: reference => {
      chunkOf(reference).complete = true
    },
    play: utteranceId => {
      for (const other of tracks.keys())
        if (other !== utteranceId && isOver(trackOf(other))) tracks.delete(other)
      trackOf(utteranceId).wanted = true
      listener.started(utteranceId)
      advance(utteranceId)
    },
    finish: utteranceId => {
      const track = trackOf(utteranceId)
      track.finished = true
      if (track.wanted) advance(utteranceId)
    },
    clear: utteranceId => {
      const track = trackOf(utteranceId)
      track.cancel()
      tracks.delete(utteranceId)
      listener.cleared(utteranceId, heardOf(track.chunks, played(track)))
    },
    mute: () => {},
    bufferedMs: () => 0,
    close: async () => {
      for (const track of tracks.values()) track.cancel()
      tracks.clear()
    },
  }
}
