import type { RelayedEvent, RelayListener } from '../relay/types.ts'
import type { Journal } from './journal.ts'
import type { Retrier } from './retry.ts'

export interface KeeperOptions {
  journal: Journal
  /** Null without `--retry`. */
  retrier: Retrier | null
  /** Addresses of the targets that the event goes to, the one that answers first; none where it is left out. */
  targetsOf(event: RelayedEvent): readonly string[]
  /** Told before anybody else hears of the event. */
  duplicate(id: string, of: string): void
}

/**
 * What a relay tells, kept: on disk before the event goes on. It is to hear of everything first; nothing here can fail.
 */
export function createKeeper({ journal, retrier, targetsOf, duplicate }: KeeperOptions): RelayListener {
  return {
    event(event, pieces) {
      const to = targetsOf(event)
      const { duplicateOf, place } = journal.event(event, to, pieces)
      // Asking for the body would join its pieces.
      const isKept = pieces != null || event.body !== null
      retrier?.event(event, to, isKept ? place : null)
      if (duplicateOf !== null) duplicate(event.id, duplicateOf)
    },
    reply(reply) {
      journal.reply(reply)
      retrier?.reply(reply)
    },
    problem(problem) {
      journal.problem(problem)
      retrier?.problem(problem)
    },
  }
}
