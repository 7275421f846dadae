import { VapiError } from '../../errors.ts'
import type { Clock } from './clock.ts'
import { type FailurePlan, firstWords } from './language-model.scripted.ts'
import type { Voice, VoicePiece, WordTiming } from './voice.ts'

export interface SimulatedVoiceOptions {
  name: string
  /** From request to first sound. */
  latencyMs: number
  /** How long its speech lasts. */
  charactersPerSecond: number
  clock: Clock
  fails?: FailurePlan
}

/** A voice without sound: its speech lasts as long as its text has characters, at the `speed` of its settings. */
export function createSimulatedVoice(options: SimulatedVoiceOptions): Voice {
  const { name, latencyMs, charactersPerSecond, clock } = options
  const lengthAt = (speed: unknown) => (characters: number) =>
    Math.round((characters / charactersPerSecond / (typeof speed === 'number' ? speed : 1)) * 1000)

  /** What it has said of a text before it fails, with the times of the words. */
  function beginning(
    text: string,
    words: number,
    lengthMs: (characters: number) => number,
  ): VoicePiece | null {
    const said = firstWords(text, words)
    const timings = Array.from(said.matchAll(/\S+/g), (word): WordTiming => {
      const [from, to] = [word.index, word.index + word[0].length]
      return { from, to, startMs: lengthMs(from), endMs: lengthMs(to) }
    })
    return said === ''
      ? null
      : { audio: { type: 'silent', durationMs: lengthMs(said.length) }, words: timings }
  }

  return {
    name,
    capabilities: { wordTiming: false },
    async *speak({ text, settings }, signal) {
      const lengthMs = lengthAt(settings.speed)
      await clock.sleep(latencyMs, signal)
      if (signal.aborted) return
      const fails = options.fails?.(name) ?? null
      if (fails !== null) {
        const begun = beginning(text, fails.afterWords ?? 0, lengthMs)
        if (begun !== null) yield begun
        throw new VapiError({ code: 'voice-failed', message: `${name} failed, as the script says` })
      }
      yield { audio: { type: 'silent', durationMs: lengthMs(text.length) } }
    },
    close: async () => {},
  }
}
