import { itemsOf, lastOf, type Turn, type WorkEvent } from '../report/story.ts'
import { type AnswerTime, PARTS, type PartName } from './explanation.ts'

/** What of the turns before bears on an answer. Milliseconds since the call's begin. */
export interface Before {
  /** Until when the assistant stays silent after an interruption. */
  backoffUntilMs: number
  /** When the assistant was last silent. */
  quietFromMs: number
}

/** A stretch in which somebody was heard. Milliseconds since the call's begin. */
interface Stretch {
  fromMs: number
  toMs: number
}

/** Where the time before an answer went, and by how much its work could be shorter to any effect. */
export interface MeasuredAnswer extends AnswerTime {
  ms: Readonly<Record<PartName, number>>
  /** A turn that ended earlier by more than this would have had to wait for the assistant's own words. */
  endSlackMs: number
  /** Work that was done earlier by more than this would have had to wait for the backoff, or for a wait from the speech on. */
  workSlackMs: number
}

/**
 * The parts of the time that a turn's answer took. The engine measured four (`turn.latency`); the events between them
 * divide those further. The opening counts from where its work began. What the
 * customer says while an answer waits is found in the `next` turn. Null where nothing was measured.
 */
export function measureAnswer(turn: Turn, next: Turn | null, before: Before): MeasuredAnswer | null {
  return turn.number === 0 ? measureOpening(turn, next) : measureTurn(turn, next, before)
}

function measureTurn(turn: Turn, next: Turn | null, before: Before): MeasuredAnswer | null {
  const { latency, soundedMs, settings } = turn
  if (latency === null || soundedMs === null) return null
  const speechEndMs = soundedMs - latency.totalMs
  const endedMs = speechEndMs + latency.endpointingMs
  const requestedMs = endedMs + latency.modelMs
  const readyMs = requestedMs + latency.voiceMs

  const isFloor = settings?.waitMode === 'floor'
  const floorMs = isFloor ? speechEndMs + (settings?.waitMs ?? 0) : Number.NEGATIVE_INFINITY
  const { behind, freeMs } = behindParts(turn, next, { fromMs: readyMs, toMs: soundedMs }, before.quietFromMs)
  const behindMs = behind.behind + behind['behind-customer']
  const quietMs = freeMs - readyMs - behindMs
  const { backoffUntilMs } = before
  const backoff =
    within(backoffUntilMs - readyMs, quietMs) + within(backoffUntilMs - freeMs, soundedMs - freeMs)
  const rest = latency.waitMs - behindMs - backoff
  // The wait passes while others are heard, too.
  const waitedMs = isFloor ? 0 : within(freeMs - Math.max(readyMs, backoffUntilMs), behindMs)
  const wait = settings === null ? rest : within(settings.waitMs - waitedMs, rest)
  return answer(
    {
      ...endOfTurnParts(turn, speechEndMs, latency.endpointingMs, before),
      ...workParts(turn.work, endedMs, requestedMs),
      ...voiceParts(turn.work, requestedMs, readyMs),
      ...behind,
      backoff,
      wait,
      output: rest - wait,
    },
    latency.totalMs,
    {
      endSlackMs: Math.max(0, endedMs - before.quietFromMs),
      workSlackMs: Math.max(0, readyMs - Math.max(before.backoffUntilMs, floorMs)),
    },
  )
}

function measureOpening(turn: Turn, next: Turn | null): MeasuredAnswer | null {
  const spoken = itemsOf(turn.items, 'assistant')[0]
  const begin = turn.work.find(({ type }) => type === 'model.requested' || type === 'voice.requested')
  if (spoken === undefined || begin === undefined || begin.atMs > spoken.fromMs) return null
  const soundedMs = spoken.fromMs
  const requestedMs = firstOf(turn.work, 'voice.requested', begin.atMs) ?? soundedMs
  const readyMs = Math.min(firstOf(turn.work, 'voice.ready', requestedMs) ?? soundedMs, soundedMs)
  const { behind } = behindParts(turn, next, { fromMs: readyMs, toMs: soundedMs }, 0)
  return answer(
    {
      ...workParts(turn.work, begin.atMs, Math.min(requestedMs, soundedMs)),
      ...voiceParts(turn.work, Math.min(requestedMs, soundedMs), readyMs),
      ...behind,
      output: soundedMs - readyMs - behind.behind - behind['behind-customer'],
    },
    soundedMs - begin.atMs,
    { endSlackMs: Number.POSITIVE_INFINITY, workSlackMs: Number.POSITIVE_INFINITY },
  )
}

function answer(
  given: Partial<Record<PartName, number>>,
  totalMs: number,
  slack: Pick<MeasuredAnswer, 'endSlackMs' | 'workSlackMs'>,
): MeasuredAnswer {
  const ms = Object.fromEntries(PARTS.map(name => [name, given[name] ?? 0])) as Record<PartName, number>
  const parts = PARTS.map(name => ({ name, ms: ms[name] })).filter(part => part.ms > 0)
  return { totalMs, parts, ms, ...slack }
}

