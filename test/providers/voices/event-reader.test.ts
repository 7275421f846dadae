import { describe, expect, it } from 'vitest'
import { findVendor, type Vendor } from '../../../src/providers/vendors.ts'
import { createEventReader } from '../../../src/providers/voices/event-reader.ts'
import { createWavReader } from '../../../src/providers/voices/wav-reader.ts'
import { wavHeader } from '../../support/providers/playht-voice.ts'

const context = { vendor: findVendor('hume') as Vendor, stage: 'voice', key: null } as const

function heard(framing: 'events' | 'lines', document: string, size: number): unknown[] {
  const said: unknown[] = []
  const reader = createEventReader({
    framing,
    sampleRate: 8000,
    context,
    read: event => {
      said.push(event.text)
      return {}
    },
  })
  const bytes = Buffer.from(document)
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  reader.end?.()
  return said
}

describe('events with sound', () => {
  it.each([1, 2, 3, 1000])('are read wherever letters of several bytes are cut, in pieces of %i', size => {
    const lines = '{"text":"Schöne Grüße"}\n\n{"text":"你好 \u{1f600}"}'
    expect(heard('lines', lines, size)).toEqual(['Schöne Grüße', '你好 \u{1f600}'])
    const events = 'event: a\ndata: {"text":"Schöne Grüße"}\n\ndata: {"text":"你好"}\n\ndata: [DONE]\n\n'
    expect(heard('events', events, size)).toEqual(['Schöne Grüße', '你好'])
  })

  it('are one where a whole document comes in their place', () => {
    expect(heard('events', ' {\n "text": "no"\n}', 4)).toEqual(['no'])
  })

  it('do not grow without an end', () => {
    const reader = createEventReader({ framing: 'lines', sampleRate: 8000, context, read: () => ({}) })
    const push = () => {
      for (let count = 0; count < 20; count++) reader.push(Buffer.alloc(1_048_576, 'x'))
    }
    expect(push).toThrow('Hume sent a line without an end')
  })
})

describe('sound that may have a header', () => {
  const read = (bytes: Buffer, size: number) => {
    const reader = createWavReader({ sampleRate: 8000, context })
    const pieces = []
    for (let at = 0; at < bytes.length; at += size) pieces.push(...reader.push(bytes.subarray(at, at + size)))
    pieces.push(...(reader.end?.() ?? []))
    return pieces.flatMap(({ audio }) =>
      audio.type === 'pcm' ? [...audio.samples].map(sample => [sample, audio.sampleRate]) : [],
    )
  }

  it.each([1, 2, 3, 7, 1000])('is read in pieces of %i bytes', size => {
    const sound = Buffer.from(Int16Array.of(1, -2, 3).buffer)
    expect(read(Buffer.concat([wavHeader(44_100), sound]), size)).toEqual([
      [1, 44_100],
      [-2, 44_100],
      [3, 44_100],
    ])
    expect(read(sound, size)).toEqual([
      [1, 8000],
      [-2, 8000],
      [3, 8000],
    ])
    const sides = Buffer.from(Int16Array.of(10, 20, 30, 50).buffer)
    expect(read(Buffer.concat([wavHeader(8000, 2), sides]), size)).toEqual([
      [15, 8000],
      [40, 8000],
    ])
  })

  it('is heard where its first bytes look like those of a header alone', () => {
    expect(read(Buffer.from('RI'), 1)).toEqual([[0x4952, 8000]])
    expect(read(Buffer.from('RIFX'), 1)).toHaveLength(2)
  })
})
