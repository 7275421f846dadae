import { type Owner, observe } from '../owner.ts'

const HINT =
  'the microphone hears the assistant: what it said came back as words of the customer, and was left out; use headphones, or --echo half-duplex'

/** Tells that the customer's side heard the assistant's own words (`self-hearing.ts` finds them): each time, and once what helps. */
export const selfHearing: Owner<'selfHearing'> = {
  name: 'selfHearing',
  on: {
    'transcript.self-heard': (slice, { transcriptType, text, echo }, { atMs }) => {
      // Unfinished words may still become those of a person.
      if (transcriptType === 'partial') return undefined
      return {
        slice: { times: slice.times + 1 },
        commands: [
          observe(atMs, {
            type: 'transcript.self-heard',
            transcript: text,
            ...(echo !== null && { echo: Math.round(echo * 100) / 100 }),
          }),
          ...(slice.times === 0 ? [observe(atMs, { type: 'warning', message: HINT })] : []),
        ],
      }
    },
  },
}
