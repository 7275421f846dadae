import type { OutputCondition } from '../../assistant/analysis.ts'

/** The first condition that a call does not meet, or null (API: `conditions` of a structured output). */
export function unmetCondition(
  conditions: readonly OutputCondition[],
  call: { messageCount: number; durationMs: number; endedReason: string },
): OutputCondition | null {
  return conditions.find(condition => !isMet(condition, call)) ?? null
}

function isMet(
  condition: OutputCondition,
  call: { messageCount: number; durationMs: number; endedReason: string },
): boolean {
  switch (condition.type) {
    case 'minMessages':
      return call.messageCount >= condition.count
    case 'minCallDuration':
      return call.durationMs >= condition.seconds * 1000
    case 'endedReason':
      return condition.values.includes(call.endedReason) === (condition.operator === 'oneOf')
  }
}