/** From the end of the speech to the end of the turn. */
function endOfTurnParts(turn: Turn, speechEndMs: number, tookMs: number, { quietFromMs }: Before) {
  const decision = lastOf(turn.items, 'decision')
  const words = within(turn.latency?.transcriberMs ?? 0, tookMs)
  if (decision === undefined) return { transcription: words, endpointing: tookMs - words }
  const decided = Math.max(words, within(decision.fromMs - speechEndMs, tookMs))
  const waited = within(decision.waitMs, tookMs)
  const over = Math.max(decided, waited)
  // On a real clock, timers fire a little late.
  const late = tookMs - over
  const isHeldBack = late > 0 && quietFromMs > speechEndMs + over
  // Those who listen until they are sure do not decide on a wait: what they take is the wait.
  const listens = decision.by === 'krisp' || decision.by === 'transcriber'
  const listening = listens ? Math.max(0, Math.min(decided, waited) - words) : 0
  return {
    transcription: words,
    deciding: decided - words - listening,
    endpointing: over - decided + listening + (isHeldBack ? 0 : late),
    'own-speech': isHeldBack ? late : 0,
  }
}

/** From the end of the turn to the first words that a voice was given: requests of the model, tools, and the rest. */
function workParts(work: readonly WorkEvent[], fromMs: number, toMs: number) {
  const ms = { model: 0, tools: 0, text: 0 }
  const openTools = new Set<string>()
  let thinking = false
  let lastMs = fromMs
  for (const event of work) {
    if (event.atMs > toMs) break
    const atMs = Math.max(lastMs, event.atMs)
    ms[thinking ? 'model' : openTools.size > 0 ? 'tools' : 'text'] += atMs - lastMs
    lastMs = atMs
    switch (event.type) {
      case 'model.requested':
        thinking = true
        break
      case 'model.first-token':
      case 'model.completed':
        thinking = false
        break
      case 'tool.called':
        openTools.add(event.toolCallId)
        break
      case 'tool.completed':
        openTools.delete(event.toolCallId)
        break
      default:
    }
  }
  ms[thinking ? 'model' : openTools.size > 0 ? 'tools' : 'text'] += Math.max(0, toMs - lastMs)
  return ms
}

function voiceParts(work: readonly WorkEvent[], fromMs: number, toMs: number) {
  const switched = work.findLast(
    event =>
      event.type === 'voice.switched' &&
      event.language === undefined &&
      event.atMs >= fromMs &&
      event.atMs <= toMs,
  )
  const failure = switched === undefined ? 0 : switched.atMs - fromMs
  return { 'voice-failure': failure, voice: toMs - fromMs - failure }
}

/** How long what was ready waited behind what was heard before it, and when the last of that was over. */
function behindParts(turn: Turn, next: Turn | null, window: Stretch, quietFromMs: number) {
  const items = [...turn.items, ...(next?.items ?? [])]
  const words = itemsOf(items, 'assistant').map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? window.toMs }))
  const other = heardIn(window, [...words, { fromMs: 0, toMs: quietFromMs }])
  const afterwards = { fromMs: other?.toMs ?? window.fromMs, toMs: window.toMs }
  const speech = itemsOf(items, 'customer').map(({ fromMs, toMs, learnedMs }) => ({
    fromMs,
    toMs: learnedMs ?? toMs ?? window.toMs,
  }))
  const customer = heardIn(afterwards, speech)
  return {
    behind: { behind: lengthOf(other), 'behind-customer': lengthOf(customer) },
    freeMs: customer?.toMs ?? afterwards.fromMs,
  }
}

/** The stretch of a window from the first to the last that was heard in it; null where nothing was. */
function heardIn(window: Stretch, all: readonly Stretch[]): Stretch | null {
  const inside = all
    .filter(({ fromMs, toMs }) => fromMs < window.toMs && toMs > window.fromMs)
    .map(({ fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, window.fromMs),
      toMs: Math.min(toMs, window.toMs),
    }))
  const [first] = inside
  return first === undefined
    ? null
    : {
        fromMs: inside.reduce((least, { fromMs }) => Math.min(least, fromMs), first.fromMs),
        toMs: inside.reduce((most, { toMs }) => Math.max(most, toMs), first.toMs),
      }
}

function lengthOf(stretch: Stretch | null): number {
  return stretch === null ? 0 : stretch.toMs - stretch.fromMs
}

function firstOf(work: readonly WorkEvent[], type: WorkEvent['type'], fromMs: number): number | null {
  return work.find(event => event.type === type && event.atMs >= fromMs)?.atMs ?? null
}

/** A length, cut to what can be of a longer one. */
function within(ms: number, limitMs: number): number {
  return Math.max(0, Math.min(ms, limitMs))
}
