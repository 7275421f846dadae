import { textIn } from '../../language.ts'
import type { MessageCondition, ToolMessage } from '../../plan.ts'
import type { ToolCall } from '../../ports/language-model.ts'
import { draw, type RandomState } from '../../text/random.ts'

/** What is said while a tool runs and no `request-start` message is set (API: tool messages). */
const FILLERS = [
  'Hold on a sec.',
  'One moment.',
  'Just a sec.',
  'Give me a moment.',
  "This'll just take a sec.",
]

/** The messages of one type whose conditions hold for the call's arguments. */
export function fittingMessages(
  messages: readonly ToolMessage[],
  type: ToolMessage['type'],
  call: ToolCall,
): ToolMessage[] {
  return messages.filter(
    message =>
      message.type === type && message.conditions.every(condition => holds(condition, call.arguments)),
  )
}

/** One of several variants at random; null of none. A single one takes no draw. */
export function pickVariant<Item>(
  variants: readonly Item[],
  random: RandomState,
): { picked: Item | null; random: RandomState } {
  const [only] = variants
  if (only === undefined || variants.length === 1) return { picked: only ?? null, random }
  const drawn = draw(random)
  return { picked: variants[Math.floor(drawn.value * variants.length)] ?? only, random: drawn.state }
}

export function pickFiller(random: RandomState): { picked: string; random: RandomState } {
  const filler = pickVariant(FILLERS, random)
  return { picked: filler.picked ?? '', random: filler.random }
}

/** What a message says in a language: its text for it, else its first text, else its `content`. */
export function textOf(message: ToolMessage, language: string): string {
  return (textIn(message.contents, language) ?? message.content).trim()
}

/**
 * The message that came with a server's answer, where it is one for this outcome (API: ToolCallResult). Everything in it
 * is taken as found: a server may send anything.
 */
export function messageOfReply(
  raw: Readonly<Record<string, unknown>> | undefined,
  type: ToolMessage['type'],
): ToolMessage | null {
  if (raw === undefined || (raw.type !== undefined && raw.type !== type)) return null
  const contents = Array.isArray(raw.contents) ? raw.contents.flatMap(contentOf) : []
  if (typeof raw.content !== 'string' && contents.length === 0) return null
  return {
    type,
    role: raw.role === 'system' ? 'system' : 'assistant',
    content: typeof raw.content === 'string' ? raw.content : '',
    contents,
    conditions: [],
    blocking: false,
    endsCall: raw.endCallAfterSpokenEnabled === true,
    delayMs: 0,
  }
}

function contentOf(item: unknown): { language: string; text: string }[] {
  if (typeof item !== 'object' || item === null) return []
  const { language, text } = item as Record<string, unknown>
  return typeof language === 'string' && typeof text === 'string' ? [{ language, text }] : []
}

function holds(
  { operator, param, value }: MessageCondition,
  values: Readonly<Record<string, unknown>>,
): boolean {
  const given = valueAt(values, param)
  const text = typeof given === 'string' ? given : given === undefined ? '' : JSON.stringify(given)
  if (operator === 'eq') return text === value
  if (operator === 'neq') return text !== value
  if (given === undefined) return false
  const order = compare(text, value)
  if (operator === 'gt') return order > 0
  if (operator === 'gte') return order >= 0
  return operator === 'lt' ? order < 0 : order <= 0
}

function compare(text: string, value: string): number {
  const [first, second] = [Number(text), Number(value)]
  const numbers = text.trim() !== '' && value.trim() !== '' && !Number.isNaN(first) && !Number.isNaN(second)
  if (numbers) return first - second
  return text < value ? -1 : text > value ? 1 : 0
}

function valueAt(values: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(values, path)) return values[path]
  let found: unknown = values
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}
