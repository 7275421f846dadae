import type { Command, RegexTest } from '../commands.ts'
import type { EndpointingSource } from '../observations.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import { type EndpointingState, lastAssistantText } from '../state.ts'
import { heuristicWait } from '../text/heuristics.ts'

/** Fires when the wait after the customer's speech is over. */
const WAIT_TIMER = 'endpointing.wait'
/** Fires when no transcript of the last speech has come; the turn then rests on the words that are there. */
const TRANSCRIPT_TIMER = 'endpointing.transcript'
/** How long the transcript of a finished speech may take before the words before it are answered, in milliseconds. */
export const TRANSCRIPT_LIMIT_MS = 2000

type Result = Outcome<EndpointingState>

/**
 * Decides when the customer's turn is over. Order of authority (ruling 1): a matching custom rule, then the plan's
 * method. Waits count from the end of the speech; an overdue one is over at once.
 */
export const endpointing: Owner<'endpointing'> = {
  name: 'endpointing',
  on: {
    'speech.started': slice => withdraw(slice),

    'speech.stopped': (slice, _event, surroundings) => {
      const { customer } = surroundings.others
      if (customer.segmentFinals !== '') return judge(slice, surroundings)
      if (customer.finals.length === 0) return undefined
      const timer: Command = {
        type: 'timer.set',
        timerId: TRANSCRIPT_TIMER,
        atMs: surroundings.atMs + TRANSCRIPT_LIMIT_MS,
      }
      return { commands: [timer] }
    },

    transcript: (slice, event, surroundings) => {
      if (event.transcriptType === 'partial' || surroundings.others.customer.finals.length === 0)
        return undefined
      const heard = { ...slice, endOfTurn: slice.endOfTurn || event.endOfTurn }
      if (surroundings.others.customer.talking) return { slice: heard }
      return judge(heard, surroundings)
    },

    'match.done': (slice, event, surroundings) => {
      if (event.workId !== slice.workId) return undefined
      const warning = event.timedOut
        ? [
            observe(surroundings.atMs, {
              type: 'warning',
              message: 'a custom endpointing rule took over 50 ms and was ignored',
            }),
          ]
        : []
      const rule = firstMatch(event.matches, surroundings)
      const next =
        rule === null
          ? judgeByMethod(slice, surroundings)
          : decide(
              slice,
              surroundings,
              'custom-rule',
              surroundings.plan.endpointing.rules[rule]?.timeoutMs ?? 0,
              `rule ${rule}`,
            )
      return { ...next, commands: [...warning, ...(next.commands ?? [])] }
    },

    'predict.done': (slice, event, surroundings) => {
      const { method } = surroundings.plan.endpointing
      if (event.workId !== slice.workId || method.type !== 'livekit') return undefined
      const stillSpeaking = Math.min(1, Math.max(0, 1 - event.finished))
      return decide(
        slice,
        surroundings,
        'livekit',
        method.waitMs(stillSpeaking),
        `x = ${round(stillSpeaking)}`,
      )
    },

    'predict.failed': (slice, event, surroundings) => {
      if (event.workId !== slice.workId) return undefined
      const warning = slice.warned
        ? []
        : [
            observe(surroundings.atMs, {
              type: 'warning',
              message: `${event.failure.message}; the text heuristics decide`,
            }),
          ]
      const next = judgeByText({ ...slice, warned: true }, surroundings, 'vapi')
      return { ...next, commands: [...warning, ...(next.commands ?? [])] }
    },

    timer: (slice, event, surroundings) => {
      if (event.timerId === WAIT_TIMER) return reach(slice)
      if (event.timerId === TRANSCRIPT_TIMER) return judge(slice, surroundings)
      return undefined
    },

    acknowledged: (slice, _event, { others }) =>
      others.customer.finals.length === 0 ? withdraw(slice) : undefined,
    'call.closing': slice => withdraw(slice),
  },
}

