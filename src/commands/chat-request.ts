import { findId } from '../api/lookup.ts'
import type { Json, JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { loadObject, variablesOf } from './call-options.ts'

/** With whom a chat is, and what goes along with it. */
export const chatOptions = {
  assistant: { type: 'string', placeholder: 'ID|NAME', summary: 'assistant, by id or name' },
  squad: { type: 'string', placeholder: 'ID|NAME', summary: 'squad, by id or name' },
  session: { type: 'string', placeholder: 'ID', summary: 'session that it belongs to' },
  previous: { type: 'string', placeholder: 'ID', summary: 'chat that it goes on from' },
  input: { type: 'string', placeholder: 'TEXT', summary: 'what is said; - reads standard input' },
  var: {
    type: 'list',
    placeholder: 'NAME=VALUE',
    summary: 'value of a variable in the assistant (customer.name=Ann)',
  },
  name: { type: 'string', placeholder: 'TEXT', summary: 'name of the chat, at most 40 characters' },
  file: {
    type: 'string',
    placeholder: 'FILE',
    summary: 'the whole body as JSON or YAML (- is standard input); other options are laid over it',
  },
  'no-stream': { type: 'boolean', summary: 'wait for the whole reply' },
} as const satisfies Record<string, OptionDefinition>

export interface ChatChoices {
  assistant: string | undefined
  squad: string | undefined
  session: string | undefined
  previous: string | undefined
  input: string | undefined
  var: readonly string[]
  name: string | undefined
  file: string | undefined
}

/** The body without `input`, and what is said first; null where it is to be asked for. */
export interface ChatStart {
  body: JsonObject
  input: Json | null
}

/**
 * Reads the choices, the file and standard input; then looks up assistant and squad. Throws a usage error for what
 * contradicts itself, before anything is asked of the API.
 */
export async function readChatStart(choices: ChatChoices, context: Context): Promise<ChatStart> {
  const { input: fileInput, stream: _stream, ...file } = await readFileBody(choices.file, context)
  const body: Record<string, Json> = { ...file }
  lay(body, 'sessionId', choices.session)
  lay(body, 'previousChatId', choices.previous)
  lay(body, 'name', choices.name)
  if (choices.session !== undefined && choices.previous === undefined) delete body.previousChatId
  if (choices.previous !== undefined && choices.session === undefined) delete body.sessionId
  if (choices.assistant !== undefined && choices.squad !== undefined)
    throw usageError('--assistant and --squad exclude each other')
  if (body.sessionId !== undefined && body.previousChatId !== undefined)
    throw usageError('a chat belongs to a session or goes on from another chat, not both')
  if (typeof body.name === 'string' && body.name.length > 40)
    throw usageError(`the name has ${body.name.length} characters`, 'at most 40')
  addVariables(body, choices.var)
  const input = await readInput(choices, fileInput, context)
  return { body: await addPartner(body, choices, context), input }
}

/** Fails where nobody was named with whom the chat could be. */
export function requirePartner(body: JsonObject): void {
  const named = ['assistantId', 'assistant', 'squadId', 'squad', 'sessionId', 'previousChatId', 'transport']
  if (!named.some(name => body[name] !== undefined))
    throw usageError(
      '--assistant is missing: with whom to chat',
      'vapi assistant list; or --squad, --session',
    )
}

async function readFileBody(file: string | undefined, context: Context): Promise<Record<string, Json>> {
  if (file === undefined) return {}
  return structuredClone(await loadObject(file, context)) as Record<string, Json>
}

function lay(body: Record<string, Json>, name: string, value: string | undefined): void {
  if (value !== undefined) body[name] = value
}

/** Only the variables of `assistantOverrides` count in a chat. */
function addVariables(body: Record<string, Json>, pairs: readonly string[]): void {
  if (pairs.length === 0) return
  const overrides = objectOr(body.assistantOverrides)
  const values = { ...objectOr(overrides.variableValues), ...(variablesOf(pairs) as JsonObject) }
  body.assistantOverrides = { ...overrides, variableValues: values }
}

function objectOr(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

async function readInput(
  { input, file }: ChatChoices,
  fileInput: Json | undefined,
  { output }: Context,
): Promise<Json | null> {
  const { stdin, stdinIsTerminal } = output.streams
  if (input === '-') {
    if (file === '-') throw usageError('--input - and --file - both want standard input')
    return nonEmpty(await readAll(stdin), 'standard input is empty')
  }
  if (input !== undefined) return nonEmpty(input, '--input is empty')
  if (fileInput !== undefined) return fileInput
  if (stdinIsTerminal || file === '-') return null
  return nonEmpty(await readAll(stdin), 'there is nothing to say')
}

/** Text, without the line break that ends it. Throws a usage error where there is none. */
export function nonEmpty(text: string, message: string): string {
  if (text.trim() === '') throw usageError(message, 'add --input "text", or run it in a terminal')
  return text.replace(/\r?\n$/, '')
}

export async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}

async function addPartner(
  body: Record<string, Json>,
  { assistant, squad }: ChatChoices,
  context: Context,
): Promise<JsonObject> {
  const { assistantId: _a, assistant: _b, squadId: _c, squad: _d, ...rest } = body
  if (assistant !== undefined)
    return { ...rest, assistantId: await findId(await context.api(), 'assistant', assistant) }
  if (squad !== undefined) return { ...rest, squadId: await findId(await context.api(), 'squad', squad) }
  return body
}
