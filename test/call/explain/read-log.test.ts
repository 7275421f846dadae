import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainCall } from '../../../src/call/explain/explain.ts'
import { explanationBlocks } from '../../../src/call/explain/render-model.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { explainEvents, linesOf, readRecord, turnOf } from '../../support/explain.ts'
import { runSimulation } from '../../support/simulation.ts'
import { runSampleCall } from '../report/sample.ts'

const small = `
caller: [{ at: 0, say: Grüße., lasts: 1 }]
model: [{ reply: Fine. }]
`

describe('readLog', () => {
  it('reads the same from pieces of any size, also within a character', async () => {
    const { observations } = await runSimulation(small)
    const bytes = Buffer.from(linesOf(observations))
    const whole = (await readRecord(bytes)).calls.map(explainCall)
    expect(turnOf(whole[0]!, 1).customer).toBe('Grüße.')
    for (const size of [1, 7, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, place) =>
        bytes.subarray(place * size, (place + 1) * size),
      )
      expect((await readRecord(...pieces)).calls.map(explainCall)).toEqual(whole)
    }
  })

  it('leaves out a last line that broke off, and says so', async () => {
    const { observations } = await runSimulation(small)
    const text = linesOf(observations)
    const torn = await readRecord(text.slice(0, -30))
    expect(torn).toMatchObject({ torn: true, brokenLines: 0 })
    const [call] = torn.calls.map(explainCall)
    expect(call?.ended).toBeNull()
    expect(turnOf(call!, 1).time?.totalMs).toBe(900)
    // A last line that is whole needs no line end.
    expect(await readRecord(text.trimEnd())).toMatchObject({ torn: false, calls: [{}] })
  })

  it.each([
    ['nothing', ''],
    ['empty lines', '\n\n  \n'],
    ['prose', 'Dear Sir or Madam,\n'],
    ['foreign JSON', '{"level":"info","msg":"started"}\n[1,2]\n"text"\nnull\n'],
    [
      'events without what makes them such',
      '{"type":"turn.ended","atMs":"soon","turn":1,"text":"x"}\n{"type":"turn.ended","turn":1}\n',
    ],
    ['events of a newer program alone', '{"type":"thought.read","atMs":1}\n'],
  ])('finds no call in %s', async (_what, text) => {
    expect((await readRecord(text)).calls).toEqual([])
  })

  it('counts what it cannot read and goes on', async () => {
    const { observations } = await runSimulation(small)
    const [first, ...others] = observations.map(event => JSON.stringify(event))
    const mixed = [first, '{"a":1}', '{oops', ...others, '{"type":"call.ended","atMs":-1}', ''].join('\n')
    const log = await readRecord(mixed)
    expect(log).toMatchObject({ foreignLines: 2, brokenLines: 1, torn: false })
    expect(log.calls.map(explainCall)).toEqual([await explainEvents(observations)])
  })

  it('keeps the types of a newer program aside, with their number', async () => {
    const { observations } = await runSimulation(small)
    const newer = [
      ...observations.slice(0, 2),
      { type: 'thought.read', atMs: 5, text: 'hm' },
      { type: '__proto__', atMs: 6 },
      { type: 'thought.read', atMs: 7 },
      ...observations.slice(2).map(event => ({ ...event, mood: { of: 'the day' } })),
    ]
    const explanation = await explainEvents(newer)
    expect(Object.entries(explanation.unknownEvents)).toEqual([
      ['thought.read', 2],
      ['__proto__', 1],
    ])
    expect(turnOf(explanation, 1).time?.totalMs).toBe(900)
  })

  it('tells several calls apart: by their files, and by their begins', async () => {
    const { observations } = await runSimulation(small)
    const of = (file: string) => observations.map(event => ({ file, ...event }))
    const failed = { file: 'b.yaml', type: 'expectation.failed', index: 0, expectation: {}, reason: 'no' }
    const log = await readRecord(linesOf([...of('a.yaml'), ...of('b.yaml'), failed, ...of('b.yaml')]))
    expect(log.calls.map(({ file }) => file)).toEqual(['a.yaml', 'b.yaml', 'b.yaml'])
    expect(log.foreignLines).toBe(0)
    const [first, second] = log.calls.map(explainCall)
    expect({ ...first, file: null }).toEqual({ ...second, file: null })
  })

  it('reads a saved call by the events in its commands', async () => {
    const { observations } = await runSimulation(small)
    const lines = [
      { format: 1, type: 'call', program: '1.0.0', recipe: {} },
      ...observations.flatMap(observation => [
        { type: 'input', input: { type: 'timer', atMs: observation.atMs, timerId: 'x' } },
        {
          type: 'commands',
          commands: [
            { type: 'observe', observation },
            { type: 'timer.set', timerId: 'y', atMs: 1 },
          ],
        },
        { type: 'audio', audioMs: 0, samples: 'AAAA' },
      ]),
    ]
    const log = await readRecord(linesOf(lines))
    expect(log).toMatchObject({ foreignLines: 0, newerFormat: null })
    expect(log.calls.map(explainCall)).toEqual([await explainEvents(observations)])
    expect((await readRecord(linesOf([{ ...lines[0], format: 99 }]))).newerFormat).toBe(99)
  })

  it('passes over settings that are none', async () => {
    const { observations } = await runSimulation(small)
    for (const settings of [
      null,
      7,
      {},
      { waitMs: 'long' },
      { ...observations[0], endpointing: { rules: [null] } },
    ]) {
      const spoilt = observations.map(event =>
        event.type === 'call.started' ? { ...event, settings } : event,
      )
      expect((await explainEvents(spoilt)).settings).toBeNull()
    }
  })

  it('reads megabytes in a few seconds, and passes over a line without an end', async () => {
    const { observations } = await runSampleCall()
    const turn = observations.filter(({ type }) => type !== 'call.ended' && type !== 'call.started')
    const block = linesOf(turn)
    const count = Math.ceil(8_000_000 / block.length)
    const begin = performance.now()
    const log = await readRecord(...Array.from({ length: count }, () => block))
    const [call] = log.calls.map(explainCall)
    expect(call?.turns.length).toBeGreaterThan(count)
    explanationBlocks(call!)
    expect(performance.now() - begin).toBeLessThan(20_000)

    const endless = Array.from({ length: 600 }, () => 'x'.repeat(100_000))
    expect(await readRecord(...endless, '\n', block)).toMatchObject({ brokenLines: 1, calls: [{}] })
  }, 60_000)

  it.each([
    ['decisions', { type: 'endpointing.decided', by: 'vapi', waitMs: 1, detail: 'x' }],
    ['speech', { type: 'customer.speech.started', audioMs: 1 }],
    ['interruptions', { type: 'interruption', by: 'vad', ignored: true, reason: 'acknowledgement' }],
    ['answers', { type: 'assistant.speech.started', text: 'x', source: 'model' }],
    ['failed voices', { type: 'voice.switched', from: 'a', to: 'b' }],
  ])(
    '100,000 %s in one turn take no time of their square',
    async (_what, event) => {
      const begin = performance.now()
      const events = Array.from({ length: 100_000 }, (_, place) => ({ ...event, atMs: place }))
      const explanation = await explainEvents([
        { type: 'call.started', atMs: 0, assistantName: null },
        ...events,
      ])
      explanationBlocks(explanation)
      expect(performance.now() - begin).toBeLessThan(10_000)
    },
    30_000,
  )
})

describe('any order of events', () => {
  it('is explained without a fault, and no part of a time is less than 0', async () => {
    const { observations } = await runSampleCall()
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            place: fc.nat(observations.length - 1),
            atMs: fc.option(fc.nat(40_000), { nil: undefined }),
          }),
          {
            minLength: 1,
            maxLength: 60,
          },
        ),
        async picked => {
          const events = picked.map(({ place, atMs }): Observation => {
            const event = observations[place]!
            return atMs === undefined ? event : ({ ...event, atMs } as Observation)
          })
          const log = await readRecord(linesOf(events))
          for (const call of log.calls.map(explainCall)) {
            const parts = call.turns.flatMap(({ time }) => time?.parts ?? [])
            expect(parts.filter(({ ms }) => !(ms > 0))).toEqual([])
            for (const block of explanationBlocks(call))
              for (const { text } of block.lines) expect(text).not.toMatch(/undefined|NaN|Infinity|null/)
          }
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)
})
