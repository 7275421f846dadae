import type { Fact } from './facts.ts'
import type { Input } from './inputs.ts'
import type { CallPlan } from './plan.ts'
import { isSelfHeard } from './self-hearing.ts'
import type { CallState } from './state.ts'

/**
 * What owners hear of an input. The assistant's own words, heard on the customer's side, are told as such. A final transcript under the transcriber's `confidenceThreshold` does not count, whichever
 * adapter it came from, unless the assistant has a hook for speech that is as unclear as that.
 */
export function admit(input: Input | Fact, call: CallPlan, state: Readonly<CallState>): Input | Fact {
  if (input.type !== 'transcript') return input
  if (isSelfHeard(input, state)) {
    const { transcriptType, text, audioMs, endOfTurn, echo = null } = input
    return { type: 'transcript.self-heard', transcriptType, text: text.trim(), audioMs, endOfTurn, echo }
  }
  if (input.transcriptType === 'partial' || input.text.trim() === '') return input
  const { text, audioMs, endOfTurn, confidence } = input
  const minimum = call.members[0].transcribers[state.transcription.transcriber]?.minimumConfidence ?? 0
  if (confidence === null || confidence >= minimum) return input
  const { hooks } = call.members[state.squad.member] ?? call.members[0]
  const wanted = hooks.some(
    ({ event }) =>
      event.on === 'assistant.transcriber.endpointedSpeechLowConfidence' &&
      confidence >= event.minimum &&
      confidence < event.maximum,
  )
  if (wanted) return input
  return { type: 'transcript.dropped', text: text.trim(), audioMs, endOfTurn, confidence, minimum }
}
