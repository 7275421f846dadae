import type { Rubric } from '../../assistant/analysis.ts'

const descriptions = ['Excellent', 'Good', 'Fair', 'Poor']
const agreements = ['Strongly Agree', 'Agree', 'Neutral', 'Disagree', 'Strongly Disagree']

/**
 * A model's judgement as a value of its scale, always text; null where it is none. Words are taken without case and
 * punctuation around them.
 */
export function readVerdict(rubric: Rubric, answer: string): string | null {
  const text = answer.trim()
  const bare = text.replace(/^[\s"'`*.:]+|[\s"'`*.:!]+$/g, '')
  switch (rubric) {
    case 'PassFail':
      if (/^(true|pass(ed)?|yes)$/i.test(bare)) return 'true'
      return /^(false|fail(ed)?|no)$/i.test(bare) ? 'false' : null
    case 'NumericScale': {
      const found = /^(\d+)(?:\s*\/\s*10)?$/.exec(bare)?.[1]
      return found !== undefined && Number(found) >= 1 && Number(found) <= 10 ? String(Number(found)) : null
    }
    case 'PercentageScale': {
      const found = /^(\d+(?:\.\d+)?)\s*%?$/.exec(bare)?.[1]
      return found !== undefined && Number(found) <= 100 ? `${Number(found)}%` : null
    }
    case 'DescriptiveScale':
      return oneOf(descriptions, bare)
    case 'LikertScale':
      return oneOf(agreements, bare)
    case 'Checklist':
    case 'Matrix':
    case 'AutomaticRubric':
      return text === '' ? null : text
  }
}

function oneOf(values: readonly string[], text: string): string | null {
  return values.find(value => value.toLowerCase() === text.toLowerCase()) ?? null
}

/** The JSON of an answer, also in a code fence or with words around an object; undefined where there is none. */
export function readJson(answer: string): unknown {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/i.exec(answer)?.[1]
  const object = /\{[\s\S]*\}/.exec(answer)?.[0]
  for (const text of [answer, fenced, object]) {
    if (text === undefined) continue
    try {
      return JSON.parse(text)
    } catch {}
  }
  return undefined
}
