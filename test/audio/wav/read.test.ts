import { describe, expect, it } from 'vitest'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { readWav, toMono16k, type WavSound } from '../../../src/audio/wav/read.ts'
import { VapiError } from '../../../src/errors.ts'
import { extensible, makeWav, type WavParts } from './make-wav.ts'

const RAMP = Int16Array.of(0, 1, -1, 32767, -32768, 12345)

function bytesOf(samples: ArrayBufferView): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
}

function values(sound: WavSound, scale: number): number[][] {
  return sound.channels.map(channel => Array.from(channel, value => value * scale))
}

function refusal(bytes: Uint8Array): VapiError {
  try {
    readWav(bytes)
  } catch (error) {
    if (error instanceof VapiError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('readWav', () => {
  it('gives back what encodeWav wrote, bit for bit', () => {
    const sound = readWav(encodeWav(RAMP, { sampleRate: 8000, channels: 2 }))
    expect(values(sound, 32768)).toEqual([
      [0, -1, -32768],
      [1, 32767, 12345],
    ])
    expect(sound).toMatchObject({ sampleRate: 8000, durationMs: 3 / 8, truncated: false })
  })

  it.each<[string, WavParts, number, number[]]>([
    ['8-bit PCM without a sign', { bits: 8, data: Uint8Array.of(0, 128, 255, 64) }, 128, [-128, 0, 127, -64]],
    [
      '24-bit PCM',
      { bits: 24, data: Uint8Array.of(1, 0, 0, 0xff, 0xff, 0xff, 0, 0, 0x80) },
      2 ** 23,
      [1, -1, -(2 ** 23)],
    ],
    ['32-bit PCM', { bits: 32, data: bytesOf(Int32Array.of(2 ** 30, -(2 ** 31))) }, 2, [1, -2]],
    [
      '32-bit floats',
      { formatTag: 3, bits: 32, data: bytesOf(Float32Array.of(0.5, -1, 1.5)) },
      1,
      [0.5, -1, 1.5],
    ],
    [
      '64-bit floats',
      { formatTag: 3, bits: 64, data: bytesOf(Float64Array.of(0.25, -0.75)) },
      1,
      [0.25, -0.75],
    ],
    [
      '12 bits in 2 bytes',
      { bits: 12, blockBytes: 2, data: bytesOf(Int16Array.of(16, -32768)) },
      2048,
      [1, -2048],
    ],
    [
      'extensible PCM of 24 bits in 4 bytes',
      { formatTag: 0xfffe, bits: 32, formatExtension: extensible(1, 24), data: bytesOf(Int32Array.of(256)) },
      2 ** 23,
      [1],
    ],
    [
      'extensible floats',
      {
        formatTag: 0xfffe,
        bits: 32,
        formatExtension: extensible(3, 32),
        data: bytesOf(Float32Array.of(-0.5)),
      },
      1,
      [-0.5],
    ],
  ])('reads %s', (_, parts, scale, expected) => {
    expect(values(readWav(makeWav(parts)), scale)).toEqual([expected])
  })

  it('reads many channels at any rate', () => {
    const data = bytesOf(Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
    const sound = readWav(makeWav({ channels: 5, sampleRate: 44_056, data }))
    expect(values(sound, 32768)).toEqual([
      [1, 6],
      [2, 7],
      [3, 8],
      [4, 9],
      [5, 10],
    ])
    expect(sound.sampleRate).toBe(44_056)
  })

  it('passes over other chunks, also of an odd length', () => {
    const notes: [string, Uint8Array][] = [
      ['LIST', Uint8Array.of(1, 2, 3)],
      ['junk', new Uint8Array(0)],
    ]
    const sound = readWav(makeWav({ data: bytesOf(RAMP), chunksBefore: notes, chunksAfter: notes }))
    expect(values(sound, 32768)).toEqual([[...RAMP]])
  })

  it.each([0, 0xffff_ffff])('takes a data size of %i as "until the end"', dataSize => {
    const sound = readWav(makeWav({ data: bytesOf(RAMP), dataSize }))
    expect(values(sound, 32768)).toEqual([[...RAMP]])
    expect(sound.truncated).toBe(false)
  })

  it('reads the files of more than 4 GiB of other programs (RF64)', () => {
    const sound = readWav(makeWav({ riff: 'RF64', data: bytesOf(RAMP), dataSize: 0xffff_ffff }))
    expect(sound.channels[0]).toHaveLength(6)
  })

  it('reads what is there of a file that was cut off, and says so', () => {
    const whole = makeWav({ channels: 2, data: bytesOf(RAMP) })
    const sound = readWav(whole.subarray(0, whole.length - 1))
    expect(values(sound, 32768)).toEqual([
      [0, -1],
      [1, 32767],
    ])
    expect(sound.truncated).toBe(true)
  })

  it('reads from the middle of a larger buffer', () => {
    const wav = makeWav({ data: bytesOf(RAMP) })
    const larger = new Uint8Array(wav.length + 7)
    larger.set(wav, 3)
    expect(values(readWav(larger.subarray(3, 3 + wav.length)), 32768)).toEqual([[...RAMP]])
  })

  it('makes silence of values that are no numbers', () => {
    const data = bytesOf(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5))
    expect(values(readWav(makeWav({ formatTag: 3, bits: 32, data })), 1)).toEqual([[0, 0, 0, 0.5]])
  })

  it.each<[string, Uint8Array | string, string]>([
    ['MP3 with a tag', 'ID3\x04\0\0', 'MP3'],
    ['MP3 without a tag', Uint8Array.of(0xff, 0xfb, 0x90, 0x64), 'MP3'],
    ['AAC', Uint8Array.of(0xff, 0xf1, 0x50, 0x80), 'AAC'],
    ['Ogg', 'OggS\0\x02', 'Ogg'],
    ['FLAC', 'fLaC\0\0\0\x22', 'FLAC'],
    ['MP4', '\0\0\0\x20ftypM4A ', 'MP4'],
    ['AIFF', 'FORM\0\0\0\x20AIFF', 'AIFF'],
    ['WebM', '\x1a\x45\xdf\xa3', 'WebM'],
    ['AVI', 'RIFF\0\0\0\x20AVI LIST', '"AVI "'],
  ])('says that %s is no WAV file and how to convert it', (_, start, name) => {
    const error = refusal(typeof start === 'string' ? Buffer.from(start, 'latin1') : start)
    expect(error).toMatchObject({ code: 'invalid-wav', exit: 2 })
    expect(error.message).toContain(name)
    expect(error.hint).toContain('ffmpeg -i IN -ar 16000 -ac 1 OUT.wav')
  })

  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), 'the file is empty'],
    ['text', Buffer.from('hello, this is no sound'), 'the file is not a WAV file'],
    [
      'a file cut within its first twelve bytes',
      Buffer.from('RIFF\x24\0'),
      'the header of the WAV file is cut off',
    ],
    [
      'a file cut within its format',
      makeWav({ data: bytesOf(RAMP) }).subarray(0, 30),
      'the header of the WAV file is cut off',
    ],
    [
      'a file cut before its sound',
      makeWav({ data: bytesOf(RAMP) }).subarray(0, 36),
      'the header of the WAV file is cut off',
    ],
    ['a file without sound', makeWav({}), 'there is no sound in the WAV file'],
    [
      'notes behind no sound',
      makeWav({ chunksAfter: [['LIST', Uint8Array.of(1, 2)]] }),
      'there is no sound in the WAV file',
    ],
    ['less than a sample', makeWav({ data: Uint8Array.of(1) }), 'there is no sound in the WAV file'],
    [
      'A-law',
      makeWav({ formatTag: 6, bits: 8, data: bytesOf(RAMP) }),
      'the WAV file is encoded as A-law (format tag 6), which is not supported',
    ],
    [
      'an unknown codec',
      makeWav({ formatTag: 0x1234, data: bytesOf(RAMP) }),
      'the WAV file is encoded as unknown (format tag 4660), which is not supported',
    ],
    [
      'an extensible unknown codec',
      makeWav({ formatTag: 0xfffe, formatExtension: extensible(2, 4) }),
      'the WAV file is encoded as Microsoft ADPCM (format tag 2), which is not supported',
    ],
    [
      'no channels',
      makeWav({ channels: 0, data: bytesOf(RAMP) }),
      'the WAV file says that it has 0 channels at 16000 Hz',
    ],
    [
      'floats of 16 bits',
      makeWav({ formatTag: 3, data: bytesOf(RAMP) }),
      'the WAV file has float samples of 16 bits in blocks of 2 bytes',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(refusal(bytes)).toMatchObject({ code: 'invalid-wav', exit: 2, message })
  })

  it('fails with a VapiError or reads, whatever byte of a file is wrong', () => {
    const whole = makeWav({
      channels: 2,
      data: bytesOf(RAMP),
      chunksBefore: [['LIST', Uint8Array.of(1, 2, 3)]],
    })
    for (let at = 0; at < whole.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const wrong = whole.slice()
        wrong[at] = value
        expect(() => readOrRefuse(wrong)).not.toThrow()
      }
      expect(() => readOrRefuse(whole.subarray(0, at))).not.toThrow()
    }
  })
})

