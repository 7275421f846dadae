import { isDeepStrictEqual } from 'node:util'
import type { StampedCommand } from '../../../src/engine/commands.ts'
import type { Input } from '../../../src/engine/inputs.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import type { CallPlan } from '../../../src/engine/plan.ts'
import { type CallState, initialState, type Utterance } from '../../../src/engine/state.ts'
import { step } from '../../../src/engine/step.ts'
import type { Player } from './player.ts'
import { bare, wordsOf } from './texts.ts'
import type { WorldResult } from './world.ts'

/** Steps the engine and keeps account: everything that must hold after each step is checked here. */
export class Ledger {
  private readonly plan: CallPlan
  private readonly player: Player
  private readonly log: Input[] = []
  private readonly commands: StampedCommand[] = []
  private readonly problems: string[] = []
  private state: CallState
  private silentUntilMs = 0
  private readonly workIds = new Set<string>()
  private readonly played = new Set<string>()
  private readonly over = new Set<string>()
  /** What each request to a model has brought. */
  private readonly written = new Map<string, { text: string; done: boolean }>()
  /** The request that feeds each utterance. */
  private readonly replies = new Map<string, string>()
  private readonly heard = new Set<string>()
  /** Words that were told as spoken, or came as messages: the history may hold them. */
  private readonly known = new Set<string>()

  constructor(plan: CallPlan, player: Player) {
    this.plan = plan
    this.player = player
    this.state = initialState(plan)
  }

  tell(problem: string): void {
    this.problems.push(`${this.log.at(-1)?.atMs ?? 0} ms: ${problem}`)
  }

  result(): WorldResult {
    return { log: this.log, commands: this.commands, problems: this.problems }
  }

  /** The model gives a piece of text with the next input. */
  wrote(workId: string, piece: string): void {
    const { text } = this.written.get(workId) ?? { text: '' }
    this.written.set(workId, { text: text + piece, done: false })
  }

  finished(workId: string): void {
    const { text } = this.written.get(workId) ?? { text: '' }
    this.written.set(workId, { text, done: true })
  }

  take(input: Input): StampedCommand[] {
    this.log.push(input)
    if (input.type === 'control' && input.message.type === 'add-message')
      for (const word of wordsOf(input.message.message.content)) this.known.add(word)
    const before = this.state
    let next: { state: CallState; commands: StampedCommand[] }
    try {
      next = step(this.plan, deepFreeze(before), deepFreeze(input))
    } catch (error) {
      this.tell(`the step after ${input.type} threw: ${String(error)}`)
      return [{ type: 'call.end' }]
    }
    this.checkJson(before, input, next)
    this.state = next.state
    for (const { id, replyId } of next.state.speaking.queue)
      if (replyId !== null) this.replies.set(id, replyId)
    for (const command of next.commands) this.checkCommand(command, input)
    this.checkTexts()
    this.commands.push(...next.commands)
    return next.commands
  }

  /** A result of work that was taken back: nothing may come of it. */
  takeLate(input: Input): void {
    const { state, commands } = step(this.plan, deepFreeze(this.state), input)
    if (commands.length > 0 || !isDeepStrictEqual(state, this.state))
      this.tell(`something came of the late ${input.type}`)
  }

  /** The state is plain JSON: a step from its copy does the same. */
  private checkJson(
    before: CallState,
    input: Input,
    next: { state: CallState; commands: StampedCommand[] },
  ): void {
    const copy = JSON.parse(JSON.stringify(before))
    if (!isDeepStrictEqual(copy, before)) this.tell('the state is no plain JSON')
    const again = step(this.plan, copy, JSON.parse(JSON.stringify(input)))
    if (!isDeepStrictEqual(again, next)) this.tell(`the step after ${input.type} is not repeatable`)
  }

