/**
 * The conversation as a realtime session has it, and what has to be done to bring it to what the engine's history says. Words
 * that were spoken stay as the sound that the session knows; everything else is text.
 */
import type { ModelMessage } from '../../engine/ports/language-model.ts'
import type { ItemContent } from './events.ts'
import { plain } from './words.ts'

/** A part of the session's conversation. */
export type Entry =
  /** The customer's sound. `text` is null until it is known, and where it cannot be. */
  | { type: 'heard'; id: string | null; text: string | null; isKnown: boolean }
  /**
   * What the assistant said, one message of an answer. `isKnown`: it was in the history. `isVoid`: nobody heard all of it, so
   * that the history may not have it.
   */
  | { type: 'spoken'; id: string; text: string; isKnown: boolean; isVoid: boolean }
  /** Text that we wrote. */
  | { type: 'written'; id: string; content: Extract<ItemContent, { type: 'message' }> }
  | { type: 'call'; id: string; callId: string }
  | { type: 'result'; id: string; callId: string; output: string }

/** What has to be done, in this order. */
export type Edit =
  | { type: 'delete'; entry: Entry }
  /** After which entry: null is the beginning, absent the end. */
  | { type: 'create'; entry: Entry; content: ItemContent; after?: Entry | null }

/** What the history wants: its instructions, and the rest. */
export interface Wanted {
  instructions: string
  contents: ItemContent[]
}

/**
 * The system messages at the beginning are instructions, and those of the assistant itself wherever they stand: after a
 * hand-over they come in the middle.
 */
export function wantedOf(messages: readonly ModelMessage[], prompts: readonly string[] = []): Wanted {
  const firstOther = messages.findIndex(({ role }) => role !== 'system')
  const opening = firstOther === -1 ? messages.length : firstOther
  const isInstruction = ({ role, content }: ModelMessage, place: number) =>
    role === 'system' && (place < opening || prompts.includes(content))
  return {
    instructions: messages
      .filter(isInstruction)
      .flatMap(({ content }) => textsOf(content))
      .join('\n\n'),
    contents: messages.filter((message, place) => !isInstruction(message, place)).flatMap(contentsOf),
  }
}

function contentsOf(message: ModelMessage): ItemContent[] {
  switch (message.role) {
    case 'system':
    case 'user':
      return textsOf(message.content).map(text => ({ type: 'message', role: message.role, text }))
    case 'assistant':
      return [
        ...textsOf(message.content).map(
          (text): ItemContent => ({ type: 'message', role: 'assistant', text }),
        ),
        ...(message.tool_calls ?? []).map(
          ({ id, function: called }): ItemContent => ({
            type: 'call',
            callId: id,
            name: called.name,
            arguments: called.arguments,
          }),
        ),
      ]
    case 'tool':
      return [{ type: 'result', callId: message.tool_call_id, output: message.content }]
    case 'function':
      return [{ type: 'message', role: 'system', text: `[${message.name}: ${message.content}]` }]
  }
}

function textsOf(content: string | null): string[] {
  return content === null || content.trim() === '' ? [] : [content]
}

/**
 * The edits that make the entries say what is wanted, and the entries after them. Words of the customer that no turn has
 * taken yet stay at the end. `idOf` gives new entries their names.
 */
export function reconcile(
  entries: readonly Entry[],
  wanted: readonly ItemContent[],
  idOf: () => string,
): { edits: Edit[]; entries: Entry[] } {
  const deleted: Edit[] = []
  const created: Edit[] = []
  const after: Entry[] = []
  let place = 0
  const isAtEnd = () => place >= entries.length

  const letGo = (entry: Entry): void => {
    if (isOpen(entry)) after.push(entry)
    else deleted.push({ type: 'delete', entry })
  }
  const create = (content: ItemContent): void => {
    const entry = entryOf(content, idOf())
    created.push({ type: 'create', entry, content, ...(!isAtEnd() && { after: after.at(-1) ?? null }) })
    after.push(entry)
  }

  for (const [index, whole] of wanted.entries()) {
    let content = whole
    for (;;) {
      const fit = isAtEnd() ? null : fitOf(entries, place, content)
      if (fit !== null) {
        for (let next = place; next < place + fit.length; next++) {
          const entry = entries[next]
          if (entry === undefined) continue
          if (fit.used.includes(entry)) after.push(settled(entry))
          else letGo(entry)
        }
        place += fit.length
        break
      }
      const parted = endHeard(entries[place], content)
      if (parted !== null) {
        create(parted.before)
        content = parted.rest
        continue
      }
      // What is wanted comes later among the entries: those before it are not wanted any more, unless they come later too.
      if (
        isAtEnd() ||
        !isAhead(entries, place + 1, content) ||
        isWantedLater(entries, place, wanted, index + 1)
      ) {
        create(content)
        break
      }
      const entry = entries[place]
      place++
      if (entry !== undefined) letGo(entry)
    }
  }
  for (const entry of entries.slice(place)) {
    if (entry.type === 'heard' && !entry.isKnown && plain(entry.text ?? '') !== '') after.push(entry)
    else letGo(entry)
  }
  return { edits: [...deleted, ...created], entries: after }
}

