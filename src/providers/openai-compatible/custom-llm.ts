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
