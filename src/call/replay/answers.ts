import { isDeepStrictEqual } from 'node:util'
import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { Failure, Input } from '../../engine/inputs.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { VapiError } from '../../errors.ts'
import { isComplete, type RecordedWork, type WorkCommand } from './works.ts'

/** Why a call that is played again cannot go on as the recorded one did. */
export interface Divergence {
  /**
   * `request`: something was asked that was not asked before. `cut-off`: its answer was not waited for before. `speech`: the
   * assistant spoke where it did not before. `record-ended`: the recorded call was cut off here.
   */
  kind: 'request' | 'cut-off' | 'speech' | 'record-ended'
  reason: string
  /** Where what was asked first differs from what was asked at this point before; absent where nothing is comparable. */
  difference?: RequestDifference
}

/** The first part of a request that differs; absent values stand for parts that one side does not have. */
export interface RequestDifference {
  /** `messages.0.content`, `model.temperature`, `text`. */
  path: string
  before?: unknown
  after?: unknown
}

/** Stops the call that is played; the promise stays open. */
export type Diverge = (divergence: Divergence) => Promise<never>

/** Longer than any call: work without an answer ends by being cancelled. */
const FOREVER_MS = 1e12

/** The recorded answers of a call, each to be given once: the n-th of equal requests gets the n-th answer. */
export class RecordedAnswers {
  private readonly open = new Map<string, RecordedWork[]>()
  private waiting: { step: number; go: () => void }[] = []

  /** `compiled`: the assistants of the recorded call. */
  constructor(works: readonly RecordedWork[], compiled: readonly CompiledAssistant[]) {
    for (const work of works) {
      const { member } = work.command
      const key = keyOf(work.command, compiled[member])
      this.open.set(key, [...(this.open.get(key) ?? []), work])
    }
  }

  /** Null where this was not asked before, or not so often. */
  take(key: string): RecordedWork | null {
    return this.open.get(key)?.shift() ?? null
  }

  /** How a request that was not made before differs from the next one of its kind that was; null where there is none. */
  differenceOf(key: string): RequestDifference | null {
    const [kind, asked] = partsOf(key)
    for (const [recorded, works] of this.open) {
      const [otherKind, before] = partsOf(recorded)
      if (otherKind === kind && works.length > 0) return firstDifference(before, asked, '')
    }
    return null
  }

  /** Lets answers of one moment go on in their recorded order. To be awaited within held work. */
  turnOf(step: number): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push({ step, go: resolve })
      if (this.waiting.length === 1) void this.letGo()
    })
  }

  private async letGo(): Promise<void> {
    // Whatever else is due now has been woken and comes within this round of promises.
    for (let round = 0; round < 3; round++) await Promise.resolve()
    const due = this.waiting.sort((first, second) => first.step - second.step)
    this.waiting = []
    for (const [place, { go }] of due.entries()) {
      // The one before is taken first, however many promises that needs.
      if (place > 0) await new Promise(resolve => setImmediate(resolve))
      go()
    }
  }
}

/** Gives the answers of a recorded work with their recorded timing. Ends without the last one when `signal` aborts. */
export async function* giveAnswers(
  work: RecordedWork,
  { answers, clock, diverge }: { answers: RecordedAnswers; clock: Clock; diverge: Diverge },
  signal: AbortSignal,
): AsyncGenerator<Input> {
  const startMs = clock.now()
  const until = async (afterMs: number) => {
    const leftMs = startMs + afterMs - clock.now()
    if (leftMs > 0) await clock.sleep(leftMs, signal)
  }
  // Providers answer no sooner than what is already due at this moment; the engine's own judgement is there at once.
  if (work.command.type !== 'predict') await clock.sleep(work.answers[0]?.afterMs ?? 0, signal)
  for (const { afterMs, input, step } of work.answers) {
    await until(afterMs)
    await answers.turnOf(step)
    if (signal.aborted) return
    yield input
  }
  if (isComplete(work)) return
  const { cancelledAfterMs } = work
  // At the moment of the cancellation itself it may still be cancelled again.
  await until(cancelledAfterMs === null ? FOREVER_MS : cancelledAfterMs + 1)
  if (!signal.aborted)
    await diverge({
      kind: 'cut-off',
      reason: `the rest of an answer is needed that the recorded call did not wait for (${nameOf(work.command)})`,
    })
}

