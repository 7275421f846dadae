import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { AudioOutput, AudioOutputListener, ChunkReference } from '../../engine/ports/audio-output.ts'
import { heardOf } from '../../engine/ports/audio-output.ts'
import type { Background } from '../background/office.ts'
import type { OutputDevice } from '../devices/output-device.ts'
import { audibleEnd, type EchoGuard } from './echo-guard.ts'
import { PcmQueue } from './frames.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000

/** Takes what left the device, by sample since it was opened: the assistant's side of a recording. */
export type PlayedTap = (samples: Int16Array, atSample: number) => void

interface Chunk {
  workId: string
  sound: PcmQueue
  received: number
  /** Place after the last audible sample that was received. */
  audibleEnd: number
  complete: boolean
}

interface Track {
  chunks: Chunk[]
  /** Samples pulled from it so far, over all chunks. */
  pulled: number
  confirmed: number
  wanted: boolean
  finished: boolean
  started: boolean
}

/** A pulled stretch that the device has not confirmed yet. */
interface Stretch {
  samples: Int16Array
  atSample: number
  utteranceId: string | null
  /** Samples of speech at its front. */
  speech: number
}

/**
 * The assistant's speech on its way to a device. What was heard counts only samples that the device confirmed;
 * clearing drops the rest from the device too. A background is mixed under everything and changes no time; with one, a
 * device has no silence to leave out after a stall. `guard` learns when speech, without its background, can be heard.
 */
