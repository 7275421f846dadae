import { describe, expect, it } from 'vitest'
import { FRAME_SAMPLES } from '../../../src/engine/ports/audio-input.ts'
import { createSpeechGate, type SpeechGate } from '../../../src/providers/recognisers/speech-gate.ts'

interface Heard {
  frames: number[]
  endings: { audioMs: number; background: Int16Array }[]
}

function gateWithNotes(): { gate: SpeechGate; heard: Heard } {
  const heard: Heard = { frames: [], endings: [] }
  const gate = createSpeechGate({
    speech: ({ audioMs }) => heard.frames.push(audioMs),
    ended: (audioMs, background) => heard.endings.push({ audioMs, background }),
  })
  return { gate, heard }
}

/** Frames whose samples all carry the frame's number. */
function push(gate: SpeechGate, fromMs: number, untilMs: number): void {
  for (let audioMs = fromMs; audioMs < untilMs; audioMs += 20) {
    gate.push({ audioMs, samples: new Int16Array(FRAME_SAMPLES).fill(audioMs / 20) })
  }
}

const range = (fromMs: number, untilMs: number) =>
  Array.from({ length: (untilMs - fromMs) / 20 }, (_, index) => fromMs + 20 * index)

describe('the speech gate', () => {
  it('gives nothing while nobody speaks', () => {
    const { gate, heard } = gateWithNotes()
    push(gate, 0, 5000)
    gate.speech('stopped', 4000)
    gate.close()
    expect(heard).toEqual({ frames: [], endings: [] })
  })

  it('gives 300 ms before the start, which it remembers, and 300 ms after the end', () => {
    const { gate, heard } = gateWithNotes()
    push(gate, 0, 1100)
    gate.speech('started', 1000)
    push(gate, 1100, 2250)
    gate.speech('stopped', 2000)
    push(gate, 2260, 4000)
    expect(heard.frames).toEqual(range(700, 2300))
    expect(heard.endings).toHaveLength(1)
    expect(heard.endings[0].audioMs).toBe(2000)
  })

  it('hands over the background after the words have faded out', () => {
    const { gate, heard } = gateWithNotes()
    gate.speech('started', 0)
    push(gate, 0, 1250)
    gate.speech('stopped', 1000)
    push(gate, 1260, 2000)
    const { background } = heard.endings[0]
    expect(background).toHaveLength(200 * 16)
    expect(background[0]).toBe(1100 / 20)
    expect(background.at(-1)).toBe(1280 / 20)
  })

  it('does not end between two words', () => {
    const { gate, heard } = gateWithNotes()
    gate.speech('started', 0)
    push(gate, 0, 500)
    gate.speech('stopped', 400)
    push(gate, 500, 600)
    gate.speech('started', 500)
    push(gate, 600, 1600)
    expect(heard).toEqual({ frames: range(0, 1600), endings: [] })
  })

  it('gives no frame twice when speech starts again at once', () => {
    const { gate, heard } = gateWithNotes()
    gate.speech('started', 0)
    push(gate, 0, 700)
    gate.speech('stopped', 400)
    push(gate, 700, 900)
    gate.speech('started', 800)
    push(gate, 900, 1000)
    expect(heard.endings).toHaveLength(1)
    expect(heard.frames).toEqual(range(0, 1000))
  })

  it('ends at its close what is under way', () => {
    const { gate, heard } = gateWithNotes()
    gate.speech('started', 0)
    push(gate, 0, 700)
    gate.close()
    gate.close()
    expect(heard.endings.map(({ audioMs }) => audioMs)).toEqual([700])
  })
})
