import { describe, expect, it } from 'vitest'
import { resolveEventName } from '../../src/messages/event-names.ts'
import { findServerMessageType, serverMessageTypes } from '../../src/messages/events.ts'
import { sampleTypes } from '../../src/messages/samples.ts'

describe('names of events', () => {
  it('of today stand for themselves, without a note', () => {
    const older = ['function-call', 'language-changed']
    for (const { type } of serverMessageTypes.filter(({ type: name }) => !older.includes(name)))
      expect(resolveEventName(type)).toEqual({ types: [type], note: null })
  })

  it.each([
    ['call-started', ['status-update']],
    ['call.started', ['status-update']],
    ['call-ended', ['status-update', 'end-of-call-report']],
    ['call-failed', ['status-update', 'end-of-call-report']],
    ['error', ['status-update', 'end-of-call-report']],
    ['assistant-message', ['transcript', 'transcript[transcriptType="final"]', 'conversation-update']],
    ['recording-ready', ['call.artifact.upload', 'end-of-call-report']],
    ['analysis-ready', ['end-of-call-report']],
    ['tool-call-start', ['tool-calls']],
    ['function-result', ['conversation-update']],
    ['function-call', ['tool-calls', 'function-call']],
  ])('of older pages stand for real ones: %s', (name, types) => {
    const resolved = resolveEventName(name)
    expect(resolved.types).toEqual(types)
    expect(resolved.note).toContain(types[0] === 'transcript' ? 'transcript' : types[0])
    for (const type of types) expect(findServerMessageType(type), type).toBeDefined()
    expect(sampleTypes, 'the first can be sent').toContain(types[0])
  })

  it('may be spelled with other separators and case, which is told', () => {
    expect(resolveEventName('Tool_Calls')).toEqual({
      types: ['tool-calls'],
      note: 'Tool_Calls is read as tool-calls',
    })
  })

  it('may be patterns; a documented one that fits no real type stands for what its names mean', () => {
    expect(resolveEventName('status-*')).toEqual({ types: ['status-*'], note: null })
    expect(resolveEventName('*')).toEqual({ types: ['*'], note: null })
    const calls = resolveEventName('call-*')
    expect(calls.types).toEqual(['status-update', 'end-of-call-report'])
    expect(calls.note).toContain('older names')
    expect(() => resolveEventName('nothing-*')).toThrow(/no event fits/)
  })

  it('that nobody knows are refused with those that are near', () => {
    expect(() => resolveEventName('tool-cals')).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.stringContaining('tool-calls') }),
    )
    expect(() => resolveEventName('destination-request')).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(/transfer-destination-request.*handoff-destination-request/),
      }),
    )
    expect(() => resolveEventName('dtmf')).toThrow(/pressed keys/)
  })
})
