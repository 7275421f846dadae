/** Names of messages as people write them: today's, those of older documentation, and patterns. */
import { closest } from '../closest.ts'
import { usageError } from '../errors.ts'
import { FINAL_TRANSCRIPT, serverMessageTypes } from './events.ts'

export interface ResolvedEvents {
  /** The real types that are meant, the nearest first; a pattern that fits real types stays one. */
  types: string[]
  /** What is to be said of the name; null where it is a real one. */
  note: string | null
  /** What the first type's message has to say, to be what the name stands for. */
  fields?: Readonly<Record<string, unknown>>
}

interface OldName {
  /** As older documentation and samples have it, with hyphens. */
  names: readonly string[]
  types: readonly string[]
  /** Which messages these are, in words. */
  words: string
  fields?: Readonly<Record<string, unknown>>
}

const FAILED = 'call.in-progress.error-providerfault-openai-llm-failed'

/** Names that the platform never sends (cli-surface.md 4.3), and what it sends in their place. */
const oldNames: readonly OldName[] = [
  {
    names: ['call-started', 'call-start'],
    types: ['status-update'],
    words: 'status-update with the status in-progress',
    fields: { status: 'in-progress' },
  },
  {
    names: ['call-ended', 'call-end'],
    types: ['status-update', 'end-of-call-report'],
    words: 'status-update with the status ended, then end-of-call-report',
    fields: { status: 'ended', endedReason: 'customer-ended-call' },
  },
  {
    names: ['call-failed', 'error'],
    types: ['status-update', 'end-of-call-report'],
    words: 'status-update and end-of-call-report, whose endedReason tells the error',
    fields: { status: 'ended', endedReason: FAILED },
  },
  {
    names: ['assistant-message'],
    types: ['transcript', FINAL_TRANSCRIPT, 'conversation-update'],
    words: 'transcript with the role assistant, and conversation-update',
    fields: { role: 'assistant', transcriptType: 'final', transcript: 'Nine thirty is free.' },
  },
  {
    names: ['recording-ready'],
    types: ['call.artifact.upload', 'end-of-call-report'],
    words: 'call.artifact.upload; the recording’s address stands in end-of-call-report',
  },
  {
    names: ['analysis-ready'],
    types: ['end-of-call-report'],
    words: 'end-of-call-report, which is sent when the analysis is done',
  },
  {
    names: ['tool-call-start', 'tool-call-started'],
    types: ['tool-calls'],
    words: 'tool-calls',
  },
  {
    names: ['function-result', 'tool-call-result'],
    types: ['conversation-update'],
    words: 'conversation-update: results of tools stand in the history',
  },
  {
    names: ['function-call'],
    types: ['tool-calls', 'function-call'],
    words: 'tool-calls, of which it is the older form',
  },
  {
    names: ['language-changed'],
    types: ['language-change-detected', 'language-changed'],
    words: 'language-change-detected, of which it is the older form',
  },
]

/** Names that stand for nothing that is sent. */
const withoutMessage: Readonly<Record<string, string>> = {
  dtmf: 'no message tells of pressed keys: they come as words of the customer',
}

/**
 * The real messages that a name stands for; also of older documentation (`call-started`), and with `*` for any part
 * (`status-*`). Throws a usage error with near names for one that nobody knows.
 */
export function resolveEventName(name: string): ResolvedEvents {
  const written = name.trim()
  if (written.includes('*')) return resolvePattern(written)
  const plain = plainName(written)
  const old = oldNames.find(({ names }) => names.includes(plain))
  if (old !== undefined) {
    const { types, words, fields } = old
    const isKnown = allTypes.includes(written)
    const note = `${isKnown ? '' : 'the platform sends no '}${written}${isKnown ? ' is read as' : '; what is meant is'} ${words}`
    return { types: [...types], note, ...(fields !== undefined && { fields }) }
  }
  if (allTypes.includes(written)) return { types: [written], note: null }
  const real = allTypes.find(type => plainName(type) === plain)
  if (real !== undefined) return { types: [real], note: `${written} is read as ${real}` }
  const missing = Object.hasOwn(withoutMessage, plain) ? withoutMessage[plain] : undefined
  if (missing !== undefined) throw usageError(`${written}: ${missing}`, 'vapi trigger --list')
  const near = nearNames(written)
  throw usageError(
    `there is no event ${written}`,
    near.length === 0 ? 'vapi trigger --list shows all' : `did you mean ${near.join(' or ')}?`,
  )
}

const allTypes: readonly string[] = serverMessageTypes.map(({ type }) => type)

function resolvePattern(pattern: string): ResolvedEvents {
  const regex = new RegExp(
    `^${pattern
      .toLowerCase()
      .split('*')
      .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )
  const isReal = allTypes.some(type => regex.test(type.toLowerCase()))
  const olds = oldNames.filter(({ names }) =>
    names.some(
      name => !allTypes.includes(name) && (regex.test(name) || regex.test(name.replaceAll('-', '.'))),
    ),
  )
  // `*` and wide patterns have everything already.
  const added = [...new Set(olds.flatMap(({ types }) => types))].filter(
    type => !regex.test(type.toLowerCase()),
  )
  if (!isReal && added.length === 0)
    throw usageError(`no event fits ${pattern}`, 'vapi trigger --list shows all')
  return {
    types: [...(isReal ? [pattern] : []), ...added],
    note: added.length === 0 ? null : `${pattern} also stands for ${added.join(', ')}, by older names`,
  }
}

/** Case and separators do not count. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/[._\s]+/g, '-')
}

/** The nearest by spelling, else at most three: those that hold it whole, then those that share a word. */
function nearNames(name: string): string[] {
  const plain = plainName(name)
  const spelled = closest(plain, [...allTypes, ...oldNames.flatMap(({ names }) => names)])
  if (spelled !== null) return [spelled]
  const words = plain.split('-').filter(word => word.length > 3)
  const whole = allTypes.filter(type => plainName(type).includes(plain))
  const sharing = allTypes.filter(type => words.some(word => plainName(type).includes(word)))
  return [...new Set([...whole, ...sharing])].slice(0, 3)
}
