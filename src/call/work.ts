import type { StampedCommand, Work } from '../engine/commands.ts'
import type { Failure } from '../engine/inputs.ts'
import { durationMs } from '../engine/ports/audio-output.ts'
import type { ToolCall } from '../engine/ports/language-model.ts'
import type { Voice, WordTiming } from '../engine/ports/voice.ts'
import { asVapiError, VapiError } from '../errors.ts'
import type { CallPorts, MemberPorts, Renewal, UntimedInput } from './ports.ts'
import { runTool } from './tools/run.ts'

/** Voices are read at most this far ahead of what is heard, in milliseconds. */
const READ_AHEAD_MS = 5000
const READ_AHEAD_PAUSE_MS = 100

type WorkCommand = Extract<StampedCommand, { workId: string }>
/** Work that takes time outside the program. */
type SlowCommand = Exclude<WorkCommand, { type: 'cancel' | 'match' | 'format' | 'render' | 'judge' }>
type WorkInput = Extract<UntimedInput, { workId: string }>
type Open = (input: WorkInput) => void

/**
 * Carries out work commands. Each ends in exactly one answer; `cancel` aborts a work and closes its id, so that
 * nothing that comes later is heard.
 */
export class WorkRunner {
  private readonly ports: CallPorts
  private readonly push: (input: UntimedInput) => void
  private readonly open = new Map<string, AbortController>()
  private members: readonly MemberPorts[]
  /** What the results of tools make of the assistants, from the moment on at which the engine takes the result. */
  private readonly renewals = new Map<string, Renewal>()

  constructor(ports: CallPorts, push: (input: UntimedInput) => void) {
    this.ports = ports
    this.push = push
    this.members = ports.members
  }

  /** Takes over what a tool's result makes of the assistants; null where it changes nothing. */
  renew(workId: string): Renewal | null {
    const renewal = this.renewals.get(workId) ?? null
    this.renewals.delete(workId)
    if (renewal !== null) this.members = renewal.members
    return renewal
  }

  run(command: WorkCommand): void {
    const { workId } = command
    switch (command.type) {
      case 'cancel':
        this.cancel(workId)
        break
      case 'match':
        this.push({ type: 'match.done', workId, ...this.member(command).text.match(command.tests) })
        break
      case 'judge': {
        const { tool, messages, nowMs } = command
        this.push({ type: 'judge.done', workId, ...this.member(command).text.judge(tool, messages, nowMs) })
        break
      }
      case 'format':
        this.push({ type: 'format.done', workId, ...this.member(command).text.format(command.text) })
        break
      case 'render': {
        const { texts, values, atMs } = command
        this.push({ type: 'render.done', workId, ...this.member(command).text.render(texts, values, atMs) })
        break
      }
      default:
        this.begin(command)
    }
  }

  private begin(command: SlowCommand): void {
    const { workId } = command
    const controller = new AbortController()
    this.open.set(workId, controller)
    const release = this.ports.clock.hold()
    const give: Open = input => {
      if (!controller.signal.aborted) this.push(input)
    }
    this.start(command, give, controller.signal).finally(() => {
      this.open.delete(workId)
      release()
    })
  }

  private member({ member }: Work & { member: number }): MemberPorts {
    const ports = this.members[member]
    if (ports === undefined) throw new Error(`there is no assistant ${member}`)
    return ports
  }

  cancelAll(): void {
    for (const workId of [...this.open.keys()]) this.cancel(workId)
  }

  private cancel(workId: string): void {
    this.open.get(workId)?.abort()
    this.open.delete(workId)
  }

  private start(command: SlowCommand, give: Open, signal: AbortSignal): Promise<void> {
    switch (command.type) {
      case 'predict':
        return this.predict(command, give, signal)
      case 'endpointing.request':
        return this.askEndpointing(command, give, signal)
      case 'model.request':
        return this.askModel(command, give, signal)
      case 'voice.request':
        return this.speak(command, give, signal)
      case 'tool.run':
        return this.runTool(command, give, signal)
    }
  }

  private async predict(
    command: Extract<SlowCommand, { type: 'predict' }>,
    give: Open,
    signal: AbortSignal,
  ): Promise<void> {
    const { workId, request } = command
    const { endOfTurn } = this.member(command)
    if (endOfTurn === null) {
      const missing = new VapiError({
        code: 'no-end-of-turn-model',
        message: 'no model that judges the end of a turn runs here for this language',
      })
      give({ type: 'predict.failed', workId, failure: failureOf(missing) })
      return
    }
    try {
      give({ type: 'predict.done', workId, finished: await endOfTurn.finished(request, signal) })
    } catch (error) {
      give({ type: 'predict.failed', workId, failure: failureOf(error) })
    }
  }