describe('toMono16k', () => {
  it('keeps 16 kHz mono as it is', async () => {
    expect(await toMono16k(readWav(encodeWav(RAMP, { sampleRate: 16_000, channels: 1 })))).toEqual(RAMP)
  })

  it('mixes channels to their mean', async () => {
    const sound = readWav(encodeWav(Int16Array.of(100, 300, -50, 50), { sampleRate: 16_000, channels: 2 }))
    expect(await toMono16k(sound)).toEqual(Int16Array.of(200, 0))
  })

  it('resamples to the right length and holds loud floats at full scale', async () => {
    const tone = Float32Array.from(
      { length: 48_000 },
      (_, index) => 2 * Math.sin((2 * Math.PI * 400 * index) / 48_000),
    )
    const mono = await toMono16k({ sampleRate: 48_000, channels: [tone], durationMs: 1000, truncated: false })
    expect(mono).toHaveLength(16_000)
    expect([Math.max(...mono), Math.min(...mono)]).toEqual([32767, -32768])
  })

  it('refuses a rate that cannot be resampled', async () => {
    const sound = readWav(makeWav({ sampleRate: 4000, data: bytesOf(RAMP) }))
    await expect(toMono16k(sound)).rejects.toMatchObject({ code: 'unsupported-sample-rate', exit: 2 })
  })
})

function readOrRefuse(bytes: Uint8Array): void {
  try {
    readWav(bytes)
  } catch (error) {
    if (!(error instanceof VapiError)) throw error
  }
}
