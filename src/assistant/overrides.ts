/** A JSON object. */
export type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

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
