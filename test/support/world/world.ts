import type { StampedCommand } from '../../../src/engine/commands.ts'
import type { Failure, Input } from '../../../src/engine/inputs.ts'
import type { CallPlan } from '../../../src/engine/plan.ts'
import type { WordTiming } from '../../../src/engine/ports/voice.ts'
import { Choices } from './choices.ts'
import { Ledger } from './ledger.ts'
import { Player, type SoundWord, WORD_MS } from './player.ts'
import { formatted, pieces, soundWords, Writer } from './texts.ts'

type Work = Extract<StampedCommand, { workId: string; type: unknown }>
type Untimed<Kind> = Kind extends { atMs: number } ? Omit<Kind, 'atMs'> : never

/** Work that ends in one answer and tells nothing before. */
type Plain = Exclude<Work, { type: 'model.request' | 'voice.request' | 'cancel' }>
/** Work that was asked for and has no answer yet. */
type Open =
  | { command: Plain }
  | { command: Extract<Work, { type: 'model.request' }>; pieces: string[]; given: number }
  | { command: Extract<Work, { type: 'voice.request' }>; words: SoundWord[]; given: number }

export interface WorldResult {
  log: Input[]
  commands: StampedCommand[]
  /** Laws that were broken, in words. */
  problems: string[]
}

/** After the script nothing bad happens any more; a call that is still open after so many events is hung up. */
const EVENTS_AFTER = 300
const MAXIMUM_FAILURES = 4

/** Who recognises the customer's words. */
const recogniser = { language: null, transcriber: 0 }

const failure: Failure = {
  code: 'failed',
  message: 'it failed',
  retryable: false,
  endedReason: null,
  hint: null,
  exit: 1,
}

/**
 * A call against a world in which everything happens at any time: the customer talks, models stream, voices and models
 * fail, answers of different work come in any order, timers fire on time. The same numbers give the same call.
 */
export function runWorld(plan: CallPlan, numbers: readonly number[]): WorldResult {
  return new World(plan, new Choices(numbers)).run()
}

class World {
  private readonly choices: Choices
  private readonly ledger: Ledger
  private readonly player = new Player()
  private readonly writer = new Writer()
  private readonly open = new Map<string, Open>()
  /** Work that was taken back last. */
  private late: Open | null = null
  private readonly timers = new Map<string, number>()
  private readonly clears: string[] = []
  private nowMs = 0
  private talking = false
  private spoken = 0
  private failuresLeft: number
  private ended = false
  private hungUp = false

  constructor(plan: CallPlan, choices: Choices) {
    this.choices = choices
    this.ledger = new Ledger(plan, this.player)
    this.failuresLeft = choices.below(MAXIMUM_FAILURES + 1)
  }

  run(): WorldResult {
    this.give({ type: 'call.started', seed: 3, epochMs: 0, timeZone: 'UTC' })
    this.give({ type: 'customer.joined' })
    while (!this.choices.over && !this.ended) this.happen(this.choices.of(this.likely()))
    for (let count = 0; !this.ended && count < 2 * EVENTS_AFTER; count++) {
      if (count === EVENTS_AFTER) this.hangUp()
      const [next] = this.certain()
      if (next === undefined) break
      this.happen(next)
    }
    if (!this.ended) this.ledger.tell('the call did not end')
    const left = [...this.timers.keys(), ...this.open.keys()]
    if (this.ended && left.length > 0) this.ledger.tell(`left at the end: ${left.join(', ')}`)
    return this.ledger.result()
  }

  /** What may happen now, what is frequent more than once. */
  private likely(): (() => void)[] {
    const due = this.due()
    // A customer who talks all the time hears no answer.
    const talks = due.length === 0 || this.choices.oneIn(4) ? [() => this.customer()] : []
    const rare = this.choices.oneIn(15) ? [() => this.control()] : []
    const late = this.late
    const tooLate = late !== null && this.choices.oneIn(3) ? [() => this.answerLate(late)] : []
    return [() => this.wait(), ...talks, ...rare, ...tooLate, ...due, ...due]
  }

  /** An answer comes in spite of the cancel. */
  private answerLate(work: Open): void {
    this.late = null
    const { workId } = work.command
    const { nowMs: atMs } = this
    if ('pieces' in work) {
      this.ledger.takeLate({ type: 'model.text', workId, text: 'late', atMs })
      this.ledger.takeLate({ type: 'model.done', workId, toolCalls: [], atMs })
    } else if ('words' in work) {
      this.ledger.takeLate({ type: 'voice.ready', workId, atMs })
      this.ledger.takeLate({
        type: 'voice.words',
        workId,
        words: [{ from: 0, to: 1, startMs: 0, endMs: 1 }],
        atMs,
      })
      this.ledger.takeLate({ type: 'voice.done', workId, durationMs: 200, words: [], atMs })
    } else this.ledger.takeLate({ ...this.answerTo(work.command), atMs } as Input)
  }

