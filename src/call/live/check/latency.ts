import type { CompiledAssistant } from '../../../assistant/compile.ts'
import type { CheckedPart, ExpectedLatency } from './types.ts'

/** What a turn of this assistant takes, by the documented figures of its parts and the engine's own waits. */
export function expectedLatency({ plan }: CompiledAssistant, parts: readonly CheckedPart[]): ExpectedLatency {
  const figure = (stage: CheckedPart['stage']): number | null =>
    parts.find(part => part.stage === stage)?.typicalMs ?? null
  const endpointing = { ...endpointingWait(plan.endpointing), customRules: plan.endpointing.rules.length }
  const [transcriberMs, modelMs, voiceMs] = [figure('transcriber'), figure('model'), figure('voice')]
  const { wait } = plan
  // The words come while the end of the turn is waited for.
  const untilTurn = Math.max(transcriberMs ?? 0, endpointing.leastMs ?? 0)
  const answered = untilTurn + (modelMs ?? 0) + (voiceMs ?? 0)
  const known = {
    endpointing: endpointing.leastMs !== null,
    ...Object.fromEntries(parts.map(({ stage, typicalMs }) => [stage, typicalMs !== null])),
  }
  return {
    transcriberMs,
    endpointing,
    modelMs,
    voiceMs,
    wait,
    leastMs: wait.mode === 'added' ? answered + wait.ms : Math.max(answered, wait.ms),
    unknown: Object.entries(known).flatMap(([name, isKnown]) => (isKnown ? [] : [name])),
  }
}

/** From the shortest to the longest wait of the method that decides where no rule of the assistant does. */
function endpointingWait({
  method,
  heuristics,
}: CompiledAssistant['plan']['endpointing']): Omit<ExpectedLatency['endpointing'], 'customRules'> {
  switch (method.type) {
    case 'livekit': {
      const waits = Array.from({ length: 11 }, (_, tenth) => method.waitMs(tenth / 10))
      return { by: 'livekit', leastMs: Math.min(...waits), mostMs: Math.max(...waits) }
    }
    case 'heuristics': {
      const { onPunctuationMs, onNoPunctuationMs, onNumberMs } = heuristics
      const waits = [onPunctuationMs, onNoPunctuationMs, onNumberMs]
      return { by: method.by, leastMs: Math.min(...waits), mostMs: Math.max(...waits) }
    }
    default:
      return { by: method.type, leastMs: null, mostMs: null }
  }
}