export function createPlayback(
  device: OutputDevice,
  tap: PlayedTap,
  background: Background | null = null,
  guard: Pick<EchoGuard, 'queued' | 'tell'> | null = null,
): AudioOutput {
  const tracks = new Map<string, Track>()
  const underway: Stretch[] = []
  let playing: string | null = null
  let muted = false
  let total = 0
  /** Samples for which the device has stood still. */
  let stoodStill = 0
  let listener: AudioOutputListener

  function trackOf(utteranceId: string): Track {
    let track = tracks.get(utteranceId)
    if (track === undefined) {
      track = { chunks: [], pulled: 0, confirmed: 0, wanted: false, finished: false, started: false }
      tracks.set(utteranceId, track)
    }
    return track
  }

  function chunkOf(reference: ChunkReference): Chunk {
    const { chunks } = trackOf(reference.utteranceId)
    let chunk = chunks.find(({ workId }) => workId === reference.workId)
    if (chunk === undefined) {
      chunk = { workId: reference.workId, sound: new PcmQueue(), received: 0, audibleEnd: 0, complete: false }
      chunks.push(chunk)
    }
    return chunk
  }

  function pull(count: number): Int16Array {
    const samples = new Int16Array(count)
    const track = playing === null ? undefined : tracks.get(playing)
    const speech = track?.wanted ? take(track, samples) : 0
    if (muted) samples.fill(0)
    guard?.queued(samples)
    if (track !== undefined) tellIfFading(track)
    background?.(samples)
    underway.push({ samples, atSample: total, utteranceId: speech > 0 ? playing : null, speech })
    total += count
    return samples
  }

  /** Counts what the device confirms; `until` may lie inside a stretch. */
  function confirm(until: number): void {
    guard?.tell({ type: 'played', total: until })
    for (let stretch = underway[0]; stretch !== undefined; stretch = underway[0]) {
      const played = Math.min(stretch.samples.length, until - stretch.atSample)
      if (played <= 0) break
      tap(stretch.samples.subarray(0, played), stretch.atSample + stoodStill)
      if (stretch.utteranceId !== null) confirmSpeech(stretch.utteranceId, Math.min(played, stretch.speech))
      if (played === stretch.samples.length) underway.shift()
      else {
        stretch.samples = stretch.samples.subarray(played)
        stretch.atSample += played
        stretch.speech = Math.max(0, stretch.speech - played)
      }
    }
    if (playing !== null) drainIfOver(playing)
  }

  function confirmSpeech(utteranceId: string, samples: number): void {
    const track = tracks.get(utteranceId)
    if (track === undefined || samples === 0) return
    track.confirmed += samples
    if (track.started) return
    track.started = true
    listener.started(utteranceId)
  }

  /** Voices end in silence: it is over for the ear before it is over. */
  function tellIfFading(track: Track): void {
    if (guard !== null && track.wanted && track.finished && hasFaded(track))
      guard.tell({ type: 'speaking', on: false })
  }

  function drainIfOver(utteranceId: string): void {
    const track = tracks.get(utteranceId)
    if (track === undefined || !isOver(track)) return
    // The track stays until it is cleared or another plays: a clear may have been on its way.
    playing = null
    guard?.tell({ type: 'speaking', on: false })
    listener.drained(utteranceId)
  }

  function reportCleared(utteranceId: string, track: Track): void {
    const chunks = track.chunks.map(({ workId, received: count, complete }) => ({
      workId,
      receivedMs: count / SAMPLES_PER_MS,
      complete,
    }))
    listener.cleared(utteranceId, heardOf(chunks, track.confirmed / SAMPLES_PER_MS))
  }

  return {
    name: device.name,
    open: async given => {
      listener = given
      await device.open({
        pull,
        played: confirm,
        failed: error => listener.failed(error),
        stoodStill: samples => {
          stoodStill += samples
        },
        warning: message => listener.warning?.(message),
      })
    },
    append: (reference, audio) => {
      const samples =
        audio.type === 'pcm' ? audio.samples : new Int16Array(Math.round(audio.durationMs * SAMPLES_PER_MS))
      const chunk = chunkOf(reference)
      chunk.sound.append(samples)
      const end = audibleEnd(samples)
      if (end > 0) chunk.audibleEnd = chunk.received + end
      chunk.received += samples.length
    },
    completeChunk: reference => {
      chunkOf(reference).complete = true
    },
    play: utteranceId => {
      for (const [other, track] of tracks) if (other !== utteranceId && isOver(track)) tracks.delete(other)
      playing = utteranceId
      trackOf(utteranceId).wanted = true
      guard?.tell({ type: 'speaking', on: true })
    },
    finish: utteranceId => {
      const track = trackOf(utteranceId)
      track.finished = true
      if (playing === utteranceId) tellIfFading(track)
      drainIfOver(utteranceId)
    },
    clear: utteranceId => {
      const track = trackOf(utteranceId)
      if (playing !== utteranceId) {
        tracks.delete(utteranceId)
        reportCleared(utteranceId, track)
        return
      }
      // Nothing more is pulled from it; what the device still holds is called back.
      playing = null
      guard?.tell({ type: 'speaking', on: false })
      void device
        .drop()
        .then(played => {
          confirm(played)
          guard?.tell({ type: 'dropped', total: played })
          underway.length = 0
          total = played
        })
        .catch(error => listener.failed(error))
        .finally(() => {
          tracks.delete(utteranceId)
          reportCleared(utteranceId, track)
        })
    },
    mute: value => {
      muted = value
    },
    bufferedMs: () => {
      const track = playing === null ? undefined : tracks.get(playing)
      return track === undefined ? 0 : (received(track) - track.pulled) / SAMPLES_PER_MS
    },
    close: () => device.close(),
  }
}

function isOver(track: Track): boolean {
  return track.finished && track.wanted && track.confirmed >= received(track)
}

/** True where only silence is left to be pulled. */
function hasFaded(track: Track): boolean {
  let before = 0
  return track.chunks.every(chunk => {
    const end = before + chunk.audibleEnd
    before += chunk.received
    return chunk.audibleEnd === 0 || end <= track.pulled
  })
}

function received(track: Track): number {
  return track.chunks.reduce((sum, chunk) => sum + chunk.received, 0)
}

/** Fills `into` from the track's sound; gives how many samples there were. */
function take(track: Track, into: Int16Array): number {
  let filled = 0
  for (const { sound } of track.chunks) {
    if (filled === into.length) break
    filled += sound.take(into.subarray(filled))
  }
  track.pulled += filled
  return filled
}
