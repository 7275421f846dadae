import { isObject } from '../is-object.ts'
/** Small parts of the checks of replies. */

export type JsonObject = Readonly<Record<string, unknown>>

/** Something that is wrong with a reply, or may be. */
export interface Finding {
  /** An `error`: the platform does not get what it needs. A `warning`: it takes it, but not as one may think. */
  level: 'error' | 'warning'
  /** Where: `results[0].result`; empty for the whole reply. */
  path: string
  /** What is wrong. */
  message: string
  /** How it should be. */
  fix: string
}

export function error(path: string, message: string, fix: string): Finding {
  return { level: 'error', path, message, fix }
}

export function warning(path: string, message: string, fix: string): Finding {
  return { level: 'warning', path, message, fix }
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** A word for what a value is: `an object`, `null`, `the number 3`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`
  return `the ${typeof value} ${String(value)}`
}

/** Findings for names that are not in the list; those that differ by case or separators alone are named. */
export function unknownNames(object: JsonObject, known: readonly string[], path: string): Finding[] {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return Object.keys(object)
    .filter(name => !known.includes(name))
    .map(name => {
      const meant = known.find(candidate => plain(candidate) === plain(name))
      const at = path === '' ? name : `${path}.${name}`
      return meant === undefined
        ? warning(at, `"${name}" is not read`, `known are ${known.join(', ')}`)
        : error(at, `"${name}" is not read`, `write it ${meant}`)
    })
}

/** A field that must be text. */
export function requireText(object: JsonObject, name: string, path: string): Finding[] {
  const value = object[name]
  if (typeof value === 'string' && value.trim() !== '') return []
  const at = path === '' ? name : `${path}.${name}`
  return [error(at, value === '' ? 'it is empty' : `it is ${kindOf(value)}`, `${name} is a text`)]
}

const E164 = /^\+[1-9]\d{6,14}$/

/** The phone and SIP destinations of transfers. */
export function checkDestination(
  destination: unknown,
  types: readonly string[],
  path = 'destination',
): Finding[] {
  const fix = 'for example {"type": "number", "number": "+15551234567"}'
  if (!isObject(destination)) return [error(path, `it is ${kindOf(destination)}`, fix)]
  const { type } = destination
  if (typeof type !== 'string' || !types.includes(type))
    return [error(`${path}.type`, `it is ${kindOf(type)}`, `one of ${types.join(', ')}`)]
  if (type === 'number') {
    const { number, numberE164CheckEnabled } = destination
    if (typeof number !== 'string') return requireText(destination, 'number', path)
    return numberE164CheckEnabled === false || E164.test(number)
      ? []
      : [
          error(
            `${path}.number`,
            `${number} is not in E.164 form`,
            '+15551234567, or numberE164CheckEnabled false',
          ),
        ]
  }
  if (type === 'sip') {
    const { sipUri } = destination
    return typeof sipUri === 'string' && /^sips?:/.test(sipUri)
      ? []
      : [error(`${path}.sipUri`, `it is ${kindOf(sipUri)}`, 'an address as sip:someone@example.com')]
  }
  return []
}

/** A message to be spoken in place of the configured one. */
export function checkToolMessage(message: unknown, types: readonly string[], path: string): Finding[] {
  const fix = `{"type": "${types[0]}", "content": "…"}`
  if (!isObject(message)) return [error(path, `it is ${kindOf(message)}`, fix)]
  const findings: Finding[] = []
  const { type, content, contents } = message
  if (typeof type !== 'string' || !types.includes(type))
    findings.push(error(`${path}.type`, `it is ${kindOf(type)}`, `one of ${types.join(', ')}`))
  if (!isGiven(contents) && typeof content !== 'string')
    findings.push(error(`${path}.content`, `it is ${kindOf(content)}`, fix))
  if (typeof content === 'string' && content.length > 1000)
    findings.push(error(`${path}.content`, `it has ${content.length} characters`, 'at most 1000'))
  return findings
}
