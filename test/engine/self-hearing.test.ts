import { describe, expect, it } from 'vitest'
import type { Input } from '../../src/engine/inputs.ts'
import type { Observation } from '../../src/engine/observations.ts'
import type { CallState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'
import { isOwnSpeech, mayBeOwnSpeech } from '../../src/engine/text/own-words.ts'
import { runSimulation } from '../support/simulation.ts'

const OFFER =
  'We have two openings this week: Tuesday at nine thirty in the morning, or Thursday at a quarter past four. Which of them would suit you best?'
const READ_BACK =
  'I have you down as Ann Miller, at 14 Old Mill Road, and your number is five five five, one two three four. Is that right?'
const OPENING = 'Hello, this is Riley from Wellness Partners. How may I help you today?'

describe('words of a person who takes up what the assistant says', () => {
  it.each([
    [OFFER, 'Tuesday? Tuesday is fine.'],
    [OFFER, 'Tuesday.'],
    [OFFER, 'Tuesday at nine thirty.'],
    [OFFER, 'Tuesday at nine thirty please.'],
    [OFFER, 'I would like Tuesday at nine thirty in the morning, thank you very much.'],
    [OFFER, 'Thursday at a quarter past four is too late for me.'],
    [OFFER, 'Can we say Thursday at four?'],
    [OFFER, 'This week? I would rather come next week.'],
    [OFFER, 'Which of them is shorter?'],
    [OFFER, 'Would a Tuesday in March suit you?'],
    [OFFER, 'or Thursday'],
    [OFFER, 'We have a problem here, at nine we are in school.'],
    [READ_BACK, 'That is right.'],
    [READ_BACK, 'No, it is fifteen Old Mill Road.'],
    [READ_BACK, 'My number is five five five, one two three five.'],
    [READ_BACK, 'Ann Miller, yes.'],
    [READ_BACK, 'one two three four'.replace('four', 'five')],
    [OPENING, 'Hello, this is Bob. I need help today.'],
    [OPENING, 'Hello.'],
    [OPENING, 'Hello, is this Wellness Partners?'],
    [OPENING, 'How may I reach you tomorrow?'],
    [OPENING, 'Riley, hi. I would like an appointment.'],
    [OPENING, 'You may help me today with a refill.'],
    ['Your order is on its way.', 'Where is it on its way to?'],
    ['Is there anything else I can do for you?', 'There is something else you can do.'],
    ['Is there anything else I can do for you?', 'No, that is all, thank you.'],
    ['Sorry, I did not get that.', 'I did not say anything.'],
    ['', 'Hello there, how are you?'],
  ])('“%s” – “%s” is the person’s', (said, heard) => {
    expect(isOwnSpeech(heard, said, null)).toBe(false)
  })

  it('is so in whichever voice the words are unlike the assistant’s sound', () => {
    expect(isOwnSpeech('Tuesday at nine thirty in the morning', OFFER, 0.2)).toBe(false)
    expect(isOwnSpeech('Tuesday', OFFER, 0.5)).toBe(false)
    expect(isOwnSpeech('Tuesday is fine', OFFER, 0.9)).toBe(false)
  })
})

describe('the assistant’s own words as a recogniser hears them again', () => {
  it.each([
    [OFFER, OFFER],
    [OFFER, 'we have two openings this week tuesday at nine thirty'],
    [OFFER, 'Tuesday at nine thirty in the morning or Thursday'],
    [OFFER, 'which of them would suit you best'],
    [READ_BACK, 'old mill road and your number is'],
    [READ_BACK, '5-5-5 one two three four is that right'.replace('5-5-5', 'five five five')],
    [OPENING, 'hello this is riley from wellness partner how may i help you today'],
    [OPENING, 'How may I help you today?'],
    ['I’ll check-in with the team.', 'ill check in with the team'],
  ])('“%s” – “%s” is the assistant’s', (said, heard) => {
    expect(isOwnSpeech(heard, said, null)).toBe(true)
    expect(isOwnSpeech(heard, said, 0.8)).toBe(true)
    expect(isOwnSpeech(heard, said, 0.2)).toBe(false)
  })

  it('needs the sound to tell on fewer words, and on errors of the recogniser', () => {
    for (const heard of [
      'two opening this week tuesday at nine thirty',
      'thursday at a quarter past for which of them',
      'tuesday at nine thirty',
    ]) {
      expect(isOwnSpeech(heard, OFFER, null)).toBe(false)
      expect(isOwnSpeech(heard, OFFER, 0.6)).toBe(false)
      expect(isOwnSpeech(heard, OFFER, 0.8)).toBe(true)
    }
    expect(isOwnSpeech('suit you best', OFFER, null)).toBe(false)
    expect(isOwnSpeech('suit you best', OFFER, 0.9)).toBe(true)
    expect(isOwnSpeech('you suit', OFFER, 0.9)).toBe(false)
  })

  it('may be there as long as every word was said in this order', () => {
    for (const words of ['tu', 'tuesday', 'tuesday at', 'tuesday at ni'])
      expect(mayBeOwnSpeech(words, OFFER, null)).toBe(true)
    for (const words of ['tuesday tuesday', 'tuesday is', 'no', 'tuesday at ten'])
      expect(mayBeOwnSpeech(words, OFFER, null)).toBe(false)
    expect(mayBeOwnSpeech('tuesday', OFFER, 0.1)).toBe(false)
    expect(mayBeOwnSpeech('', OFFER, null)).toBe(false)
  })
})

/** A call whose assistant says OFFER from about 2.8 s on, up to a moment, and then what the given inputs do. */
async function during(
  inputs: (startMs: number, endMs: number) => Input[],
  upTo: 'start' | 'end' = 'start',
  plan = '{ numWords: 2 }',
) {
  const call = await runSimulation(`
assistant: { stopSpeakingPlan: ${plan} }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "${OFFER}" }]`)
  const startMs = call.first('assistant.speech.started').atMs
  const endMs = call.first('assistant.speech.stopped').atMs
  const place = call.inputs.findIndex(
    ({ type }) => type === (upTo === 'start' ? 'playback.started' : 'playback.drained'),
  )
  const before = call.at(place)
  let state: CallState = step(before.plan, before.state, call.inputs[place] as Input).state
  const seen: Observation[] = []
  for (const input of inputs(startMs, endMs)) {
    const result = step(before.plan, state, input)
    state = JSON.parse(JSON.stringify(result.state)) as CallState
    for (const command of result.commands) if (command.type === 'observe') seen.push(command.observation)
  }
  return { seen, state, types: seen.map(({ type }) => type) }
}

const words = (
  text: string,
  atMs: number,
  audioMs: number,
  more: Partial<Extract<Input, { type: 'transcript' }>> = {},
): Input => ({
  type: 'transcript',
  transcriptType: 'final',
  text,
  audioMs,
  atMs,
  confidence: null,
  language: null,
  endOfTurn: false,
  origin: 'recognition',
  echo: null,
  ...more,
})
const edge = (type: 'speech.started' | 'speech.stopped', audioMs: number): Input => ({
  type,
  audioMs,
  atMs: audioMs + 50,
})

describe('a call whose microphone hears the assistant', () => {
  it('leaves the echo out: no turn, no interruption, one event each and one hint', async () => {
    const { seen, types, state } = await during(startMs => [
      // Found before the first sound of the assistant was told.
      { type: 'speech.started', audioMs: startMs - 70, atMs: startMs + 150 },
      words('we have two', startMs + 900, startMs + 800, { transcriptType: 'partial' }),
      words('we have two openings this week', startMs + 2100, startMs + 2000, { transcriptType: 'partial' }),
      edge('speech.stopped', startMs + 2000),
      words('we have two openings this week', startMs + 2300, startMs + 2000, { echo: 0.87 }),
      edge('speech.started', startMs + 2200),
      edge('speech.stopped', startMs + 4000),
      words('tuesday at nine thirty in the morning', startMs + 4200, startMs + 4000),
    ])
    expect(types).not.toContain('interruption')
    expect(types).not.toContain('transcript')
    const found = seen.filter(({ type }) => type === 'transcript.self-heard')
    expect(found).toMatchObject([
      { transcript: 'we have two openings this week', echo: 0.87 },
      { transcript: 'tuesday at nine thirty in the morning' },
    ])
    const hints = seen.filter(({ type }) => type === 'warning')
    expect(hints).toMatchObject([{ message: expect.stringMatching(/headphones, or --echo half-duplex$/) }])
    expect(state.customer.finals).toEqual([])
    expect(state.customer.partial).toBe('')
  })

  it('hears a person who says a word or two of it, also over the assistant', async () => {
    const { types, state } = await during(startMs => [
      edge('speech.started', startMs + 100),
      words('Tuesday', startMs + 500, startMs + 450, { transcriptType: 'partial' }),
      words('Tuesday? Tuesday is', startMs + 900, startMs + 850, { transcriptType: 'partial' }),
      edge('speech.stopped', startMs + 1000),
      words('Tuesday? Tuesday is fine.', startMs + 1200, startMs + 1000),
    ])
    expect(types).not.toContain('transcript.self-heard')
    expect(types).toContain('interruption')
    expect(state.customer.finals).toEqual(['Tuesday? Tuesday is fine.'])
  })

  it('hears a person who says the same afterwards', async () => {
    const { types, state } = await during(
      (_startMs, endMs) => [
        edge('speech.started', endMs + 700),
        edge('speech.stopped', endMs + 2500),
        words('Tuesday at nine thirty in the morning.', endMs + 2700, endMs + 2500),
      ],
      'end',
    )
    expect(types).not.toContain('transcript.self-heard')
    expect(state.customer.finals).toEqual(['Tuesday at nine thirty in the morning.'])
  })

  it('finds the last words of the assistant when they come after it has stopped', async () => {
    const { types } = await during(
      (_startMs, endMs) => [
        edge('speech.started', endMs - 1500),
        edge('speech.stopped', endMs + 150),
        words('which of them would suit you best', endMs + 600, endMs + 150),
      ],
      'end',
    )
    expect(types).toContain('transcript.self-heard')
  })

  it('asks nothing of words that cannot be an echo: of a telephone, a file or a keyboard', async () => {
    const { types } = await during(startMs => {
      const heard = words('we have two openings this week', startMs + 2300, startMs + 2000)
      const { echo: _echo, ...plain } = heard as Extract<Input, { type: 'transcript' }>
      return [edge('speech.started', startMs + 100), edge('speech.stopped', startMs + 2000), plain]
    })
    expect(types).not.toContain('transcript.self-heard')
    expect(types).toContain('transcript')
  })
})

describe('the key that interrupts', () => {
  it('stops the assistant as words do, with a backoff', async () => {
    const { seen } = await during(startMs => [{ type: 'interrupt.pressed', atMs: startMs + 500 }])
    expect(seen).toMatchObject([
      { type: 'interruption', by: 'key', ignored: false },
      { type: 'backoff.started' },
    ])
  })

  it('does nothing where nothing is heard', async () => {
    const { seen } = await during(
      (_startMs, endMs) => [{ type: 'interrupt.pressed', atMs: endMs + 500 }],
      'end',
    )
    expect(seen).toEqual([])
  })
})
