import { beforeAll, describe, expect, it } from 'vitest'
import { readStory } from '../../../src/call/report/read-story.ts'
import { itemsOf, type Story } from '../../../src/call/report/story.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { runSimulation } from '../../support/simulation.ts'
import { runSampleCall } from './sample.ts'

describe('readStory', () => {
  let story: Story
  let observations: readonly Observation[]

  beforeAll(async () => {
    ;({ observations } = await runSampleCall())
    story = readStory(observations)
  })

  function turn(number: number) {
    const found = story.turns.find(candidate => candidate.number === number)
    if (found === undefined) throw new Error(`no turn ${number}`)
    return found
  }

  it('takes the turns as the engine numbered them, after an opening', () => {
    const numbers = observations.flatMap(seen => (seen.type === 'turn.ended' ? [seen.turn] : []))
    expect(story.turns.map(({ number }) => number)).toEqual([0, ...numbers])
    expect(numbers.length).toBeGreaterThanOrEqual(4)
  })

  it('has the stages of every measured turn add up to its latency, at the places they were', () => {
    const measured = story.turns.filter(({ latency }) => latency !== null)
    expect(measured.length).toBeGreaterThanOrEqual(3)
    for (const { latency, stages, items } of measured) {
      const first = stages[0]
      const last = stages.at(-1)
      expect(last!.toMs - first!.fromMs).toBe(latency!.totalMs)
      expect(last!.toMs).toBe(itemsOf(items, 'assistant')[0]!.fromMs)
      expect(first!.fromMs).toBe(
        itemsOf(items, 'customer')
          .filter(one => !one.acknowledgement)
          .at(-1)!.toMs,
      )
      for (const [place, stage] of stages.slice(1).entries()) expect(stage.fromMs).toBe(stages[place]!.toMs)
    }
  })

  it('divides what an interruption cut off into heard and not heard', () => {
    const [interrupted] = itemsOf(turn(1).items, 'assistant')
    const whole = 'I can help you book a table for this evening at the riverside restaurant in the old town.'
    expect(interrupted).toMatchObject({ ending: 'interrupted' })
    expect(interrupted!.heard).not.toBe('')
    expect(interrupted!.unheard).not.toBe('')
    expect(interrupted!.heard + interrupted!.unheard).toBe(whole)
    const [taken] = itemsOf(turn(1).items, 'interruption').filter(({ ignored }) => !ignored)
    expect(taken!.silentUntilMs).toBe(taken!.fromMs + 1000)
  })

  it('puts an acknowledgement to what it acknowledges', () => {
    const said = itemsOf(turn(1).items, 'customer')
    expect(said.map(({ text, acknowledgement }) => [text, acknowledgement])).toEqual([
      ['I would like to book a table for this evening.', false],
      ['okay', true],
    ])
    expect(itemsOf(turn(1).items, 'interruption')[0]).toMatchObject({
      ignored: true,
      reason: 'acknowledgement',
    })
  })

  it('tells which decisions were overtaken and which ended the turn', () => {
    const decisions = itemsOf(turn(2).items, 'decision')
    expect(decisions.map(({ by, outcome }) => [by, outcome])).toEqual([
      ['custom-rule', 'overtaken'],
      ['livekit', 'ended'],
    ])
  })

  it('marks a turn that was taken back, and ends its work where the customer spoke on', () => {
    expect(turn(2)).toMatchObject({ takenBack: true, answered: false, latency: null })
    expect(turn(2).stages.map(({ name }) => name)).toEqual(['endpointing', 'model'])
    expect(turn(2).stages.at(-1)!.toMs).toBe(itemsOf(turn(3).items, 'customer')[0]!.fromMs)
    expect(turn(3)).toMatchObject({ takenBack: false, answered: true })
  })

  it('takes tool calls with arguments, result and time', () => {
    expect(itemsOf(turn(3).items, 'tool')).toMatchObject([
      { name: 'findTable', arguments: { time: '21:00', people: 4 }, error: null },
    ])
    const [tool] = itemsOf(turn(3).items, 'tool')
    expect(JSON.parse(tool!.result!)).toEqual({ tables: [14, 22], deposit: 0 })
    expect(tool!.toMs! - tool!.fromMs).toBe(900)
  })

  it('tells a failed voice and its fallback in one', () => {
    const [failure] = itemsOf(turn(0).items, 'failure')
    expect(failure!.text).toMatch(/openai\/alloy failed: .*; openai\/shimmer goes on$/)
  })

  it('has the end of the call', () => {
    expect(story.ended).toMatchObject({ endedReason: 'customer-ended-call', atMs: story.lengthMs })
    expect(readStory(observations.slice(0, -1)).ended).toBeNull()
  })
})

describe('readStory of single happenings', () => {
  const time = (atMs: number, body: object) => ({ atMs, ...body }) as Observation

  it('knows speech that the end of the call cut off from an interruption', async () => {
    const { observations } = await runSimulation(`
caller: [{ at: 0, say: Hello., lasts: 0.5 }]
model: [{ reply: This is an answer that takes far longer than the call. }]
control: [{ at: 2, send: { type: end-call } }]
`)
    const [speech] = itemsOf(
      readStory(observations).turns.flatMap(({ items }) => items),
      'assistant',
    )
    expect(speech).toMatchObject({ ending: 'stopped' })
    expect(speech!.heard + speech!.unheard).toBe('This is an answer that takes far longer than the call.')
  })

  it('keeps unfinished words, and takes the final ones in their place', () => {
    const begun = [
      time(0, { type: 'customer.speech.started', audioMs: 0 }),
      time(300, { type: 'transcript', role: 'user', transcriptType: 'partial', transcript: 'I kneed' }),
    ]
    const final = {
      type: 'transcript',
      role: 'user',
      transcriptType: 'final',
      transcript: 'I need',
      confidence: 0.9,
    }
    expect(readStory(begun).turns[0]!.items).toMatchObject([{ text: 'I kneed', final: false, toMs: null }])
    expect(readStory([...begun, time(500, final)]).turns[0]!.items).toMatchObject([
      { text: 'I need', final: true, confidence: 0.9 },
    ])
  })

  it('knows the whole of a reply that began to sound before the model had ended', () => {
    const story = readStory([
      time(0, { type: 'turn.ended', turn: 1, text: 'Hello' }),
      time(500, { type: 'assistant.speech.started', text: 'First sentence.', source: 'model' }),
      time(700, { type: 'model.completed', turn: 1, text: 'First sentence.  And a second.', toolCalls: [] }),
      time(900, { type: 'assistant.speech.stopped', spokenText: 'First', reason: 'interrupted' }),
    ])
    expect(story.turns[0]!.items).toMatchObject([{ heard: 'First', unheard: ' sentence. And a second.' }])
  })

  it('takes words without speech, results of unknown tools and unknown events', () => {
    const story = readStory([
      time(0, { type: 'event.of.tomorrow', anything: [1] }),
      time(10, {
        type: 'transcript',
        role: 'user',
        transcriptType: 'final',
        transcript: 'Hi',
        origin: 'keyboard',
      }),
      time(20, { type: 'tool.completed', name: 'find', toolCallId: 'x', error: 'gone' }),
    ])
    expect(story.turns.flatMap(({ items }) => items)).toMatchObject([
      { type: 'tool', error: 'gone' },
      { type: 'customer', text: 'Hi', typed: true },
    ])
  })

  it('is empty without observations', () => {
    expect(readStory([])).toEqual({ turns: [], ended: null, lengthMs: 0 })
  })
})
