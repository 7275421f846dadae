import { openConversation } from '../artifact.ts'
import type { Command, RegexTest } from '../commands.ts'
import type { EndpointingState } from '../endpointing-state.ts'
import type { DecisionGrounds, EndpointingSource } from '../observations.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import { joinWords, lastAssistantText } from '../state.ts'
import { heuristicWait } from '../text/heuristics.ts'

/** Fires when the wait after the customer's speech is over. */
const WAIT_TIMER = 'endpointing.wait'
/** Fires when no transcript of the last speech has come; the turn then rests on the words that are there. */
const TRANSCRIPT_TIMER = 'endpointing.transcript'
/** How long the transcript of a finished speech may take before the words before it are answered, in milliseconds. */
export const TRANSCRIPT_LIMIT_MS = 2000
/**
 * After so much silence the turn is over whatever krisp says, in milliseconds. Our own judge is certain of any ending 5.9 s
 * after the speech (`audio/end-of-turn`), so that with it every threshold is reached before; the limit is for a judge
 * that stays unsure.
 */
export const JUDGE_LIMIT_MS = 6000
/** The judge says something right after each end of speech; where nothing came by then, the text decides. In milliseconds. */
export const JUDGE_SILENCE_MS = 2000

type Result = Outcome<EndpointingState>

/**
 * Decides when the customer's turn is over. Order of authority (ruling 1): a matching custom rule, then the plan's
 * method. Waits count from the end of the speech; an overdue one is over at once.
 */
export const endpointing: Owner<'endpointing'> = {
  name: 'endpointing',
  on: {
    'speech.started': slice => {
      const { commands } = withdraw(slice)
      return { slice: { ...idle(slice), judged: null, typed: false }, commands }
    },

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
      const { finals, segmentStartMs, talking } = surroundings.others.customer
      if (finals.length === 0) return undefined
      if (event.transcriptType === 'partial') {
        // The user's own server is told of every word that comes while the turn is open.
        const asked = surroundings.plan.endpointing.method.type === 'custom-model'
        return asked && !talking && slice.stage !== 'idle' ? judge(slice, surroundings) : undefined
      }
      // A report on speech before that which is under way is too late.
      const reported = event.endOfTurn && event.audioMs >= (segmentStartMs ?? 0)
      const heard = {
        ...slice,
        typed: event.origin === 'keyboard',
        endOfTurnMs: reported ? event.audioMs : slice.endOfTurnMs,
      }
      return talking ? { slice: heard } : judge(heard, surroundings)
    },

    // The words that are there may still end the turn.
    'transcript.dropped': (slice, { audioMs, endOfTurn }, surroundings) => {
      const { finals, talking } = surroundings.others.customer
      if (finals.length === 0 || talking) return undefined
      return judge(endOfTurn ? { ...slice, endOfTurnMs: audioMs } : slice, surroundings)
    },

    'transcript.self-heard': (slice, { transcriptType, audioMs, endOfTurn }, surroundings) => {
      const { finals, talking } = surroundings.others.customer
      if (transcriptType === 'partial' || finals.length === 0 || talking) return undefined
      return judge(endOfTurn ? { ...slice, endOfTurnMs: audioMs } : slice, surroundings)
    },

    'turn.judged': (slice, { finished, audioMs }, surroundings) => {
      const { method } = surroundings.plan.endpointing
      if (method.type !== 'krisp') return undefined
      if (slice.judged !== null && slice.judged.finished >= method.threshold) return undefined
      const judged = { ...slice, judged: { finished, audioMs } }
      const waiting = slice.stage === 'judging'
      if (!waiting || (slice.judged !== null && finished < method.threshold)) return { slice: judged }
      return judgeSound(judged, method.threshold, surroundings)
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
              { rule },
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
        { stillSpeaking: round(stillSpeaking) },
      )
    },

    'endpointing.answered': (slice, { workId, timeoutSeconds }, surroundings) => {
      if (workId !== slice.workId) return undefined
      const detail = `the server says ${timeoutSeconds} s`
      return decide(slice, surroundings, 'custom-model', Math.round(timeoutSeconds * 1000), detail)
    },

    'predict.failed': (slice, event, surroundings) =>
      event.workId === slice.workId ? fallBack(slice, event.failure.message, surroundings) : undefined,

    timer: (slice, event, surroundings) => {
      if (event.timerId === WAIT_TIMER)
        return slice.stage === 'judging' ? stopJudging(slice, surroundings) : reach(slice)
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
  if (method.type === 'custom-model') {
    const workId = `endpointing-${slice.nextWork}`
    const { customer } = surroundings.others
    const text = joinWords(turnText(surroundings), customer.partial)
    const request = { text, ...openConversation(surroundings.plan, surroundings.others, text) }
    return {
      slice: { ...slice, nextWork: slice.nextWork + 1, workId, stage: 'predicting' },
      commands: [{ type: 'endpointing.request', workId, request }],
    }
  }
  if (method.type === 'krisp') return judgeSound(slice, method.threshold, surroundings)
  if (method.type === 'transcriber') {
    const { call, others } = surroundings
    const listening = call.members[0].transcribers[others.transcription.transcriber]
    if (slice.endOfTurnMs === null && listening?.endsTurns !== true)
      return fallBack(slice, `${listening?.name} does not report the end of a turn`, surroundings)
    // A sound without words took back an answer: the transcriber has reported the end of this turn before.
    if (slice.endOfTurnMs === null && others.customer.unanswered !== null && !hasNewWords(surroundings))
      return decide(slice, surroundings, 'transcriber', 0, 'no new words')
    // Until the transcriber reports the end of the turn, the turn goes on.
    if (slice.endOfTurnMs === null) return { slice: { ...slice, workId: null, stage: 'waiting' } }
    const waitMs = sinceSpeech(slice.endOfTurnMs, surroundings)
    return decide(slice, surroundings, 'transcriber', waitMs, 'end of turn reported')
  }
  return judgeByText(slice, surroundings, method.by)
}

