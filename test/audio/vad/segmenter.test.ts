import { describe, expect, it } from 'vitest'
import { createSegmenter, type SegmenterOptions, WINDOW_MS } from '../../../src/audio/vad/segmenter.ts'

const LOUD = 1
const FAINT = 0.001

/** Edges of windows given as [probability, how many] or [probability, how many, power]; `at` is the window told from. */
function edgesOf(runs: [number, number, number?][], options?: SegmenterOptions, startMs = 0) {
  const segmenter = createSegmenter(options)
  const edges: { type: string; audioMs: number; at: number }[] = []
  let index = 0
  for (const [probability, count, power = LOUD] of runs) {
    for (let repeated = 0; repeated < count; repeated++, index++) {
      const windowStart = startMs + index * WINDOW_MS
      const edge = segmenter.process({
        startMs: windowStart,
        probability,
        firstHalfPower: power,
        secondHalfPower: power,
      })
      if (edge) edges.push({ ...edge, at: index })
    }
  }
  return edges
}

describe('createSegmenter', () => {
  it('tells a start after two loud windows, and when it was', () => {
    expect(
      edgesOf([
        [0.1, 10],
        [0.9, 5],
      ]),
    ).toEqual([{ type: 'started', audioMs: 10 * 32 - 22, at: 11 }])
  })

  it('passes over a single loud window', () => {
    expect(
      edgesOf([
        [0.1, 5],
        [0.9, 1],
        [0.1, 1],
        [0.9, 1],
        [0.1, 20],
      ]),
    ).toEqual([])
  })

  it('ends an established segment after 250 ms of quiet, at the start of the quiet', () => {
    const edges = edgesOf([
      [0, 4],
      [0.9, 20],
      [0.1, 30],
    ])
    expect(edges[1]).toEqual({ type: 'stopped', audioMs: 24 * 32, at: 24 + 7 })
  })

  it('ends a segment under 500 ms after 96 ms of quiet', () => {
    expect(
      edgesOf([
        [0, 4],
        [0.9, 10],
        [0.1, 30],
      ])[1],
    ).toEqual({ type: 'stopped', audioMs: 14 * 32, at: 14 + 2 })
  })

  it('ends a blip after 64 ms of quiet', () => {
    expect(
      edgesOf([
        [0, 4],
        [0.9, 3],
        [0.1, 30],
      ])[1],
    ).toEqual({ type: 'stopped', audioMs: 7 * 32, at: 7 + 1 })
  })

  it('ends a blip by its level where the probability stays high', () => {
    const edges = edgesOf([
      [0, 4, FAINT],
      [0.9, 2, LOUD],
      [0.9, 4, FAINT],
      [0.1, 10, FAINT],
    ])
    expect(edges[1]).toEqual({ type: 'stopped', audioMs: 6 * 32, at: 7 })
  })

  it('does not look at the level of longer speech: a soft ending belongs to it', () => {
    const edges = edgesOf([
      [0, 4, FAINT],
      [0.9, 10, LOUD],
      [0.9, 6, FAINT],
      [0.1, 20, FAINT],
    ])
    expect(edges[1]).toMatchObject({ type: 'stopped', audioMs: 20 * 32 })
  })

  it('does not end speech in a pause that is shorter, however often', () => {
    const pauses = Array.from({ length: 10 }, (): [number, number][] => [
      [0.9, 3],
      [0.1, 7],
    ]).flat()
    expect(edgesOf([[0.9, 20], [0.1, 7], ...pauses, [0.9, 3]])).toHaveLength(1)
  })

  it('neither starts nor ends between the thresholds', () => {
    expect(edgesOf([[0.49, 50]])).toEqual([])
    expect(
      edgesOf([
        [0.5, 2],
        [0.35, 200],
      ]),
    ).toHaveLength(1)
  })

  it('starts anew after an end, and its edges never overlap', () => {
    const edges = edgesOf([
      [0.9, 3],
      [0.1, 2],
      [0.9, 3],
      [0.1, 2],
      [0.9, 30],
      [0, 20],
    ])
    expect(edges.map(({ type }) => type)).toEqual([
      'started',
      'stopped',
      'started',
      'stopped',
      'started',
      'stopped',
    ])
    expect(edges.map(({ audioMs }) => audioMs)).toEqual(
      edges.map(({ audioMs }) => audioMs).toSorted((a, b) => a - b),
    )
  })

  it('does not place a start before the sound began', () => {
    expect(edgesOf([[0.9, 5]], {}, 1000)[0]).toMatchObject({ type: 'started', audioMs: 1000 })
  })

  it('takes other thresholds and rules', () => {
    const options: SegmenterOptions = {
      startThreshold: 0.8,
      stopThreshold: 0.2,
      minimumSpeechWindows: 3,
      endings: [{ belowSpeechMs: 1000, afterQuietMs: 32 }],
    }
    expect(
      edgesOf(
        [
          [0.7, 10],
          [0.85, 50],
          [0.3, 5],
          [0.1, 2],
        ],
        options,
      ),
    ).toEqual([
      { type: 'started', audioMs: 10 * 32 - 22, at: 12 },
      { type: 'stopped', audioMs: 65 * 32, at: 65 },
    ])
  })
})
