import { isObject } from '../../../is-object.ts'
import type { Json } from '../../overrides.ts'
import type { Finding, PathPart } from '../finding.ts'
import type { Schema } from '../schema.ts'

/** What a rule sees. Paths count from the assistant. */
export interface RuleInput {
  assistant: Json
  schema: Schema
  /** True for a member of a squad, which does not begin the call. */
  isMember: boolean
  /** What is wrong with a Liquid template, or null. */
  templateFault(text: string): string | null
}

/** A check that the schema cannot express. It reports what it finds and never throws for odd types. */
export interface Rule {
  /** Its findings carry it as their code. */
  code: string
  check(input: RuleInput, tell: Tell): void
}

/** Reports a finding with the rule's code. */
export type Tell = (level: Finding['level'], at: readonly PathPart[], message: string, fix?: string) => void

/** Something of the configuration with the path to it. */
export interface Place<Value> {
  value: Value
  at: readonly PathPart[]
}

export function valueAt(from: unknown, ...path: readonly PathPart[]): unknown {
  let current = from
  for (const part of path) {
    if (Array.isArray(current) && typeof part === 'number') current = current[part]
    else if (isObject(current) && typeof part === 'string' && Object.hasOwn(current, part))
      current = current[part]
    else return undefined
  }
  return current
}

export function objectAt(from: unknown, ...path: readonly PathPart[]): Json | null {
  const value = valueAt(from, ...path)
  return isObject(value) ? value : null
}

/** The objects of the list at a path. */
export function itemsAt(from: unknown, ...path: readonly PathPart[]): Place<Json>[] {
  const list = valueAt(from, ...path)
  if (!Array.isArray(list)) return []
  return list.flatMap((value, index) => (isObject(value) ? [{ value, at: [...path, index] }] : []))
}

/** The voices of an assistant: its own, its fallbacks, that of the recording consent. */
export function voicesOf(assistant: Json): Place<Json>[] {
  const own = objectAt(assistant, 'voice')
  const consent = objectAt(assistant, 'compliancePlan', 'recordingConsentPlan', 'voice')
  return [
    ...(own === null ? [] : [{ value: own, at: ['voice'] }]),
    ...itemsAt(assistant, 'voice', 'fallbackPlan', 'voices'),
    ...(consent === null
      ? []
      : [{ value: consent, at: ['compliancePlan', 'recordingConsentPlan', 'voice'] }]),
  ]
}

/** The transcriber and its fallbacks. */
export function transcribersOf(assistant: Json): Place<Json>[] {
  const own = objectAt(assistant, 'transcriber')
  return [
    ...(own === null ? [] : [{ value: own, at: ['transcriber'] }]),
    ...itemsAt(assistant, 'transcriber', 'fallbackPlan', 'transcribers'),
  ]
}

/** The inline tools: those of the model and those that overrides append. */
export function toolsOf(assistant: Json): Place<Json>[] {
  return [...itemsAt(assistant, 'model', 'tools'), ...itemsAt(assistant, 'tools:append')]
}

/** What stands in the way of this address as a server's, or null. Templates are filled in later and pass. */
export function addressFault(address: string): string | null {
  if (address.includes('{{')) return null
  if (!URL.canParse(address)) return 'is not an address'
  const { protocol, hostname } = new URL(address)
  if (!/^(https?|wss?):$/.test(protocol)) return 'must begin with https://'
  return /^(localhost|127\.|\[::1\]|0\.0\.0\.0$)/.test(hostname)
    ? 'is on this machine, which hosted calls do not reach'
    : null
}
