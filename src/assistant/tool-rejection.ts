import type { ModelMessage } from '../engine/ports/language-model.ts'
import { messageOf, usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { Render } from './variables.ts'

/** Says whether a call is refused, by the conversation so far and the wall clock in milliseconds. */
export type Rejection = (messages: readonly ModelMessage[], nowMs: number) => boolean

/**
 * Compiles a tool's `rejectionPlan`: a call is refused where all conditions fit (API: ToolRejectionPlan). Null where it has
 * none. Throws a usage error that names the path of a fault.
 */
export function compileRejection(plan: unknown, path: string, render: Render): Rejection | null {
  if (!isObject(plan) || !Array.isArray(plan.conditions) || plan.conditions.length === 0) return null
  const tests = plan.conditions.map((condition: unknown, place) =>
    compileCondition(condition, `${path}.conditions[${place}]`, render),
  )
  return (messages, nowMs) => tests.every(test => test(messages, nowMs))
}

function compileCondition(condition: unknown, path: string, render: Render): Rejection {
  if (!isObject(condition)) throw usageError(`${path} is not an object`)
  switch (condition.type) {
    case 'regex':
      return compileRegexCondition(condition, path)
    case 'liquid':
      return compileLiquidCondition(String(condition.liquid ?? ''), path, render)
    case 'group': {
      const list: unknown[] = Array.isArray(condition.conditions) ? condition.conditions : []
      const tests = list.map((inner, place) =>
        compileCondition(inner, `${path}.conditions[${place}]`, render),
      )
      return condition.operator === 'OR'
        ? (messages, nowMs) => tests.some(test => test(messages, nowMs))
        : (messages, nowMs) => tests.every(test => test(messages, nowMs))
    }
    default:
      throw usageError(`${path}.type is not regex, liquid or group`)
  }
}

function compileRegexCondition(condition: Record<string, unknown>, path: string): Rejection {
  const { source, flags } = inlineFlags(String(condition.regex ?? ''))
  const pattern = readRegex(source, flags, `${path}.regex`)
  const target = isObject(condition.target) ? condition.target : {}
  const position = typeof target.position === 'number' ? target.position : -1
  const negate = condition.negate === true
  return messages => {
    const candidates = messages.filter(({ role }) => target.role === undefined || role === target.role)
    return pattern.test(candidates.at(position)?.content ?? '') !== negate
  }
}

/** Patterns may begin with flags in the form of other languages: `(?i)`. */
function inlineFlags(regex: string): { source: string; flags: string } {
  const found = /^\(\?([ims]+)\)/.exec(regex)
  return found === null
    ? { source: regex, flags: '' }
    : { source: regex.slice(found[0].length), flags: found[1] ?? '' }
}

function readRegex(source: string, flags: string, path: string): RegExp {
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw usageError(`${path} is not a regular expression: ${messageOf(error)}`)
  }
}

/** Fits where the template gives `true`. The filter `last` with a number gives the last so many. */
function compileLiquidCondition(liquid: string, path: string, render: Render): Rejection {
  const template = liquid.replace(
    /\|\s*last\s*:\s*(\d+)/g,
    (_, count: string) => `| reverse | slice: 0, ${count} | reverse`,
  )
  return (messages, nowMs) => {
    const values = { messages: messages.map(readable), now: nowMs }
    return render(template, `${path}.liquid`, { values }).trim() === 'true'
  }
}

function readable(message: ModelMessage) {
  return { ...message, content: message.content ?? '' }
}
