import { type ParseError, parse as parseJson, printParseErrorCode } from 'jsonc-parser'

const DEEPEST = 200
const YAML_LIMIT = 64 * 1024

/** Parses YAML; throws where it is none. */
export type ParseYaml = (text: string) => unknown

/** JSON as package managers read it. Throws in words that a user understands. */
export function parseStrictJson(text: string): unknown {
  if (text.trim() === '') throw new Error('it is empty')
  const errors: ParseError[] = []
  refuseDepth(text)
  const value: unknown = parseJson(text, errors, { disallowComments: true, allowEmptyContent: false })
  const first = errors[0]
  if (first === undefined) return value
  const line = text.slice(0, first.offset).trimEnd().split('\n').length
  throw new Error(`it is not valid JSON (${inWords(printParseErrorCode(first.error))} in line ${line})`)
}

/** JSON with comments and trailing commas. What cannot be read of it is left out. */
export function parseTolerantJson(text: string): unknown {
  refuseDepth(text)
  return parseJson(text, [], { allowTrailingComma: true })
}

/** The parser of YAML is slow on texts that are none, and such files are short. */
export function parseSmall(text: string, parse: ParseYaml): unknown {
  if (text.length > YAML_LIMIT) throw new Error('it is longer than a file of its kind can be')
  refuseDepth(text)
  const nested = text.split('\n').some(line => /^[ \t]*(?:[-?:][ \t]+){20}/.test(line))
  if (nested) throw new Error('it is nested too deep')
  return parse(text)
}

/** The parser calls itself for each level. */
function refuseDepth(text: string): void {
  let depth = 0
  for (const character of text) {
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth > DEEPEST) throw new Error(`it is nested more than ${DEEPEST} levels deep`)
  }
}

function inWords(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
}
