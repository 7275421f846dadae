import type { AssistantPlan } from './plan.ts'

/** The settings of an assistant that decide when it speaks, as they are in force. Times in milliseconds. */
export interface SpeakingSettings {
  /** `startSpeakingPlan.waitSeconds`; `floor`: counted from the end of the customer's speech. */
  waitMs: number
  waitMode: 'added' | 'floor'
  endpointing: {
    /** Who decides where no custom rule fits. */
    method: string
    /** LiveKit's formula. */
    waitFunction?: string
    /** krisp's. */
    threshold?: number
    rules: { type: string; timeoutMs: number }[]
    onPunctuationMs: number
    onNoPunctuationMs: number
    onNumberMs: number
  }
  interruption: { wordCount: number; voiceMs: number; backoffMs: number }
  chunks: { enabled: boolean; minimumCharacters: number }
  /** `provider/model`, `provider/voiceId`; the voice comes before its fallbacks. */
  model: string
  voices: string[]
}

/** What of a plan explains the times of a call. */
export function speakingSettings(plan: AssistantPlan): SpeakingSettings {
  const { endpointing, interruption, voice, wait } = plan
  const { method, heuristics } = endpointing
  return {
    waitMs: wait.ms,
    waitMode: wait.mode,
    endpointing: {
      method: method.type,
      ...(method.type === 'livekit' && method.source !== undefined && { waitFunction: method.source }),
      ...(method.type === 'krisp' && { threshold: method.threshold }),
      rules: endpointing.rules.map(({ type, timeoutMs }) => ({ type, timeoutMs })),
      onPunctuationMs: heuristics.onPunctuationMs,
      onNoPunctuationMs: heuristics.onNoPunctuationMs,
      onNumberMs: heuristics.onNumberMs,
    },
    interruption: {
      wordCount: interruption.wordCount,
      voiceMs: interruption.voiceMs,
      backoffMs: interruption.backoffMs,
    },
    chunks: { enabled: voice.chunks.enabled, minimumCharacters: voice.chunks.minimumCharacters },
    model: plan.model.models[0]?.name ?? 'none',
    voices: voice.voices.map(({ name }) => name),
  }
}
