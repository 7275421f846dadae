import type { HeardChunk } from '../../../src/engine/ports/audio-output.ts'
import { heardOf } from '../../../src/engine/ports/audio-output.ts'

/** Every word of a voice lasts so long, in milliseconds. */
export const WORD_MS = 200

/** A word of the formatted text; `word` is the model's word that it ends, where it ends one. */
export interface SoundWord {
  text: string
  /** Offsets in the text that was requested. */
  from: number
  to: number
  word: string | null
}

interface TrackChunk {
  workId: string
  words: readonly SoundWord[]
  receivedMs: number
  complete: boolean
}

interface Track {
  chunks: TrackChunk[]
  stage: 'filling' | 'asked' | 'playing' | 'over'
  playedMs: number
  finished: boolean
}

/** A loudspeaker that knows which words were heard to their end. */
export class Player {
  private readonly tracks = new Map<string, Track>()

  track(utteranceId: string): Track {
    const found = this.tracks.get(utteranceId)
    if (found !== undefined) return found
    const made: Track = { chunks: [], stage: 'filling', playedMs: 0, finished: false }
    this.tracks.set(utteranceId, made)
    return made
  }

  append(utteranceId: string, workId: string, words: readonly SoundWord[], receivedMs: number): void {
    const { chunks } = this.track(utteranceId)
    const found = chunks.find(chunk => chunk.workId === workId)
    if (found === undefined) chunks.push({ workId, words, receivedMs, complete: false })
    else found.receivedMs = receivedMs
  }

  complete(utteranceId: string, workId: string): void {
    const found = this.track(utteranceId).chunks.find(chunk => chunk.workId === workId)
    if (found !== undefined) found.complete = true
  }

  /** Time passes; what plays goes on as far as there is sound. */
  pass(durationMs: number): void {
    for (const track of this.tracks.values()) {
      if (track.stage === 'playing') track.playedMs = Math.min(received(track), track.playedMs + durationMs)
    }
  }

  /** The utterances at a stage. */
  at(stage: Track['stage']): string[] {
    return [...this.tracks].flatMap(([id, track]) => (track.stage === stage ? [id] : []))
  }

  /** Utterances that were played to their end, and this was not told yet. */
  drained(): string[] {
    return this.at('playing').filter(id => {
      const track = this.track(id)
      return track.finished && track.playedMs >= received(track)
    })
  }

  /** How long the utterance that plays has still to play, as far as there is sound. */
  leftMs(): number {
    return Math.max(0, ...this.at('playing').map(id => received(this.track(id)) - this.track(id).playedMs))
  }

  heard(utteranceId: string): HeardChunk[] {
    const { chunks, playedMs } = this.track(utteranceId)
    return heardOf(chunks, playedMs)
  }

  /** The model's words that were heard to their end, in order. */
  heardWords(utteranceId: string): string[] {
    const { chunks } = this.track(utteranceId)
    return this.heard(utteranceId).flatMap(({ heardMs }, place) =>
      (chunks[place]?.words ?? [])
        .slice(0, Math.floor(heardMs / WORD_MS))
        .flatMap(({ word }) => (word === null ? [] : [word])),
    )
  }
}

function received({ chunks }: Track): number {
  return chunks.reduce((sum, chunk) => sum + chunk.receivedMs, 0)
}