/** Starts judging: the custom rules first, where there are any. */
function judge(slice: EndpointingState, surroundings: Surroundings): Result {
  const withdrawn = withdraw(slice)
  const tests = ruleTests(surroundings)
  if (tests.length === 0) {
    const next = judgeByMethod(slice, surroundings)
    return { ...next, commands: [...(withdrawn.commands ?? []), ...(next.commands ?? [])] }
  }
  const workId = `endpointing-${slice.nextWork}`
  return {
    slice: { ...slice, nextWork: slice.nextWork + 1, workId, stage: 'matching' },
    commands: [...(withdrawn.commands ?? []), { type: 'match', workId, tests }],
  }
}

function judgeByMethod(slice: EndpointingState, surroundings: Surroundings): Result {
  const { method } = surroundings.plan.endpointing
  if (method.type === 'livekit') {
    const workId = `endpointing-${slice.nextWork}`
    const request = { text: turnText(surroundings), assistantText: lastAssistantText(surroundings.others) }
    return {
      slice: { ...slice, nextWork: slice.nextWork + 1, workId, stage: 'predicting' },
      commands: [{ type: 'predict', workId, request }],
    }
  }
  if (method.type === 'transcriber') {
    // Until the transcriber reports the end of the turn, the turn goes on.
    if (!slice.endOfTurn) return { slice: { ...slice, workId: null, stage: 'waiting' } }
    return decide(slice, surroundings, 'transcriber', 0, 'end of turn reported')
  }
  return judgeByText(slice, surroundings, method.by)
}

function judgeByText(slice: EndpointingState, surroundings: Surroundings, by: EndpointingSource): Result {
  const { waitMs, detail } = heuristicWait(turnText(surroundings), surroundings.plan.endpointing.heuristics)
  return decide(slice, surroundings, by, waitMs, detail)
}

function decide(
  slice: EndpointingState,
  { atMs, others }: Surroundings,
  by: EndpointingSource,
  waitMs: number,
  detail: string,
): Result {
  const deadlineMs = (others.customer.speechEndMs ?? atMs) + waitMs
  const observed = observe(atMs, { type: 'endpointing.decided', by, waitMs, detail })
  if (deadlineMs <= atMs) {
    const reached = reach(slice)
    return { ...reached, commands: [observed, ...(reached.commands ?? [])] }
  }
  return {
    slice: { ...slice, workId: null, stage: 'waiting' },
    commands: [observed, { type: 'timer.set', timerId: WAIT_TIMER, atMs: deadlineMs }],
  }
}

function reach(slice: EndpointingState): Result {
  return {
    slice: { ...slice, workId: null, stage: 'idle', endOfTurn: false },
    facts: [{ type: 'endpoint.reached' }],
  }
}

/** Takes back whatever is being judged or waited for. */
function withdraw(slice: EndpointingState): Result {
  const commands: Command[] = [
    { type: 'timer.clear', timerId: WAIT_TIMER },
    { type: 'timer.clear', timerId: TRANSCRIPT_TIMER },
  ]
  if (slice.workId !== null) commands.push({ type: 'cancel', workId: slice.workId })
  return { slice: { ...slice, workId: null, stage: 'idle', endOfTurn: false }, commands }
}

function turnText({ others }: Surroundings): string {
  return others.customer.finals.join(' ')
}

function ruleTests(surroundings: Surroundings): RegexTest[] {
  const assistant = lastAssistantText(surroundings.others)
  const customer = turnText(surroundings)
  return surroundings.plan.endpointing.rules.flatMap(({ type }, rule) => {
    const tests: RegexTest[] = []
    if (type !== 'customer') tests.push({ rule, subject: 'assistant', text: assistant })
    if (type !== 'assistant') tests.push({ rule, subject: 'customer', text: customer })
    return tests
  })
}

/** The first rule all of whose tests fit. `matches` is parallel to the tests that were asked. */
function firstMatch(matches: readonly boolean[], { plan }: Surroundings): number | null {
  let place = 0
  for (const [rule, { type }] of plan.endpointing.rules.entries()) {
    const count = type === 'both' ? 2 : 1
    if (matches.slice(place, place + count).every(Boolean) && place + count <= matches.length) return rule
    place += count
  }
  return null
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