  /** What brings the call to its end: answers first, then time. */
  private certain(): (() => void)[] {
    if (this.talking) return [() => this.stopTalking()]
    return [...this.due(), () => this.wait()]
  }

  private due(): (() => void)[] {
    const { player } = this
    return [
      ...(this.choices.over || this.choices.oneIn(3) ? this.clears : []).map(id => () => this.cleared(id)),
      ...player.at('asked').map(id => () => this.started(id)),
      ...player.drained().map(id => () => this.drained(id)),
      ...[...this.open.values()].map(work => () => this.answer(work)),
    ]
  }

  private happen(event: () => void): void {
    if (!this.ended) event()
  }

  /** Time passes, at most to the next timer, which then fires. */
  private wait(): void {
    const next = [...this.timers].sort((first, second) => first[1] - second[1])[0]
    const steps = [20, 100, 250, 600, 1500, 4000]
    // Nobody waits for what is played while the script runs; afterwards everything is heard.
    const stepMs = this.choices.over
      ? Math.max(20, this.player.leftMs(), next === undefined ? 0 : 4000)
      : this.choices.of(steps)
    const toMs = Math.min(this.nowMs + stepMs, Math.max(this.nowMs, next?.[1] ?? Number.POSITIVE_INFINITY))
    this.player.pass(toMs - this.nowMs)
    this.nowMs = toMs
    if (next !== undefined && next[1] <= toMs) {
      this.timers.delete(next[0])
      this.give({ type: 'timer', timerId: next[0] })
    }
  }

  private customer(): void {
    const { choices } = this
    const words = ['yes', 'okay', 'stop', 'I need a table', 'for two people.', 'it is 5', ' ', 'hm', '']
    switch (choices.below(4)) {
      case 0:
      case 1:
        if (this.talking) this.stopTalking()
        else {
          this.talking = true
          this.give({
            type: 'speech.started',
            audioMs: Math.max(0, this.nowMs - choices.of([0, 0, 60, 200])),
          })
        }
        break
      default:
        // Words come during the speech, after it, or during the next one.
        this.give({
          type: 'transcript',
          transcriptType: choices.below(2) === 0 ? 'partial' : 'final',
          text: `${choices.of(words)}${choices.oneIn(3) ? ` ${this.spoken++}` : ''}`,
          audioMs: Math.max(0, this.nowMs - choices.of([0, 100, 700])),
          confidence: choices.of([null, null, 0.9, 0.5]),
          endOfTurn: choices.below(2) === 0,
          origin: 'script',
          ...recogniser,
        })
    }
  }

  private stopTalking(): void {
    this.talking = false
    this.give({ type: 'speech.stopped', audioMs: Math.max(0, this.nowMs - this.choices.of([0, 0, 60, 200])) })
  }

  private control(): void {
    const { choices, writer } = this
    switch (choices.below(9)) {
      case 0:
      case 1:
      case 2:
        this.say(choices.below(3) > 0, choices.oneIn(6))
        break
      case 3:
        this.say(false, false)
        break
      case 4:
      case 5: {
        const role = choices.of(['system', 'user', 'assistant', 'tool'] as const)
        const content = writer.text(choices)
        this.give({
          type: 'control',
          message: {
            type: 'add-message',
            message: { role, content },
            triggerResponseEnabled: choices.below(2) === 0,
          },
        })
        break
      }
      case 6:
        this.give({ type: 'keys.pressed', keys: choices.of(['1', '2#', '55']) })
        break
      case 7:
        if (choices.oneIn(2)) this.give({ type: 'control', message: { type: 'end-call' } })
        break
      default:
        if (choices.oneIn(2)) this.hangUp()
    }
  }

  private say(interruptionsEnabled: boolean, endCallAfterSpoken: boolean): void {
    const content = this.writer.text(this.choices)
    this.give({
      type: 'control',
      message: { type: 'say', content, interruptionsEnabled, endCallAfterSpoken },
    })
  }

  private hangUp(): void {
    if (this.hungUp) return
    this.hungUp = true
    this.give({ type: 'call.hangup', endedReason: 'customer-ended-call' })
  }

  private started(id: string): void {
    this.player.track(id).stage = 'playing'
    this.give({ type: 'playback.started', utteranceId: id })
  }

  private drained(id: string): void {
    this.player.track(id).stage = 'over'
    this.give({ type: 'playback.drained', utteranceId: id })
  }

  private cleared(id: string): void {
    this.clears.splice(this.clears.indexOf(id), 1)
    this.give({ type: 'playback.cleared', utteranceId: id, heard: this.player.heard(id) })
  }

  /** True where something goes wrong here: not too often in a call, and not after the script. */
  private fails(times: number): boolean {
    if (this.choices.over || this.failuresLeft === 0 || !this.choices.oneIn(times)) return false
    this.failuresLeft--
    return true
  }

