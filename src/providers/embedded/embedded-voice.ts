import type { Voice, VoicePiece } from '../../engine/ports/voice.ts'
import type { FliteRequest } from './flite.worker.ts'
import type { FliteSound, FliteVoiceId } from './flite-sound.ts'
import { type SpokenPart, spokenParts } from './spoken-text.ts'

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
 * (`kal`: 8 kHz) at about -20 dBFS.
 * @param speakSentence Where sentences are made; `createFliteEngine().voice()` hands its own in.
 */
export function embeddedVoice(speakSentence: SpeakSentence, options: EmbeddedVoiceOptions = {}): Voice {
  const voice = options.voice ?? 'slt'
  const sampleRate = voice === 'kal' ? 8_000 : 16_000
  return {
    name: `embedded/${voice}`,
    capabilities: { wordTiming: false },
    async *speak(request, signal) {
      const durationStretch = 1 / speedOf(request.settings.speed ?? options.speed)
      for (const part of spokenParts(request.text)) {
        const piece = await pieceOf(part)
        if (!piece || signal.aborted) return
        yield piece
      }

      async function pieceOf(part: SpokenPart): Promise<VoicePiece | undefined> {
        if (part.type === 'pause') {
          const samples = new Int16Array(Math.round((part.durationMs / 1000) * sampleRate))
          return { audio: { type: 'pcm', samples, sampleRate } }
        }
        const sound = await speakSentence({ voice, text: part.text, durationStretch }, signal)
        return sound && { audio: { type: 'pcm', ...sound } }
      }
    },
    async close() {},
  }
}

function speedOf(setting: unknown): number {
  if (typeof setting !== 'number' || !(setting > 0)) return 1
  return Math.min(MAX_SPEED, Math.max(MIN_SPEED, setting))
}
