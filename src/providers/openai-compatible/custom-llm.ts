import { isObject } from '../../is-object.ts'

/** What a custom LLM is told about the call, each where it is known. */
export interface CustomLlmContext {
  /** `assistant.metadata`. */
  metadata?: Readonly<Record<string, unknown>>
  call?: unknown
  phoneNumber?: unknown
  customer?: unknown
}

export type MetadataSendMode = 'off' | 'variable' | 'destructured'

/**
 * The fields that the platform adds to a request to a custom LLM, by `model.metadataSendMode`: `off` adds nothing,
 * `variable` (the default) the metadata as `metadata`, `destructured` its fields one by one; the last two add the
 * call, the phone number and the customer as well.
 */
export function customLlmBody(
  context: CustomLlmContext,
  mode: MetadataSendMode = 'variable',
): Readonly<Record<string, unknown>> {
  if (mode === 'off') return {}
  const { metadata, ...call } = context
  return mode === 'destructured' ? { ...metadata, ...call } : { metadata, ...call }
}

const modes: readonly string[] = ['off', 'variable', 'destructured'] satisfies MetadataSendMode[]

/**
 * What an assistant's configuration says of the requests to its custom LLM: the further fields of the body for the call as
 * it is now, headers (never the key's), and the limit to the first token (`timeoutSeconds`, 0 to 300, 20 where it is not
 * set; API: CustomLLMModel).
 */
export function customLlmRequests(
  { model, metadata }: Readonly<Record<string, unknown>>,
  call: () => unknown,
): {
  extraBody: () => Readonly<Record<string, unknown>>
  headers: Record<string, string>
  firstTokenMs: number
} {
  const { metadataSendMode, headers, timeoutSeconds } = isObject(model) ? model : {}
  const mode = modes.includes(String(metadataSendMode)) ? (metadataSendMode as MetadataSendMode) : 'variable'
  const seconds = typeof timeoutSeconds === 'number' ? Math.min(300, Math.max(0, timeoutSeconds)) : 20
  return {
    extraBody: () => {
      const described = call()
      const { customer, phoneNumber } = isObject(described) ? described : {}
      const context = { ...(isObject(metadata) && { metadata }), call: described, phoneNumber, customer }
      return customLlmBody(context, mode)
    },
    headers: Object.fromEntries(
      Object.entries(isObject(headers) ? headers : {}).filter(
        (entry): entry is [string, string] =>
          typeof entry[1] === 'string' && entry[0].toLowerCase() !== 'authorization',
      ),
    ),
    firstTokenMs: seconds * 1000,
  }
}
