/** A step on the way to a value: a field's name or an item's number. */
export type PathPart = string | number

export interface Finding {
  /** `model.temperature`, `hooks[0].on`; empty for the whole document. */
  path: string
  /** The same, in parts, for finding the place in a file. */
  at: readonly PathPart[]
  /** Errors are refused by the API or cannot work; warnings are accepted and probably not what was meant. */
  level: 'error' | 'warning'
  /** Stable machine name, kebab-case: `unknown-field`, `out-of-range`. */
  code: string
  /** What is wrong, without a full stop at its end. */
  message: string
  /** What to write instead. */
  fix?: string
}

export function formatPath(at: readonly PathPart[]): string {
  return at
    .map((part, place) => {
      if (typeof part === 'number') return `[${part}]`
      if (!/^[\w$:-]+$/.test(part)) return `[${JSON.stringify(part)}]`
      return place === 0 ? part : `.${part}`
    })
    .join('')
}

/** `model.tools[0].name` as parts; the inverse of formatPath for ordinary names. */
export function parsePath(path: string): PathPart[] {
  return [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(
    ([, number, quoted, name]) =>
      number !== undefined ? Number(number) : (quoted?.replace(/\\(.)/g, '$1') ?? name ?? ''),
  )
}
