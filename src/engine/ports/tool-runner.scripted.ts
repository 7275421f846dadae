import type { Clock } from './clock.ts'
import type { ToolOutcome, ToolRunner } from './tool-runner.ts'

/** Answers tool calls by name; a tool without a scripted answer gives `success`. */
export function createScriptedTools(
  answers: Readonly<Record<string, { result?: unknown; error?: string }>>,
  latencyMs: number,
  clock: Clock,
): ToolRunner {
  return {
    async run({ call }, signal): Promise<ToolOutcome> {
      await clock.sleep(latencyMs, signal)
      const answer = answers[call.name] ?? {}
      if (answer.error !== undefined) return { type: 'error', error: answer.error }
      const { result = 'success' } = answer
      return { type: 'result', result: typeof result === 'string' ? result : JSON.stringify(result) }
    },
  }
}
