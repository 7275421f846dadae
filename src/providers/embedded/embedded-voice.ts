import type { Voice, VoicePiece, WordTiming } from '../../engine/ports/voice.ts'
import type { FliteRequest } from './flite.worker.ts'
import type { FliteSound, FliteVoiceId } from './flite-sound.ts'
import { type SpokenPart, type SpokenSentence, spokenParts } from './spoken-text.ts'

const MIN_SPEED = 0.25
const MAX_SPEED = 4

/** Speaks one sentence; undefined when `signal` aborted first. */
export type SpeakSentence = (
  sentence: Omit<FliteRequest, 'id'>,
  signal: AbortSignal,
) => Promise<FliteSound | undefined>

export interface EmbeddedVoiceOptions {
  /** Default `slt`. */
  voice?: FliteVoiceId
  /** 0.25 to 4, 1 is ordinary; `settings.speed` of a request goes before it. */
  speed?: number
}

/**
 * An English voice without a network, named `embedded/<voice>`. It gives one piece of sound per sentence, 16 kHz
 * (`kal`: 8 kHz) at about -20 dBFS, reads SSML itself (see `spokenParts`), and tells when each word is heard: exact from
 * sentence to sentence, in proportion to the letters inside of one.
 * @param speakSentence Where sentences are made; `createFliteEngine().voice()` hands its own in.
 */
export function embeddedVoice(speakSentence: SpeakSentence, options: EmbeddedVoiceOptions = {}): Voice {
  const voice = options.voice ?? 'slt'
  const sampleRate = voice === 'kal' ? 8_000 : 16_000
  return {
    name: `embedded/${voice}`,
    capabilities: { wordTiming: true, markup: true },
    async *speak({ text, settings }, signal) {
      const durationStretch = 1 / speedOf(settings.speed ?? options.speed)
      let atMs = 0
      for (const part of spokenParts(text)) {
        const piece = await pieceOf(part)
        if (!piece || signal.aborted) return
        yield piece
        atMs += (piece.audio.samples.length / piece.audio.sampleRate) * 1000
      }

      async function pieceOf(part: SpokenPart): Promise<SoundPiece | undefined> {
        if (part.type === 'pause') {
          const samples = new Int16Array(Math.round((part.durationMs / 1000) * sampleRate))
          return { audio: { type: 'pcm', samples, sampleRate } }
        }
        const sound = await speakSentence(
          { voice, text: part.text, ssml: part.ssml, durationStretch },
          signal,
        )
        if (sound === undefined) return undefined
        const [unsaid] = part.unsaid
        return {
          audio: { type: 'pcm', ...sound },
          words: wordsOf(text, part, atMs, (sound.samples.length / sound.sampleRate) * 1000),
          ...(unsaid !== undefined && {
            warning: `the embedded voice has no sounds for the phonemes ${unsaid}; it reads the word as it is written`,
          }),
        }
      }
    },
    async close() {},
  }
}

type SoundPiece = VoicePiece & { audio: { type: 'pcm'; samples: Int16Array; sampleRate: number } }

/** The words of a sentence in the given text; its time is shared out by their letters. */
function wordsOf(
  text: string,
  { from, to }: SpokenSentence,
  startMs: number,
  durationMs: number,
): WordTiming[] {
  const plain = text.slice(from, to).replace(/<[^<>]*>/g, tag => ' '.repeat(tag.length))
  const words = [...plain.matchAll(/\S+/g)]
  const letters = words.reduce((sum, [word]) => sum + word.length, 0)
  let behind = 0
  return words.map(({ 0: word, index }) => {
    const wordStartMs = startMs + (durationMs * behind) / letters
    behind += word.length
    return {
      from: from + index,
      to: from + index + word.length,
      startMs: wordStartMs,
      endMs: startMs + (durationMs * behind) / letters,
    }
  })
}

function speedOf(setting: unknown): number {
  if (typeof setting !== 'number' || !(setting > 0)) return 1
  return Math.min(MAX_SPEED, Math.max(MIN_SPEED, setting))
}
