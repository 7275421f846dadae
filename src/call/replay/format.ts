import type { CallRecipe } from '../../assistant/recipe.ts'
import type { StampedCommand } from '../../engine/commands.ts'
import type { Input } from '../../engine/inputs.ts'
import type { AssistantRequestPlan } from '../../engine/plan.ts'
import type { CallParts } from '../record.ts'

/** Version of the file; a newer one is refused, unknown keys and lines are passed over. */
export const CALL_LOG_FORMAT = 1

/** What was done to the plans after they were compiled. */
export interface PlanChanges {
  /** Told before those of the first assistant. */
  warnings: readonly string[]
  /** In place of each assistant's own, or null. */
  maximumDurationMs: number | null
  /** Places of assistants whose opening sound could not be had: they wait for the customer. */
  withoutOpening: readonly number[]
}

/** The first line of a saved call: all that is needed to compile its assistants again. */
export interface CallLogHeader {
  format: typeof CALL_LOG_FORMAT
  type: 'call'
  /** Versions of the program and of Node that took the call. */
  program: string
  node: string
  source: 'local' | 'simulation'
  recipe: CallRecipe
  planChanges: PlanChanges
  request: AssistantRequestPlan | null
  /** What denoised the customer's sound where smart denoising is on; null in a call without sound. */
  denoiser: 'gtcrn' | 'rnnoise' | null
  /** What took part, for people. */
  parts: CallParts | null
}

/** How tools changed the assistants while the call ran, in the order in which they were made. */
export type PlanRenewal =
  | { type: 'renewal'; renewal: number; learn: Readonly<Record<string, unknown>> }
  | {
      type: 'renewal'
      renewal: number
      join: { member: number; destination: Readonly<Record<string, unknown>> }
    }

/** Every line after the header. `input` and `commands` take turns. */
export type CallLogLine =
  | { type: 'input'; input: Input }
  /** What that input led to. `renewal`: the plans of this renewal hold from this input on. */
  | { type: 'commands'; commands: readonly StampedCommand[]; renewal?: number }
  | PlanRenewal
  /** An answer from outside, beyond those of the recipe, that a renewal asked for. */
  | ({ type: 'answer' } & CallRecipe['answers'][number])
  /** The customer's sound: 16 kHz mono 16-bit little-endian, base64. */
  | { type: 'audio'; audioMs: number; samples: string }

export type PlanRenewalBody = PlanRenewal extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'type' | 'renewal'>
    : never
  : never
