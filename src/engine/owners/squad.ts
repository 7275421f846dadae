import { type Owner, observe } from '../owner.ts'
import { speakingSettings } from '../settings.ts'

/** Which of the call's assistants is speaking. */
export const squad: Owner<'squad'> = {
  name: 'squad',
  on: {
    'turn.ended': slice => (slice.handovers === 0 ? undefined : { slice: { ...slice, handovers: 0 } }),

    // The last of all owners: whoever learns of the change sees it as done.
    'assistant.wanted': (slice, event, { call, others, atMs }) => {
      const to = call.members[event.member]
      if (to === undefined || event.member === slice.member || others.lifecycle.phase !== 'live')
        return undefined
      const from = call.members[slice.member]
      return {
        slice: { member: event.member, handovers: slice.handovers + 1 },
        commands: [
          observe(atMs, {
            type: 'assistant.changed',
            from: from?.assistantName ?? null,
            to: to.assistantName,
            settings: speakingSettings(to),
          }),
        ],
        facts: [{ ...event, type: 'assistant.changed' }],
      }
    },
  },
}
