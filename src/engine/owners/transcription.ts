import { type Owner, observe } from '../owner.ts'

/**
 * Which transcriber listens: those of the first assistant, for the whole call. One that fails is followed by the next of
 * its fallback plan; after the last one the call ends. What listened once and failed is not asked again.
 */
export const transcription: Owner<'transcription'> = {
  name: 'transcription',
  on: {
    'transcriber.failed': (slice, { transcriber, failure }, { call, atMs }) => {
      if (transcriber !== slice.transcriber) return undefined
      const [{ transcribers }] = call.members
      const failed = transcribers[transcriber]
      const next = transcribers[transcriber + 1]
      const from = failed?.name ?? 'none'
      const { code, message } = failure
      const told = observe(atMs, { type: 'transcriber.failed', transcriber: from, code, message })
      if (next === undefined) {
        const endedReason =
          failure.endedReason ??
          failed?.endedReason ??
          'call.in-progress.error-vapifault-vapi-transcriber-failed'
        return {
          commands: [told],
          facts: [{ type: 'end.wanted', endedReason, message: null, now: true, failure }],
        }
      }
      return {
        slice: { transcriber: transcriber + 1 },
        commands: [
          told,
          observe(atMs, { type: 'transcriber.switched', from, to: next.name }),
          { type: 'transcriber.switch', transcriber: transcriber + 1 },
        ],
      }
    },
  },
}
