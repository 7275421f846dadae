import { isObject } from '../is-object.ts'

/** A value that was made small enough by leaving parts out, and the paths of these. */
export interface Fitted {
  value: unknown
  leftOut: string[]
}

/**
 * The value with its largest parts left out until its JSON has at most so many characters: the largest fields of an object,
 * the last items of a list, the end of a text. What stays is as it was.
 */
export function fitJson(value: unknown, maximum: number, path = ''): Fitted {
  if (sizeOf(value) <= maximum) return { value, leftOut: [] }
  if (Array.isArray(value)) {
    let size = 2
    const kept = value.findIndex(item => {
      size += sizeOf(item) + 1
      return size > maximum
    })
    if (kept > 0) return { value: value.slice(0, kept), leftOut: [`${path}[${kept}…${value.length - 1}]`] }
    const first = fitJson(value[0], maximum - 10, `${path}[0]`)
    return {
      value: [first.value],
      leftOut: [...first.leftOut, ...(value.length > 1 ? [`${path}[1…${value.length - 1}]`] : [])],
    }
  }
  if (isObject(value)) {
    const fields = Object.entries(value).map(([name, field]) => ({
      name,
      size: sizeOf(field) + name.length + 4,
    }))
    let size = fields.reduce((sum, field) => sum + field.size, 2)
    const dropped = new Set<string>()
    for (const field of fields.toSorted((one, other) => other.size - one.size)) {
      if (size <= maximum) break
      dropped.add(field.name)
      size -= field.size
    }
    const kept = Object.fromEntries(Object.entries(value).filter(([name]) => !dropped.has(name)))
    return { value: kept, leftOut: [...dropped].map(name => (path === '' ? name : `${path}.${name}`)) }
  }
  const text = String(value).slice(0, Math.max(0, Math.floor(maximum / 2)))
  return { value: text, leftOut: [`${path === '' ? 'the text' : path} after ${text.length} characters`] }
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0
}

/** What stands at a path (`artifact.messages[3].message`); undefined where nothing does. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value
  for (const [part] of path.matchAll(/[^.[\]]+/g)) {
    if (Array.isArray(found) && /^\d+$/.test(part)) found = found[Number(part)]
    else if (isObject(found) && Object.hasOwn(found, part)) found = found[part]
    else return undefined
  }
  return found
}

/** JSON in Markdown, with a note of what was left out. */
export function jsonText(value: unknown, leftOut: readonly string[]): string {
  const note =
    leftOut.length === 0
      ? ''
      : `\n\nLeft out, being too large: ${leftOut.slice(0, 20).join(', ')}${leftOut.length > 20 ? ` and ${leftOut.length - 20} more` : ''}. Ask for a part with path.`
  return `\`\`\`json\n${JSON.stringify(value)}\n\`\`\`${note}`
}