  private async askEndpointing(
    command: Extract<SlowCommand, { type: 'endpointing.request' }>,
    give: Open,
    signal: AbortSignal,
  ): Promise<void> {
    const { workId, request } = command
    try {
      const server = this.member(command).endpointing ?? null
      if (server === null) throw new Error('the custom endpointing model has no server here')
      const timeoutSeconds = await server.timeoutSeconds(request, signal)
      give({ type: 'endpointing.answered', workId, timeoutSeconds })
    } catch (error) {
      give({ type: 'predict.failed', workId, failure: failureOf(error) })
    }
  }

  private async askModel(
    command: Extract<SlowCommand, { type: 'model.request' }>,
    give: Open,
    signal: AbortSignal,
  ): Promise<void> {
    const { workId, messages, tools } = command
    const model = this.member(command).models[command.model]
    const toolCalls: ToolCall[] = []
    try {
      if (model === undefined) throw new Error(`there is no model ${command.model}`)
      for await (const piece of model.respond({ messages, tools }, signal)) {
        // A model that does not listen to the signal would go on for ever.
        if (signal.aborted) return
        if (piece.type === 'text') give({ type: 'model.text', workId, text: piece.text })
        else toolCalls.push(piece.call)
      }
      give({ type: 'model.done', workId, toolCalls })
    } catch (error) {
      give({ type: 'model.failed', workId, failure: failureOf(error) })
    }
  }

  private async speak(
    command: Extract<SlowCommand, { type: 'voice.request' }>,
    give: Open,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, output } = this.ports
    const { voices, voiceSettings } = this.member(command)
    const { workId, utteranceId, text, language } = command
    const chunk = { workId, utteranceId }
    const words: WordTiming[] = []
    let receivedMs = 0
    try {
      const voice = command.sound ? soundVoice(this.ports.sounds) : voices[command.voice]
      if (voice === undefined) throw new Error(`there is no voice ${command.voice}`)
      const settings = voiceSettings[command.voice] ?? {}
      const request = { text, settings, ...(language !== undefined && { language }) }
      for await (const piece of voice.speak(request, signal)) {
        if (signal.aborted) return
        output.append(chunk, piece.audio)
        if (piece.words !== undefined && piece.words.length > 0) {
          words.push(...piece.words)
          give({ type: 'voice.words', workId, words: piece.words })
        }
        if (piece.warning !== undefined) this.push({ type: 'warning', message: piece.warning })
        const pieceMs = durationMs(piece.audio)
        if (receivedMs === 0 && pieceMs > 0) give({ type: 'voice.ready', workId })
        receivedMs += pieceMs
        while (output.bufferedMs() > READ_AHEAD_MS && !signal.aborted)
          await clock.sleep(READ_AHEAD_PAUSE_MS, signal)
      }
      if (signal.aborted) return
      if (receivedMs === 0) throw new Error(`the voice gave no sound for “${text}”`)
      output.completeChunk(chunk)
      give({ type: 'voice.done', workId, durationMs: receivedMs, words })
    } catch (error) {
      if (receivedMs > 0 && !signal.aborted) output.completeChunk(chunk)
      give({ type: 'voice.failed', workId, receivedMs, words, failure: failureOf(error) })
    }
  }

  private async runTool(
    command: Extract<SlowCommand, { type: 'tool.run' }>,
    give: Open,
    signal: AbortSignal,
  ): Promise<void> {
    const { workId } = command
    const { outcome, renewal } = await runTool(this.ports, this.member(command), command, signal)
    if (signal.aborted) return
    if (renewal !== null) this.renewals.set(workId, renewal)
    give({ type: 'tool.done', workId, outcome })
  }
}

/** Plays sound files by their address. */
function soundVoice(sounds: CallPorts['sounds']): Pick<Voice, 'speak'> {
  return {
    async *speak({ text }) {
      const audio = sounds?.get(text)
      if (audio === undefined) throw new Error(`the sound file ${text} is not there`)
      yield { audio }
    },
  }
}

/** A thrown error as the engine sees it. */
export function failureOf(thrown: unknown): Failure {
  const { code, message, retryable, endedReason, hint, exit } = asVapiError(thrown)
  return { code, message, retryable, endedReason: endedReason ?? null, hint: hint ?? null, exit }
}
