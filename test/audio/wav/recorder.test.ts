import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWav } from '../../../src/audio/wav/read.ts'
import { CallRecorder } from '../../../src/audio/wav/recorder.ts'
import { temporaryFolder } from './child-program.ts'

const RATE = 16_000
let folder: string
let removeFolder: () => Promise<void>

beforeAll(async () => {
  const made = await temporaryFolder()
  folder = made.path
  removeFolder = made.remove
})
afterAll(() => removeFolder())

function filled(length: number, value: number): Int16Array {
  return new Int16Array(length).fill(value)
}

/** Stretches of equal samples of one channel: [from, to, value]. */
function stretches(channel: Float32Array | undefined): [number, number, number][] {
  const found: [number, number, number][] = []
  for (const [index, value] of (channel ?? []).entries()) {
    const last = found.at(-1)
    if (last?.[2] === value * 32768) last[1] = index + 1
    else found.push([index, index + 1, value * 32768])
  }
  return found
}

async function record(name: string, speak: (recorder: CallRecorder) => void) {
  const recorder = await CallRecorder.create(join(folder, `${name}.wav`))
  speak(recorder)
  const recording = await recorder.close()
  const sound = readWav(await readFile(recording.path))
  expect(sound).toMatchObject({ sampleRate: RATE, durationMs: recording.durationMs, truncated: false })
  return { recording, customer: stretches(sound.channels[0]), assistant: stretches(sound.channels[1]) }
}

describe('CallRecorder', () => {
  it('puts the customer left and the assistant right, each at its sample, and pads the shorter side', async () => {
    const { recording, customer, assistant } = await record('sides', recorder => {
      recorder.customer(filled(RATE, 1), 0)
      recorder.assistant(filled(800, 2), 400)
    })
    expect(recording.durationMs).toBe(1000)
    expect(customer).toEqual([[0, RATE, 1]])
    expect(assistant).toEqual([
      [0, 400, 0],
      [400, 1200, 2],
      [1200, RATE, 0],
    ])
  })

  it('keeps a long call in step, frames of both sides in any order', async () => {
    const seconds = 12
    const frames = (seconds * RATE) / 320
    const { customer, assistant } = await record('long', recorder => {
      // The assistant's sound is told in pieces of a second, up to a second before or behind the customer's.
      for (let frame = 0; frame < frames; frame++) {
        if (frame % 100 === 50) recorder.assistant(filled(2 * RATE, 1 + frame), (frame - 50) * 320)
        recorder.customer(filled(320, 1 + (frame % 2)), frame * 320)
      }
    })
    expect(customer).toHaveLength(frames)
    expect(assistant).toEqual(
      Array.from({ length: seconds / 2 }, (_, piece) => [
        piece * 2 * RATE,
        (piece + 1) * 2 * RATE,
        51 + piece * 100,
      ]),
    )
  })

  it('writes while one side is quiet, and fills what no side gave with silence', async () => {
    const { customer, assistant } = await record('gaps', recorder => {
      recorder.assistant(filled(RATE, 3), 0)
      recorder.customer(filled(RATE, 4), 5 * RATE)
      recorder.assistant(filled(RATE, 5), 60 * RATE)
    })
    expect(customer).toEqual([
      [0, 5 * RATE, 0],
      [5 * RATE, 6 * RATE, 4],
      [6 * RATE, 61 * RATE, 0],
    ])
    expect(assistant).toEqual([
      [0, RATE, 3],
      [RATE, 60 * RATE, 0],
      [60 * RATE, 61 * RATE, 5],
    ])
  })

  it('leaves out what comes more than two seconds late, and keeps what is in time', async () => {
    const { assistant } = await record('late', recorder => {
      recorder.customer(filled(4 * RATE, 1), 0)
      recorder.assistant(filled(2 * RATE, 2), RATE)
    })
    expect(assistant).toEqual([
      [0, 2 * RATE, 0],
      [2 * RATE, 3 * RATE, 2],
      [3 * RATE, 4 * RATE, 0],
    ])
  })

  it('takes a piece longer than its window', async () => {
    const { customer } = await record('whole', recorder => recorder.customer(filled(10 * RATE + 7, 6), 3))
    expect(customer).toEqual([
      [0, 3, 0],
      [3, 10 * RATE + 10, 6],
    ])
  })

  it('records a call without a sound as an empty file', async () => {
    const recorder = await CallRecorder.create(join(folder, 'empty.wav'))
    expect(await recorder.close()).toEqual({ path: join(folder, 'empty.wav'), durationMs: 0 })
  })

  it('refuses a place before the call', async () => {
    const recorder = await CallRecorder.create(join(folder, 'before.wav'))
    expect(() => recorder.customer(filled(320, 1), -320)).toThrow(RangeError)
    expect(() => recorder.assistant(filled(320, 1), 0.5)).toThrow(RangeError)
    await recorder.close()
  })
})
