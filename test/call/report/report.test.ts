import { assert, constantFrom, integer, property, record, string } from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { renderReport } from '../../../src/call/report/report.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { runSimulation, type SimulatedCall } from '../../support/simulation.ts'
import { markupProblems } from '../../web/markup.ts'
import { reported, runSampleCall } from './sample.ts'

/** The page's text as a reader sees it, in one line. */
function textOf(page: string): string {
  return page
    .replace(/<(style|script|title)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ')
}

describe('renderReport', () => {
  let call: SimulatedCall
  let text: string

  beforeAll(async () => {
    call = await runSampleCall()
    text = textOf(renderReport(reported(call.observations)))
  })

  it('is sound markup after any first part of the observations', () => {
    for (let length = 0; length <= call.observations.length; length++) {
      expect(
        markupProblems(renderReport(reported(call.observations.slice(0, length), {}, 'call.wav'))),
      ).toEqual([])
    }
  })

  it('is sound markup whatever the texts of the call are', () => {
    const hostile = constantFrom(
      '</script><script>alert(1)</script>',
      '<!--',
      ']]>',
      '"\' onmouseover=alert(1) x=\'"',
      '\u202e\u0000\ud800\uffff&#x3c;',
      '😀'.repeat(30_000),
      '',
    )
    const given = record({
      length: integer({ min: 0, max: call.observations.length }),
      words: string(),
      hostile,
    })
    assert(
      property(given, ({ length, words, hostile }) => {
        const observations = call.observations.slice(0, length).map(seen => withTexts(seen, hostile + words))
        const page = renderReport(
          reported(observations, {
            id: hostile,
            endedReason: words,
            startedAt: words,
            assistant: { name: hostile },
          }),
        )
        expect(markupProblems(page)).toEqual([])
        expect(page).not.toMatch(/<script|\u202e|\uffff|\p{Surrogate}/u)
        expect(page).not.toContain('\0')
      }),
      { numRuns: 60 },
    )
  })

  it('tells who, when, how long, why it ended, and what took part', () => {
    expect(text).toMatch(
      /Call report Riverside reservations Began 5 January 2026.* 09:00 UTC Lasted [\d.]+ s/,
    )
    expect(text).toContain('Ended The customer hung up customer-ended-call')
    expect(text).toContain(
      'Input the microphone Transcriber deepgram/nova-2 Model openai/gpt-4o Voice openai/alloy Output the speaker',
    )
  })

  it('tells each turn: words, decision, latency, answer', () => {
    const latency = call.first('turn.latency')
    const { endpointingMs, modelMs, voiceMs, waitMs, totalMs } = latency
    expect(text).toContain(
      'Customer I would like to book a table for this evening. LiveKit: wait 260 ms after the speech',
    )
    expect(text).toContain(
      `Endpointing ${endpointingMs} Model ${modelMs} Voice ${voiceMs} Wait ${waitMs} Total ${totalMs.toLocaleString('en')} ms`,
    )
    expect(text).toContain(
      'A custom endpointing rule: wait 5,000 ms after the speech (rule 0); the customer went on',
    )
    expect(text).toContain(
      'Not answered: the customer spoke on, and these words became part of the next turn.',
    )
    expect(text).toContain('Customer okay an acknowledgement, not a turn')
    expect(text).toContain('Interruption ignored: acknowledgement (number of words)')
    expect(text).toContain('Interrupted by the customer (interruption phrase); the assistant is silent until')
    expect(text).toContain('the struck words were not heard')
  })

  it('strikes out what was not heard', () => {
    const page = renderReport(reported(call.observations))
    const stopped = call.all('assistant.speech.stopped').find(({ reason }) => reason === 'interrupted')
    expect(page).toContain(`${stopped?.spokenText}<s><span class="unseen">Not heard: </span> `)
  })

  it('tells tool calls with arguments and result', () => {
    expect(text).toContain('findTable {"time":"21:00","people":4} 900 ms')
    expect(text).toContain(
      'Arguments { "time": "21:00", "people": 4 } Result { "tables": [ 14, 22 ], "deposit": 0 }',
    )
  })

  it('gives the same averages as the artifact', () => {
    const { performanceMetrics: metrics } = call.result.ended.artifact
    const rounded = (value: number) => Math.round(value).toLocaleString('en')
    expect(text).toContain(`Answered after ${rounded(metrics.turnLatencyAverage)} ms on average`)
    expect(text).toContain(`Endpointing ${rounded(metrics.endpointingLatencyAverage)} `)
    expect(text).toContain(`Total ${rounded(metrics.turnLatencyAverage)} `)
    expect(text).toContain(`Interruptions ${metrics.numAssistantInterrupted} Interruptions ignored 1`)
  })

  it('lists every event, and the artifact only by name', () => {
    const page = renderReport(reported(call.observations))
    const rows = page.slice(page.indexOf('class="events"')).match(/<tr><td/g)
    expect(rows).toHaveLength(call.observations.length)
    expect(page).not.toContain('performanceMetrics')
  })

  it('draws every speech of both sides to scale', () => {
    const page = renderReport(reported(call.observations))
    const row = /data-from="0" data-to="([\d.]+)">[\s\S]*?<\/svg>/.exec(page)
    const rowMs = Number(row?.[1]) * 1000
    const [, x, width] =
      /<rect class="customer" x="([\d.]+)%"[^>]*width="([\d.]+)%"/.exec(row?.[0] ?? '') ?? []
    expect((Number(x) / 100) * rowMs).toBeCloseTo(call.first('customer.speech.started').audioMs, 0)
    expect((Number(width) / 100) * rowMs).toBeCloseTo(2800, 0)
    expect(page.match(/<rect class="assistant"/g)!.length).toBeGreaterThanOrEqual(
      call.all('assistant.speech.started').length,
    )
    expect(page).toContain('<line class="interruption"')
    expect(page).toContain('<rect class="backoff"')
  })

  it('has a player, a script and a policy for them only with a recording', () => {
    const silent = renderReport(reported(call.observations))
    expect(silent).not.toMatch(/<audio|<script|media-src/)
    const spoken = renderReport(reported(call.observations, {}, '../calls/a%20b.wav'))
    expect(spoken).toContain('<audio controls preload="metadata" src="../calls/a%20b.wav">')
    expect(spoken).toContain('media-src &#39;self&#39; file:; ')
    const remote = renderReport(reported(call.observations, {}, 'https://example.com/a.wav'))
    expect(remote).toContain('media-src https:; ')
    expect(renderReport(reported(call.observations, {}, 'javascript:alert(1)'))).not.toContain('javascript:')
  })

  it('cuts texts that are far too long, and says so', () => {
    const observations = call.observations.map(seen => withTexts(seen, 'x'.repeat(1_000_000)))
    const page = renderReport(reported(observations, { assistant: { name: null } }))
    expect(page).toContain('… (980,000 more characters)')
    expect(page.length).toBeLessThan(call.observations.length * 20_000)
  })

  it('stays small for a call of ten turns', async () => {
    const turns = Array.from({ length: 10 }, (_, turn) => turn + 1)
    const long = await runSimulation(`
caller: [${turns
      .map(turn => `{ after: assistant, plus: 0.5, say: "This is question ${turn}, if I may.", lasts: 1.5 }`)
      .join(', ')
      .replace('after: assistant, plus: 0.5', 'at: 0.2')}]
model: [${turns.map(turn => `{ reply: "This is the answer to question number ${turn}." }`).join(', ')}]
`)
    expect(long.all('turn.latency')).toHaveLength(10)
    const page = renderReport(reported(long.observations, {}, 'call.wav'))
    const events = /<details class="events">[\s\S]*<\/details>/.exec(page)?.[0] ?? ''
    expect(page.length - events.length).toBeLessThan(45_000)
    expect(page.length).toBeLessThan(75_000)
  })
})

describe('a report of a call that came to little', () => {
  it('says that nobody spoke', () => {
    const page = renderReport(reported([], { endedReason: 'silence-timed-out', assistant: { name: null } }))
    expect(textOf(page)).toContain('Unnamed assistant')
    expect(textOf(page)).toContain('Nobody spoke for too long')
    expect(textOf(page)).toContain('The events end here, before the end of the call. Figures Turns 0')
    expect(page).not.toContain('Timeline')
  })

  it('shows warnings where there is nothing else', () => {
    const page = renderReport(reported([{ type: 'warning', message: 'no microphone was found', atMs: 12 }]))
    expect(textOf(page)).toContain('0:00.01 Warning no microphone was found')
  })

  it('tells the error that ended the call, and how far the turn came', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: Hello., lasts: 0.5 }]
model: [{ reply: Never heard. }]
failures: [{ model: openai/gpt-4o }]
`)
    const { endedReason, endedMessage } = call.result.ended
    expect(endedMessage).toBeDefined()
    const text = textOf(
      renderReport(reported(call.observations, { endedReason, endedMessage: endedMessage! })),
    )
    expect(text).toContain('An error ended the call:')
    expect(text).toContain(`Failure The model failed: ${endedMessage}`)
    expect(text).toContain('Not answered before the end of the call.')
    expect(text).toContain('Failures 1 No answer was measured.')
  })
})

/** The observation with all its free texts replaced. */
function withTexts(observation: Observation, text: string): Observation {
  const free = new Set([
    'text',
    'transcript',
    'spokenText',
    'message',
    'detail',
    'reason',
    'name',
    'result',
    'voice',
    'endedReason',
  ])
  return Object.fromEntries(
    Object.entries(observation).map(([key, value]) => {
      if (key === 'arguments') return [key, { [text]: text }]
      return [key, free.has(key) && typeof value === 'string' ? text : value]
    }),
  ) as unknown as Observation
}
