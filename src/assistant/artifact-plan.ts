import type { Assistant } from './schema.ts'

/** How a call sounds beside its speech, and what is kept of it (API: `backgroundSound`, `artifactPlan`). */
export interface ArtifactPlan {
  recording: boolean
  /** All messages of the conversation, also those that a hand-off left out. */
  fullHistory: boolean
  /** What is heard under the assistant's side of the call. */
  background: 'off' | 'office' | { url: string }
}

/** Compiles what an assistant keeps of its calls. */
export function compileArtifactPlan(assistant: Assistant): { plan: ArtifactPlan; warnings: string[] } {
  const plan = assistant.artifactPlan ?? {}
  const warnings: string[] = []
  const { backgroundSound } = assistant
  const isNamed = backgroundSound === undefined || backgroundSound === 'off' || backgroundSound === 'office'
  const isAddress = typeof backgroundSound === 'string' && /^https?:\/\//i.test(backgroundSound)
  if (!isNamed && !isAddress)
    warnings.push(
      'backgroundSound is neither off, office nor the address (https://…) of a sound file: none is played',
    )
  if (plan.recordingFormat === 'mp3')
    warnings.push('artifactPlan.recordingFormat mp3: a local call is recorded as WAV')
  if (plan.videoRecordingEnabled === true)
    warnings.push('artifactPlan.videoRecordingEnabled: a local call has no picture')
  for (const name of ['recordingPath', 'loggingPath', 'pcapS3PathPrefix'] as const) {
    if (typeof plan[name] === 'string')
      warnings.push(`artifactPlan.${name} has no effect: the files of a local call lie in its folder`)
  }
  return {
    plan: {
      recording: plan.recordingEnabled ?? assistant.recordingEnabled ?? true,
      fullHistory: plan.fullMessageHistoryEnabled ?? false,
      background: isAddress
        ? { url: String(backgroundSound) }
        : backgroundSound === 'office'
          ? 'office'
          : 'off',
    },
    warnings,
  }
}
