import { VapiError } from '../../errors.ts'
import type { Clock } from './clock.ts'
import type { FailurePlan } from './language-model.scripted.ts'
import type { Voice } from './voice.ts'

export interface SimulatedVoiceOptions {
  name: string
  /** From request to first sound. */
  latencyMs: number
  /** How long its speech lasts. */
  charactersPerSecond: number
  clock: Clock
  fails?: FailurePlan
}

/** A voice without sound: its speech lasts as long as its text has characters. */
export function createSimulatedVoice(options: SimulatedVoiceOptions): Voice {
  const { name, latencyMs, charactersPerSecond, clock } = options
  return {
    name,
    capabilities: { wordTiming: false },
    async *speak({ text }, signal) {
      await clock.sleep(latencyMs, signal)
      if (signal.aborted) return
      if (options.fails?.(name) === true) {
        throw new VapiError({ code: 'voice-failed', message: `${name} failed, as the script says` })
      }
      yield { audio: { type: 'silent', durationMs: Math.round((text.length / charactersPerSecond) * 1000) } }
    },
    close: async () => {},
  }
}
