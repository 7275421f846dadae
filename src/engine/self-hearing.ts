import type { TranscriptReceived } from './inputs.ts'
import { audibleUtterance, type CallState } from './state.ts'
import { isOwnSpeech, mayBeOwnSpeech } from './text/own-words.ts'

/** Sound of the assistant reaches the customer's side, and is found there, at most so much later. */
const LATE_MS = 400
/** Its first sound is told late and the beginning of speech is set early: an echo may seem to begin so much before it. */
const EARLY_MS = 400
/** A recogniser may give the end of the sound for the end of the words. */
const END_MS = 1500
/** Words that end so much later than the last speech that was found are not part of it. */
const UNCOVERED_MS = 700
/** As many of the assistant's last utterances are looked at. */
const UTTERANCES = 4

/**
 * True where a transcript is of the assistant's own words, which the customer's side heard while they were said: speech that began
 * while the assistant was heard and ended with it, with the same words. Of unfinished words: where they may be.
 */
export function isSelfHeard(event: TranscriptReceived, state: Readonly<CallState>): boolean {
  const { echo, text, transcriptType } = event
  if (echo === undefined || text.trim() === '') return false
  const said = saidMeanwhile(event, state)
  if (said === '') return false
  return transcriptType === 'final' ? isOwnSpeech(text, said, echo) : mayBeOwnSpeech(text, said, echo)
}

/** What the assistant was saying when the customer's speech began; empty where it was silent, or had been for a while. */
function saidMeanwhile({ audioMs }: TranscriptReceived, state: Readonly<CallState>): string {
  const { segmentStartMs, speechEndMs, talking } = state.customer
  // Words that no speech of ours covers were heard by the recogniser alone.
  const isCovered = talking || (speechEndMs ?? 0) + UNCOVERED_MS >= audioMs
  const fromMs = isCovered ? Math.min(segmentStartMs ?? audioMs, audioMs) : audioMs
  const audible = audibleUtterance(state)
  const texts: string[] = []
  let begins = false
  let ends = false
  let left = UTTERANCES
  for (let place = state.history.entries.length - 1; place >= 0 && left > 0; place--) {
    const entry = state.history.entries[place]
    if (entry?.role !== 'bot' || entry.utteranceId === undefined) continue
    left--
    if (entry.atMs - EARLY_MS > audioMs) continue
    const endMs = entry.utteranceId === audible?.id ? Number.POSITIVE_INFINITY : entry.endMs
    if (endMs + LATE_MS < fromMs) break
    texts.unshift(
      entry.utteranceId === audible?.id ? soundingText(entry.message, audible.chunks) : entry.message,
    )
    begins ||= fromMs >= entry.atMs - EARLY_MS
    ends ||= audioMs <= endMs + END_MS
  }
  return begins && ends ? texts.join(' ') : ''
}

/** The text as it was written, and as the voice got it: numbers may be written out in one of them alone. */
function soundingText(message: string, chunks: readonly { source: string; formatted: string }[]): string {
  const spoken = chunks.map(({ formatted }) => formatted).join(' ')
  return `${message} ${spoken}`
}
