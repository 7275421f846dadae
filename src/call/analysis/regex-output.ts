import type { OutputPlan } from '../../assistant/analysis.ts'
import { messageOf } from '../../errors.ts'
import { createGuard } from '../text-work.ts'

type RegexOutput = Extract<OutputPlan, { type: 'regex' }>

/**
 * What a regex finds in the transcript, in the form that the schema's type asks for: whether it fits, its first find (or
 * first group), that as a number, or all of them. Null where nothing is found. Throws an Error for a regex that is none
 * or that takes too long.
 */
export function regexResult({ regex, schema }: RegexOutput, transcript: string): unknown {
  const pattern = patternOf(regex)
  const finds = createGuard()(() => [...transcript.matchAll(pattern)].map(match => match[1] ?? match[0]))
  if (finds === null) throw new Error('the regex took over 50 ms')
  const [first] = finds
  switch (schema.type) {
    case 'boolean':
      return finds.length > 0
    case 'array':
      return finds
    case 'number':
    case 'integer': {
      const value = Number.parseFloat(first ?? '')
      if (Number.isNaN(value)) return null
      return schema.type === 'integer' ? Math.trunc(value) : value
    }
    default:
      return first ?? null
  }
}

/** A pattern as it is, or in the form `/pattern/flags`. */
function patternOf(source: string): RegExp {
  const literal = /^\/(.*)\/([a-z]*)$/s.exec(source)
  try {
    const flags = new Set(`g${literal?.[2] ?? ''}`.replace('y', ''))
    return new RegExp(literal?.[1] ?? source, [...flags].join(''))
  } catch (error) {
    throw new Error(`the regex is not valid: ${messageOf(error)}`)
  }
}
