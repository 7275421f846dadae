import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { ParseError } from 'jsonc-parser'
import { Exit, systemCodeOf, usageError, VapiError } from '../errors.ts'

/** Largest configuration file that is read. */
const MAXIMUM_BYTES = 10 * 1024 * 1024
const MAXIMUM_DEPTH = 100

/**
 * Reads a JSON or YAML file (`-`: the given standard input). A syntax error names its line and column.
 * Throws VapiError: exit 5 where there is no such file, exit 2 where it cannot be read or parsed.
 */
export async function loadDocument(path: string, stdin?: AsyncIterable<Uint8Array>): Promise<unknown> {
  return (await loadSource(path, stdin)).document
}

/** The same, with the text that it came from: for telling where in a file something stands. */
export async function loadSource(
  path: string,
  stdin?: AsyncIterable<Uint8Array>,
): Promise<{ text: string; document: unknown }> {
  const text = path === '-' && stdin !== undefined ? await readAll(stdin) : await readText(path)
  const document = await parseDocument(text, path)
  if (depthOf(document) > MAXIMUM_DEPTH)
    throw usageError(`${path} is nested more than ${MAXIMUM_DEPTH} levels deep`)
  return { text, document }
}

/** How deep a document is nested, counted without recursion, as far as it matters. */
function depthOf(document: unknown): number {
  let depth = 0
  for (let level = [document]; level.length > 0 && depth <= MAXIMUM_DEPTH; depth++) {
    level = level.flatMap(value => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return depth
}

async function readText(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length > MAXIMUM_BYTES) throw usageError(`${path} is larger than 10 MB`)
    return text.replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof VapiError) throw error
    const code = systemCodeOf(error)
    if (code === 'ENOENT') {
      throw new VapiError({
        code: 'file-not-found',
        message: `there is no file ${path}`,
        exit: Exit.notFound,
        hint: 'check the path; files are JSON or YAML',
      })
    }
    if (code === 'EISDIR') throw usageError(`${path} is a folder`, 'name a file in it (JSON or YAML)')
    throw usageError(`${path} cannot be read (${code ?? 'unknown error'})`)
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

/** Parses by the file's name: `.json` strictly as JSON, everything else as YAML (which contains JSON). */
export async function parseDocument(text: string, path: string): Promise<unknown> {
  if (text.trim() === '') throw usageError(`${path} is empty`)
  return extname(path).toLowerCase() === '.json' ? parseJson(text, path) : parseYaml(text, path)
}

/** Parses JSON; `path` names it in errors. Throws a usage error with line and column. */
export async function parseJson(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text)
  } catch {
    const { parse, printParseErrorCode } = await import('jsonc-parser')
    const errors: ParseError[] = []
    parse(text, errors, { disallowComments: true })
    const [first] = errors
    if (first === undefined) throw usageError(`${path} is not valid JSON`)
    const { line, column } = positionOf(text, first.offset)
    throw usageError(`${path}:${line}:${column}: ${words(printParseErrorCode(first.error))}`)
  }
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const { parseDocument: parse } = await import('yaml')
  const document = parse(text, { prettyErrors: true })
  const [first] = document.errors
  if (first !== undefined) {
    const position = first.linePos?.[0]
    const place = position === undefined ? path : `${path}:${position.line}:${position.col}`
    throw usageError(`${place}: ${first.message.split(' at line')[0]?.split('\n')[0]}`)
  }
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw usageError(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** `PropertyNameExpected` as `property name expected`. */
function words(code: string): string {
  return code.replace(/[A-Z]/g, (letter, place) => `${place === 0 ? '' : ' '}${letter.toLowerCase()}`)
}
