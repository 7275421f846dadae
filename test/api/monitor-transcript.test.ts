import { describe, expect, it } from 'vitest'
import { createTranscriptTracker } from '../../src/api/monitor-transcript.ts'
import type { JsonObject } from '../../src/api/types.ts'

const bot = (message: string, time = 1): JsonObject => ({ role: 'bot', message, time })
const user = (message: string, time = 1): JsonObject => ({ role: 'user', message, time })
const final = (role: string, transcript: string, timestamp = 1): JsonObject => ({
  type: 'transcript',
  role,
  transcriptType: 'final',
  transcript,
  timestamp,
})
const texts = (lines: readonly { text: string }[]) => lines.map(({ text }) => text)

describe('the record alone', () => {
  it('gives every message once', () => {
    const tracker = createTranscriptTracker()
    expect(texts(tracker.record([{ role: 'system', message: 'Be kind' }, bot('Hello')], false))).toEqual([
      'Hello',
    ])
    expect(tracker.record([{ role: 'system', message: 'Be kind' }, bot('Hello')], false)).toEqual([])
    expect(
      texts(tracker.record([{ role: 'system', message: 'Be kind' }, bot('Hello'), user('Hi')], false)),
    ).toEqual(['Hi'])
  })

  it('gives what a message has grown by', () => {
    const tracker = createTranscriptTracker()
    tracker.record([user('I need')], false)
    expect(texts(tracker.record([user('I need an appointment.'), bot('Which day?')], false))).toEqual([
      'an appointment.',
      'Which day?',
    ])
  })

  it('names tools, their arguments and results', () => {
    const lines = createTranscriptTracker().record(
      [
        { role: 'tool_calls', toolCalls: [{ function: { name: 'book', arguments: '{"day":"mon"}' } }] },
        { role: 'tool_call_result', name: 'book', result: 'booked' },
      ],
      false,
    )
    expect(texts(lines)).toEqual(['book {"day":"mon"}', 'book: booked'])
  })
})

describe('record and stream together', () => {
  it('tell nothing twice when the stream begins', () => {
    const tracker = createTranscriptTracker()
    tracker.record([bot('Hello. How can I help?')], false)
    expect(tracker.stream(final('assistant', 'How can I help?'), 0)).toBeNull()
    expect(tracker.stream(final('user', 'An appointment.'), 0)?.text).toBe('An appointment.')
    expect(tracker.record([bot('Hello. How can I help?'), user('An appointment.')], true)).toEqual([])
  })

  it('go on with the record behind what the stream told last, whatever its punctuation', () => {
    const tracker = createTranscriptTracker()
    tracker.stream(final('assistant', 'Hello'), 0)
    tracker.stream(final('user', 'an appointment please'), 0)
    const messages = [bot('Hello!'), user('Hi. An appointment, please.'), bot('Which day?')]
    expect(texts(tracker.record(messages, false))).toEqual(['Which day?'])
    expect(tracker.record(messages, false)).toEqual([])
  })

  it('go by time where the words do not agree', () => {
    const tracker = createTranscriptTracker()
    tracker.stream(final('user', 'forty two dollars', 5000), 0)
    expect(texts(tracker.record([user('$42', 4000), bot('Thanks', 6000)], false))).toEqual(['Thanks'])
  })
})

describe('the stream', () => {
  it('tells final transcripts alone, in both spellings', () => {
    const { stream } = createTranscriptTracker()
    expect(
      stream({ type: 'transcript', role: 'user', transcriptType: 'partial', transcript: 'He' }, 0),
    ).toBeNull()
    expect(stream({ type: 'speech-update', role: 'user', status: 'started' }, 0)).toBeNull()
    expect(
      stream({ type: 'transcript[transcriptType="final"]', role: 'user', transcript: 'Hey' }, 7),
    ).toMatchObject({
      role: 'user',
      text: 'Hey',
      atMs: 7,
    })
  })
})
