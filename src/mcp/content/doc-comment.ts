import { rangeText } from './open-api-schema.ts'

/** A description without its tags, and what the tags said. */
export interface DocComment {
  text: string
  default: string | null
  limits: string
  isDeprecated: boolean
}

const TAG = /^\s*@(default|min|minimum|max|maximum|example|deprecated|note)\b[:\s]*(.*)$/i

/**
 * Takes `@default`, `@min`, `@max` and `@example` out of a description. A tag reaches to an empty line or the next tag; in a
 * code fence to the fence's end; an example to the next tag.
 */
export function readDocComment(description: string): DocComment {
  if (!description.includes('@')) return { text: description, default: null, limits: '', isDeprecated: false }
  const text: string[] = []
  const tags = new Map<string, string[]>()
  let open: { name: string; lines: string[]; inFence: boolean } | null = null
  for (const line of description.split('\n')) {
    const [, name, rest = ''] = TAG.exec(line) ?? []
    if (name !== undefined && open?.inFence !== true) {
      open = { name: name.toLowerCase().replace(/imum$/, ''), lines: [], inFence: rest.includes('```') }
      if (open.name === 'note') {
        text.push(rest)
        open = null
        continue
      }
      tags.set(open.name, open.lines)
      if (rest.trim() !== '') open.lines.push(rest)
    } else if (open === null) text.push(line)
    else if (line.trim() === '' && !open.inFence && open.name !== 'example') {
      open = null
      text.push('')
    } else {
      if (line.includes('```')) open.inFence = !open.inFence
      open.lines.push(line)
    }
  }
  return {
    text: text
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    default: defaultOf(tags.get('default')),
    limits: rangeText(numberOf(tags.get('min')), numberOf(tags.get('max')), ''),
    isDeprecated: tags.has('deprecated'),
  }
}

function defaultOf(lines: readonly string[] | undefined): string | null {
  const value = (lines ?? [])
    .map(line => line.trim())
    .join('\n')
    .replace(/^```\w*\n?|\n?```$/g, '')
    .trim()
  return value === '' || /^(undefined|null|none)\b/i.test(value) ? null : value
}

function numberOf(lines: readonly string[] | undefined): number | undefined {
  const value = Number.parseFloat(lines?.[0] ?? '')
  return Number.isNaN(value) ? undefined : value
}
