/** The customer's sound on its way into a session's conversation: committed, named by the session, written down. */
import type { Entry } from './conversation.ts'
import type { Told } from './events.ts'

type HeardEntry = Extract<Entry, { type: 'heard' }>

/** What becomes of the customer's sound. `segment` is the stretch of it, as it was given. */
export interface HearingListener {
  partial(segment: object, delta: string): void
  /** All words of it; null: they are not to be had, though the session has the sound. */
  final(segment: object, text: string | null, confidence?: number): void
  /** The session is another one: what it has not written down has to be sent once more. */
  reopened(): void
  /** It is gone for good. */
  failed(error: Error): void
}

export interface HeardItems {
  /** The entry of a stretch that is committed by a message of this name. */
  commit(name: string, segment: object): HeardEntry
  take(
    told: Extract<Told, { type: 'committed' | 'hearing' | 'heard' | 'unheard' }>,
    listener: HearingListener | null,
  ): void
  /** The session did not take the message of this name: there was no sound. Gives the entry that there is not. */
  refuse(name: string, listener: HearingListener | null): HeardEntry | null
  clear(): void
}

export function createHeardItems(): HeardItems {
  /** In the order in which they were committed. */
  let underway: { name: string; segment: object; entry: HeardEntry }[] = []
  const items = new Map<string, { segment: object; entry: HeardEntry }>()
  return {
    commit(name, segment) {
      const entry: HeardEntry = { type: 'heard', id: null, text: null, isKnown: false }
      underway.push({ name, segment, entry })
      return entry
    },
    take(told, listener) {
      if (told.type === 'committed') {
        const next = underway.shift()
        if (next === undefined) return
        next.entry.id = told.itemId
        items.set(told.itemId, next)
        return
      }
      const item = items.get(told.itemId)
      if (item === undefined) return
      const { segment, entry } = item
      if (told.type === 'hearing') listener?.partial(segment, told.delta)
      else if (told.type === 'heard') {
        entry.text = told.text
        listener?.final(segment, told.text, told.confidence)
      } else listener?.final(segment, null)
    },
    refuse(name, listener) {
      const refused = underway.find(other => other.name === name)
      if (refused === undefined) return null
      underway = underway.filter(other => other !== refused)
      listener?.final(refused.segment, '')
      return refused.entry
    },
    clear() {
      underway = []
      items.clear()
    },
  }
}