  private checkCommand(command: StampedCommand, input: Input): void {
    if (command.type === 'observe') this.checkObservation(command.observation)
    if (command.type === 'playback.play') {
      const { utteranceId } = command
      if (input.atMs < this.silentUntilMs) this.tell(`${utteranceId} plays before the backoff ends`)
      if (this.over.has(utteranceId)) this.tell(`${utteranceId} plays after it was cleared`)
      if (this.played.has(utteranceId)) this.tell(`${utteranceId} plays twice`)
      if (this.player.at('playing').length + this.player.at('asked').length > 0)
        this.tell(`${utteranceId} plays over another one`)
      this.played.add(utteranceId)
    }
    if (command.type === 'model.request') this.checkHistory(command)
    if (command.type === 'playback.clear') this.over.add(command.utteranceId)
    if (command.type === 'voice.request' && this.over.has(command.utteranceId))
      this.tell(`${command.utteranceId} is voiced after it was cleared`)
    if (command.type === 'cancel') {
      if (!this.workIds.has(command.workId))
        this.tell(`${command.workId} is cancelled and was never asked for`)
    } else if ('workId' in command) {
      if (this.workIds.has(command.workId)) this.tell(`${command.workId} is asked for twice`)
      this.workIds.add(command.workId)
    }
  }

  /** The model is told of no word of the assistant that was not said. */
  private checkHistory({ messages }: Extract<StampedCommand, { type: 'model.request' }>): void {
    const underway = new Set(this.state.speaking.queue.flatMap(utterance => wordsOf(textOf(utterance))))
    const said = messages.flatMap(({ role, content }) => (role === 'assistant' ? wordsOf(content ?? '') : []))
    const strange = said.filter(word => !this.known.has(word) && !underway.has(word))
    if (strange.length > 0) this.tell(`the model is told that “${strange.join(' ')}” was said`)
  }

  private checkObservation(observation: Observation): void {
    if (observation.type === 'backoff.started') this.silentUntilMs = observation.untilMs
    if (observation.type === 'assistant.speech.started' && observation.atMs < this.silentUntilMs)
      this.tell('the assistant speaks before the backoff ends')
    if (observation.type === 'assistant.speech.stopped') this.checkSpoken(observation)
  }

  /** What the engine says was spoken is what the customer heard to its end. */
  private checkSpoken({
    spokenText,
    reason,
  }: Extract<Observation, { type: 'assistant.speech.stopped' }>): void {
    const input = this.log.at(-1)
    if (input?.type !== 'playback.drained' && input?.type !== 'playback.cleared') {
      this.tell(`an utterance stopped after ${input?.type}`)
      return
    }
    const heard = this.player.heardWords(input.utteranceId)
    const told = wordsOf(spokenText)
    // A voice tells the times of its words when it is done; before that they are judged by its pace.
    const isExact = this.player
      .heard(input.utteranceId)
      .every(({ heardMs, complete }) => complete || heardMs === 0)
    const length = isExact ? Math.max(told.length, heard.length) : Math.min(told.length, heard.length)
    if (!isDeepStrictEqual(told.slice(0, length), heard.slice(0, length)))
      this.tell(`“${told.join(' ')}” is told, and “${heard.join(' ')}” was heard`)
    for (const word of told) this.known.add(word)
    for (const word of heard) {
      if (this.heard.has(word)) this.tell(`${word} was heard twice`)
      this.heard.add(word)
    }
    const written = this.written.get(this.replies.get(input.utteranceId) ?? '')
    if (written === undefined) return
    const all = wordsOf(written.text)
    if (!isDeepStrictEqual(all.slice(0, told.length), told))
      this.tell(`“${told.join(' ')}” is not how “${all.join(' ')}” begins`)
    if (reason === 'completed' && written.done && told.length < all.length)
      this.tell(`of “${all.join(' ')}” only “${told.join(' ')}” was spoken to its end`)
  }

  /** What is spoken and what is left to say are what the model wrote. */
  private checkTexts(): void {
    for (const utterance of this.state.speaking.queue) {
      const { id, replyId, complete, stage } = utterance
      const written = this.written.get(replyId ?? '') ?? { text: '', done: false }
      // A reply that another one replaced ends where it is.
      if (replyId === null || stage === 'clearing' || (complete && !written.done)) continue
      const kept = bare(textOf(utterance))
      if (kept !== bare(written.text)) this.tell(`${id} has “${kept}” of “${bare(written.text)}”`)
    }
  }
}

function textOf({ chunks, buffer }: Utterance): string {
  return chunks.map(({ source }) => source).join('') + buffer
}

export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part)
  return value
}
