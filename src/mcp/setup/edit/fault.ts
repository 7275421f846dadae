import { VapiError } from '../../../errors.ts'

/** A file that is left as it is, and why. `line` and `column` count from 1. */
export function brokenFile(what: string, text?: string, offset?: number): VapiError {
  const position = text === undefined || offset === undefined ? '' : ` at ${positionOf(text, offset)}`
  return new VapiError({
    code: 'mcp-file-broken',
    message: `${what}${position}`,
    hint: 'the file was left as it is: mend it, then run this again',
  })
}

function positionOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}

/** The last guard before a file is written: something beside our entry would change. */
export function unsafeEdit(): VapiError {
  return new VapiError({
    code: 'mcp-edit-refused',
    message: 'the entry cannot be changed without changing something else in the file',
    hint: 'the file was left as it is: change the entry by hand',
  })
}
