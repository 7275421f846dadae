/**
 * What a Live API session writes down of the customer: words without a name of what they are of, some time after their sound or
 * along with it. They are taken for those of the last stretch of speech.
 */
import type { Entry } from './conversation.ts'
import type { HearingListener } from './heard.ts'

/** Words are complete when none have come for so long, in milliseconds: their end need not be told. */
const SETTLED_MS = 400

export type HeardEntry = Extract<Entry, { type: 'heard' }>

interface Waiting {
  segment: object
  entry: HeardEntry
  text: string
  timer: NodeJS.Timeout | undefined
}

export interface GeminiHearing {
  /** The customer has said a stretch. */
  commit(segment: object): HeardEntry
  take(delta: string, isOver: boolean): void
  /** Words have come of what is being said. */
  readonly hasWords: boolean
  /** A new session does not know of what was said. */
  clear(): void
}

export function createGeminiHearing(listenerOf: () => HearingListener | null): GeminiHearing {
  let waiting: Waiting[] = []
  /** Of a stretch that is still being said. */
  let early = ''

  function finish(item: Waiting): void {
    clearTimeout(item.timer)
    waiting = waiting.filter(other => other !== item)
    item.entry.text = item.text.trim()
    listenerOf()?.final(item.segment, item.entry.text)
  }

  function add(item: Waiting, delta: string, isOver: boolean): void {
    item.text += delta
    clearTimeout(item.timer)
    listenerOf()?.partial(item.segment, delta)
    if (isOver) finish(item)
    else item.timer = setTimeout(() => finish(item), SETTLED_MS)
  }

  return {
    get hasWords() {
      return early !== '' || waiting.some(({ text }) => text !== '')
    },
    commit(segment) {
      const entry: HeardEntry = { type: 'heard', id: null, text: null, isKnown: false }
      const item: Waiting = { segment, entry, text: '', timer: undefined }
      waiting.push(item)
      if (early !== '') add(item, early, false)
      early = ''
      return entry
    },
    take(delta, isOver) {
      const last = waiting.at(-1)
      if (last === undefined) {
        early += delta
        return
      }
      for (const older of waiting.slice(0, -1)) finish(older)
      if (delta !== '' || isOver) add(last, delta, isOver)
    },
    clear() {
      for (const { timer } of waiting) clearTimeout(timer)
      waiting = []
      early = ''
    },
  }
}