  private answer(work: Open): void {
    if ('pieces' in work) this.stream(work)
    else if ('words' in work) this.speak(work)
    else {
      this.open.delete(work.command.workId)
      this.give(this.answerTo(work.command))
    }
  }

  private answerTo(command: Plain): Untimed<Input> {
    const { workId } = command
    const { choices } = this
    switch (command.type) {
      case 'match':
        return {
          type: 'match.done',
          workId,
          matches: command.tests.map(() => choices.oneIn(3)),
          timedOut: false,
        }
      case 'predict':
        return this.fails(6)
          ? { type: 'predict.failed', workId, failure }
          : { type: 'predict.done', workId, finished: choices.below(11) / 10 }
      case 'endpointing.request':
        return { type: 'predict.failed', workId, failure }
      case 'format':
        return {
          type: 'format.done',
          workId,
          ...formatted(command.text, choices.below(2) === 0),
          timedOut: false,
        }
      case 'render':
        return { type: 'render.done', workId, texts: command.texts, fault: null }
      case 'judge':
        return { type: 'judge.done', workId, rejected: choices.oneIn(3), timedOut: false }
      default:
        return {
          type: 'tool.done',
          workId,
          outcome: choices.oneIn(4) ? { type: 'error', error: 'broken' } : { type: 'result', result: 'ok' },
        }
    }
  }

  private stream(work: Extract<Open, { pieces: string[] }>): void {
    const { workId, tools } = work.command
    const piece = work.pieces[work.given]
    if (!this.fails(10) && piece !== undefined) {
      work.given++
      this.ledger.wrote(workId, piece)
      this.give({ type: 'model.text', workId, text: piece })
      return
    }
    this.open.delete(workId)
    if (piece !== undefined) {
      this.give({ type: 'model.failed', workId, failure })
      return
    }
    const named = tools.length > 0 && this.choices.oneIn(3) ? [this.choices.of(tools)] : []
    const toolCalls = named.map(tool => ({ id: `call-${workId}`, name: tool.function.name, arguments: {} }))
    this.ledger.finished(workId)
    this.give({ type: 'model.done', workId, toolCalls })
  }

  private speak(work: Extract<Open, { words: SoundWord[] }>): void {
    const { workId, utteranceId } = work.command
    const { words } = work
    const before = work.given
    const failed = this.fails(5)
    if (!failed) work.given = Math.min(words.length, before + 1 + this.choices.below(words.length))
    // A voice may break off inside a word.
    const receivedMs =
      work.given * WORD_MS + (failed && work.given < words.length && this.choices.oneIn(2) ? 90 : 0)
    if (receivedMs > 0) this.player.append(utteranceId, workId, words, receivedMs)
    const times = words.slice(0, work.given).map(timing)
    if (failed) {
      this.open.delete(workId)
      this.player.complete(utteranceId, workId)
      this.give({ type: 'voice.failed', workId, receivedMs, words: times, failure })
      return
    }
    if (before === 0) this.give({ type: 'voice.ready', workId })
    if (this.open.has(workId) && work.given < words.length)
      this.give({ type: 'voice.words', workId, words: times.slice(before) })
    if (work.given < words.length || this.ended || !this.open.has(workId)) return
    this.open.delete(workId)
    this.player.complete(utteranceId, workId)
    this.give({ type: 'voice.done', workId, durationMs: words.length * WORD_MS, words: times })
  }

  private give(input: Untimed<Input>): void {
    const commands = this.ledger.take({ ...input, atMs: this.nowMs } as Input)
    for (const command of commands) this.carryOut(command)
  }

  private carryOut(command: StampedCommand): void {
    switch (command.type) {
      case 'timer.set':
        this.timers.set(command.timerId, command.atMs)
        break
      case 'timer.clear':
        this.timers.delete(command.timerId)
        break
      case 'cancel':
        this.late = this.open.get(command.workId) ?? this.late
        this.open.delete(command.workId)
        break
      case 'playback.play':
        this.player.track(command.utteranceId).stage = 'asked'
        break
      case 'playback.finish':
        this.player.track(command.utteranceId).finished = true
        break
      case 'playback.clear':
        this.player.track(command.utteranceId).stage = 'over'
        this.clears.push(command.utteranceId)
        break
      case 'call.end':
        this.ended = true
        break
      case 'model.request':
        this.open.set(command.workId, {
          command,
          pieces: pieces(this.writer.text(this.choices), this.choices),
          given: 0,
        })
        break
      case 'voice.request':
        this.open.set(command.workId, { command, words: soundWords(command.text), given: 0 })
        break
      default:
        if ('workId' in command) this.open.set(command.workId, { command })
    }
  }
}

function timing({ from, to }: SoundWord, place: number): WordTiming {
  return { from, to, startMs: place * WORD_MS, endMs: (place + 1) * WORD_MS }
}
