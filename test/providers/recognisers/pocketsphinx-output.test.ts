import { describe, expect, it } from 'vitest'
import {
  createJsonLineReader,
  createWordTimeReader,
} from '../../../src/providers/recognisers/pocketsphinx-output.ts'

const PRINTED = `yes that's right
<s> 0.880 1.020 1.000000
yes 1.030 1.140 0.900000
<sil> 1.150 1.160 0.800000
that's(2) 1.170 1.370 0.800000
[NOISE] 1.380 1.390 0.500000
right 1.400 1.520 1.000400
</s> 1.530 1.800 1.000000
`

describe('the output of pocketsphinx_continuous', () => {
  it('is read as words with the end of the last one and their mean confidence', () => {
    const utterances = createWordTimeReader()(PRINTED)
    expect(utterances).toHaveLength(1)
    expect(utterances[0]).toMatchObject({ text: "yes that's right", endSeconds: 1.52 })
    expect(utterances[0].confidence).toBeCloseTo(0.9, 2)
  })

  it('may come in any pieces', () => {
    for (let cut = 1; cut < PRINTED.length - 35; cut += 7) {
      const read = createWordTimeReader()
      const texts = [...read(PRINTED.slice(0, cut)), ...read(PRINTED.slice(cut))].map(({ text }) => text)
      expect(texts.join(' ')).toBe("yes that's right")
    }
  })

  it('gives each of several utterances, also without their end marks', () => {
    const read = createWordTimeReader()
    expect(read(PRINTED + PRINTED).map(({ text }) => text)).toEqual(["yes that's right", "yes that's right"])
    expect(read('hello\nhello 3.000 3.400 0.7\n').map(({ text }) => text)).toEqual(['hello'])
  })

  it('has no utterance where only noise was heard', () => {
    expect(createWordTimeReader()('\n<s> 0.1 0.2 1.0\n[NOISE] 0.3 0.4 0.9\n</s> 0.5 0.6 1.0\n')).toEqual([])
  })
})

describe('the output of pocketsphinx live', () => {
  it('is read as its manual page describes it', () => {
    const line =
      '{"b":1.500,"d":2.250,"p":0.980,"t":"hello there","w":[{"b":1.5,"d":0.4,"p":1.0,"t":"hello"}]}\n'
    const read = createJsonLineReader()
    expect([...read(line.slice(0, 20)), ...read(line.slice(20))]).toEqual([
      { text: 'hello there', endSeconds: 3.75, confidence: 0.98 },
    ])
    expect(read('{"b":0,"d":1,"p":1.000,"t":"","w":[]}\nnot JSON\n')).toEqual([])
  })
})