/** What the history may still come to have, or never can: it stays. */
function isOpen(entry: Entry): boolean {
  return entry.type === 'heard'
    ? entry.text === null
    : entry.type === 'spoken' && !entry.isKnown && !entry.isVoid
}

interface Fit {
  /** How many entries it takes, those between its own included. */
  length: number
  used: readonly Entry[]
}

/** How a wanted content is there from this place on; null where it is not. */
function fitOf(entries: readonly Entry[], place: number, content: ItemContent): Fit | null {
  const first = entries[place]
  if (first === undefined) return null
  const whole: Fit = { length: 1, used: [first] }
  if (content.type !== 'message') {
    if (first.type !== content.type || first.callId !== content.callId) return null
    return first.type !== 'result' || first.output === (content as { output?: string }).output ? whole : null
  }
  if (first.type === 'written' && first.content.role === content.role && first.content.text === content.text)
    return whole
  return content.role === 'system' ? null : spokenFit(entries, place, content.role, plain(content.text))
}

/** Words in several pieces: what lies between them was taken back. What an assistant said is there if it begins with them. */
function spokenFit(
  entries: readonly Entry[],
  place: number,
  role: 'user' | 'assistant',
  letters: string,
): Fit | null {
  const used: Entry[] = []
  let left = letters
  for (const [offset, entry] of entries.slice(place).entries()) {
    const own = lettersOf(entry, role)
    if (own === null) {
      if (offset === 0 || role === 'assistant' || entry.type === 'written') return null
      continue
    }
    if (own === '') {
      if (offset === 0) return null
      continue
    }
    // The customer heard a part of it.
    if (entry.type === 'spoken' && own.startsWith(left)) return { length: offset + 1, used: [...used, entry] }
    if (!left.startsWith(own)) return null
    used.push(entry)
    left = left.slice(own.length)
    if (left === '') return { length: offset + 1, used }
  }
  return null
}

/** What an entry has of somebody's words; null where it is nothing of theirs. */
function lettersOf(entry: Entry, role: 'user' | 'assistant'): string | null {
  if (entry.type === 'written') return entry.content.role === role ? plain(entry.content.text) : null
  if (entry.type === 'heard') return role === 'user' ? plain(entry.text ?? '') : null
  return entry.type === 'spoken' && role === 'assistant' ? plain(entry.text) : null
}

/** Words of the customer of which only the end is there as sound: their beginning was said to another session. */
function endHeard(
  entry: Entry | undefined,
  content: ItemContent,
): { before: ItemContent; rest: ItemContent } | null {
  if (entry?.type !== 'heard' || entry.isKnown || content.type !== 'message' || content.role !== 'user')
    return null
  const own = plain(entry.text ?? '')
  const words = content.text.split(' ')
  for (const [place] of words.entries()) {
    const rest = words.slice(place).join(' ')
    if (place === 0 || own === '' || !plain(rest).startsWith(own)) continue
    return {
      before: { ...content, text: words.slice(0, place).join(' ') },
      rest: { ...content, text: rest },
    }
  }
  return null
}

function isAhead(entries: readonly Entry[], from: number, content: ItemContent): boolean {
  return entries.some((_, place) => place >= from && fitOf(entries, place, content) !== null)
}

function isWantedLater(
  entries: readonly Entry[],
  place: number,
  wanted: readonly ItemContent[],
  from: number,
): boolean {
  return wanted.slice(from).some(content => fitOf(entries, place, content) !== null)
}

function settled(entry: Entry): Entry {
  if (entry.type === 'heard' || entry.type === 'spoken') entry.isKnown = true
  return entry
}

function entryOf(content: ItemContent, id: string): Entry {
  switch (content.type) {
    case 'message':
      return { type: 'written', id, content }
    case 'call':
      return { type: 'call', id, callId: content.callId }
    case 'result':
      return { type: 'result', id, callId: content.callId, output: content.output }
  }
}
