import { isObject } from '../is-object.ts'
/** A JSON object. */
export type Json = Record<string, unknown>

/**
 * Lays overrides over a configuration: objects merge deeply, everything else (arrays too) is replaced
 * (API: assistantOverrides). Neither argument is changed.
 */
export function mergeOverrides(base: Json, overrides: Json): Json {
  const merged: Json = { ...base }
  for (const [key, value] of Object.entries(overrides)) {
    if (key === '__proto__') continue
    const current = merged[key]
    merged[key] = isObject(current) && isObject(value) ? mergeOverrides(current, value) : value
  }
  return merged
}

/** Sets a dotted path (`customer.name`), making the objects on its way. */
export function setPath(target: Json, path: string, value: unknown): void {
  const keys = path.split('.')
  let current = target
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(current, key) ? current[key] : undefined
    const object = isObject(next) ? next : {}
    Object.defineProperty(current, key, {
      value: object,
      enumerable: true,
      writable: true,
      configurable: true,
    })
    current = object
  }
  Object.defineProperty(current, keys.at(-1) ?? '', {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

/**
 * An assistant with `assistantOverrides` laid over it, and their `variableValues` (API: AssistantOverrides).
 * `tools:append`, at the top or under `model`, adds to the assistant's tools in place of replacing them.
 */
export function applyOverrides(assistant: Json, overrides: Json): { assistant: Json; variables: Json } {
  const { variableValues, 'tools:append': appended, ...fields } = overrides
  const { 'tools:append': underModel, ...model } = isObject(fields.model) ? fields.model : {}
  const merged = mergeOverrides(assistant, isObject(fields.model) ? { ...fields, model } : fields)
  const added = [appended, underModel].flatMap(list => (Array.isArray(list) ? list : []))
  return {
    assistant: added.length === 0 ? merged : appendTools(merged, added),
    variables: isObject(variableValues) ? variableValues : {},
  }
}

/** The assistant with these tools after its own. */
export function appendTools(assistant: Json, tools: readonly unknown[]): Json {
  const model = isObject(assistant.model) ? assistant.model : {}
  const own = Array.isArray(model.tools) ? model.tools : []
  return { ...assistant, model: { ...model, tools: [...own, ...tools] } }
}