function keyOf(command: WorkCommand, compiled: CompiledAssistant | undefined): string {
  switch (command.type) {
    case 'model.request':
      return modelKey(compiled?.models[command.model], command.messages, command.tools)
    case 'voice.request': {
      const { voice, text, sound } = command
      if (sound === true) return `sound ${text}`
      const name = compiled?.plan.voice.voices[voice]?.name ?? ''
      return voiceKey(name, compiled?.voiceMarkup[voice], compiled?.voiceSettings[voice] ?? {}, text)
    }
    case 'tool.run':
      return toolKey(command.call, command.purpose)
    case 'predict':
      return predictionKey(compiled, command.request)
    case 'endpointing.request':
      return endpointingKey(command.request)
    default:
      return JSON.stringify(command)
  }
}

/** Names of the parts of keys, by what is asked. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  model: ['model', 'messages', 'tools'],
  voice: ['voice', 'markup', 'settings', 'text'],
  tool: ['name', 'arguments', 'purpose'],
  endpointing: ['text', 'messages'],
}

function partsOf(key: string): [kind: string, parts: Record<string, unknown>] {
  const [, kind = '', rest = ''] = /^(\w+) (.*)$/s.exec(key) ?? []
  const names = PARTS[kind]
  if (names === undefined) return [key, {}]
  const values: unknown[] = JSON.parse(rest)
  return [kind, Object.fromEntries(names.map((name, place) => [name, values[place]]))]
}

function firstDifference(before: unknown, after: unknown, path: string): RequestDifference | null {
  if (isDeepStrictEqual(before, after)) return null
  if (!isParted(before) || !isParted(after)) return { path, before, after }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const found = firstDifference(before[key], after[key], path === '' ? key : `${path}.${key}`)
    if (found !== null) return found
  }
  return { path, before, after }
}

function isParted(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** `settings`: the model with its temperature and so on. */
export function modelKey(settings: unknown, messages: unknown, tools: unknown): string {
  return `model ${JSON.stringify([settings, messages, tools])}`
}

export function voiceKey(name: string, markup: unknown, settings: unknown, text: string): string {
  return `voice ${JSON.stringify([name, markup, settings, text])}`
}

export function toolKey(call: { name: string; arguments: unknown }, purpose: string | undefined): string {
  return `tool ${JSON.stringify([call.name, call.arguments, purpose])}`
}

/** Judgements of another smart provider are other judgements. */
export function predictionKey(compiled: CompiledAssistant | undefined, request: unknown): string {
  return `prediction ${JSON.stringify([compiled?.plan.endpointing.method.type, request])}`
}

/** The times in the conversation are not part of the question. */
export function endpointingKey(request: { text: string; messagesOpenAIFormatted: unknown }): string {
  return `endpointing ${JSON.stringify([request.text, request.messagesOpenAIFormatted])}`
}

function nameOf(command: WorkCommand): string {
  switch (command.type) {
    case 'model.request':
      return 'of the model'
    case 'voice.request':
      return 'of the voice'
    case 'tool.run':
      return `of the tool ${command.call.name}`
    default:
      return 'of endpointing'
  }
}

/** A recorded failure, to be thrown again. */
export function errorOf({ code, message, retryable, endedReason, hint, exit }: Failure): VapiError {
  return new VapiError({
    code,
    message,
    retryable,
    exit,
    ...(endedReason !== null && { endedReason }),
    ...(hint !== null && { hint }),
  })
}