/** The turn is over at the first judgement that reaches the threshold; until then it is waited for the next one. */
function judgeSound(slice: EndpointingState, threshold: number, surroundings: Surroundings): Result {
  const { judged, typed } = slice
  if (typed) return fallBack(slice, 'krisp judges sound, and these words were typed', surroundings)
  const clear: Command = { type: 'timer.clear', timerId: WAIT_TIMER }
  if (judged !== null && judged.finished >= threshold) {
    const finished = round(judged.finished)
    const detail = `probability ${finished}, threshold ${threshold}`
    const waitMs = sinceSpeech(judged.audioMs, surroundings)
    const next = decide(slice, surroundings, 'krisp', waitMs, detail, { finished })
    return { ...next, commands: [clear, ...(next.commands ?? [])] }
  }
  const { atMs, others } = surroundings
  const limitMs = judged === null ? JUDGE_SILENCE_MS : JUDGE_LIMIT_MS
  const deadlineMs = (others.customer.speechEndMs ?? atMs) + limitMs
  const judging: EndpointingState = { ...slice, workId: null, stage: 'judging' }
  if (deadlineMs <= atMs) return stopJudging(judging, surroundings)
  return { slice: judging, commands: [{ type: 'timer.set', timerId: WAIT_TIMER, atMs: deadlineMs }] }
}

/** krisp has not become sure, or has said nothing at all. */
function stopJudging(slice: EndpointingState, surroundings: Surroundings): Result {
  const { judged } = slice
  if (judged === null) return fallBack(slice, 'krisp did not judge the sound', surroundings)
  const finished = round(judged.finished)
  const detail = `probability ${finished} after ${JUDGE_LIMIT_MS / 1000} s of silence`
  return decide(slice, surroundings, 'krisp', JUDGE_LIMIT_MS, detail, { finished })
}

/** Whoever should decide cannot: the text heuristics do. Told once a call. */
function fallBack(slice: EndpointingState, reason: string, surroundings: Surroundings): Result {
  const message = `${reason}; the text heuristics decide`
  const warning = slice.warned ? [] : [observe(surroundings.atMs, { type: 'warning', message })]
  const next = judgeByText({ ...slice, warned: true }, surroundings, 'vapi')
  return { ...next, commands: [...warning, ...(next.commands ?? [])] }
}

/** The turn has words that were not there when its answer was asked for. */
function hasNewWords({ others }: Surroundings): boolean {
  const { finals, unanswered } = others.customer
  return finals.length > (unanswered?.finals.length ?? 0)
}

/** From the end of the customer's speech to a moment in the sound. */
function sinceSpeech(audioMs: number, { others, atMs }: Surroundings): number {
  return Math.max(0, audioMs - (others.customer.speechEndMs ?? atMs))
}

function judgeByText(slice: EndpointingState, surroundings: Surroundings, by: EndpointingSource): Result {
  const { waitMs, detail, sign } = heuristicWait(
    turnText(surroundings),
    surroundings.plan.endpointing.heuristics,
  )
  return decide(slice, surroundings, by, waitMs, detail, { sign })
}

function decide(
  slice: EndpointingState,
  { atMs, others }: Surroundings,
  by: EndpointingSource,
  waitMs: number,
  detail: string,
  grounds: DecisionGrounds = {},
): Result {
  const { speechEndMs } = others.customer
  const deadlineMs = (speechEndMs ?? atMs) + waitMs
  const observed = observe(atMs, {
    type: 'endpointing.decided',
    by,
    waitMs,
    detail,
    ...grounds,
    ...(speechEndMs !== null && { speechEndMs }),
    untilMs: Math.max(atMs, deadlineMs),
  })
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
  return { slice: idle(slice), facts: [{ type: 'endpoint.reached' }] }
}

function idle(slice: EndpointingState): EndpointingState {
  return { ...slice, workId: null, stage: 'idle', endOfTurnMs: null }
}

/** Takes back whatever is being judged or waited for. */
function withdraw(slice: EndpointingState): Result {
  const commands: Command[] = [
    { type: 'timer.clear', timerId: WAIT_TIMER },
    { type: 'timer.clear', timerId: TRANSCRIPT_TIMER },
  ]
  if (slice.workId !== null) commands.push({ type: 'cancel', workId: slice.workId })
  return { slice: idle(slice), commands }
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
