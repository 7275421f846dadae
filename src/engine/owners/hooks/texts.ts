import type { HookAction } from '../../plan.ts'

/** True for a text that Liquid must look at. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}

/** The texts of an action that may be templates, in a fixed order; `drawn` is the one of a `say` that is spoken. */
export function textsOf(action: HookAction, drawn: number): string[] {
  switch (action.type) {
    case 'say':
      return [action.texts[drawn] ?? '']
    case 'prompt':
      return action.messages.map(({ content }) => content)
    case 'message':
      return [action.content]
    case 'tool':
      return stringsBelow(action.arguments)
  }
}

function stringsBelow(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsBelow)
}

/** The value with its strings, in the order of `textsOf`, replaced. */
export function withStrings(value: unknown, texts: readonly string[]): unknown {
  const left = [...texts]
  const replace = (part: unknown): unknown => {
    if (typeof part === 'string') return left.shift() ?? part
    if (Array.isArray(part)) return part.map(replace)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, replace(item)]))
  }
  return replace(value)
}
