import type { StampedCommand } from '../engine/commands.ts'
import type { ControlMessage, Failure, Input } from '../engine/inputs.ts'
import type { Observation } from '../engine/observations.ts'
import type { AssistantPlan, CallPlan } from '../engine/plan.ts'
import type { Cancel } from '../engine/ports/clock.ts'
import { type CallState, initialState } from '../engine/state.ts'
import { step } from '../engine/step.ts'
import { VapiError } from '../errors.ts'
import { InputQueue } from './input-queue.ts'
import type { CallPorts, CallStart, UntimedInput } from './ports.ts'
import { failureOf, WorkRunner } from './work.ts'

export interface CallListener {
  observation?(observation: Observation): void
  /** Every input with its time, as the engine takes it: the call's log. */
  input?(input: Input): void
  /** What an input leads to, with the plan that it met; told before any of it is carried out or observed. */
  decided?(commands: readonly StampedCommand[], plan: CallPlan): void
  /** What one input led to, and where the call stands now. */
  stepped?(
    input: Input,
    observations: readonly Observation[],
    state: Readonly<CallState>,
    plan: CallPlan,
  ): void
}

export interface CallResult {
  endedReason: string
  /** What ended the call against its will, or null. */
  failure: Failure | null
  ended: Extract<Observation, { type: 'call.ended' }>
  /** The assistant that spoke last, by its place in the plan. */
  member: number
  /** The model that it used last, by its place in the assistant's plan. */
  model: number
}

/**
 * Runs one call: takes inputs in their order, steps the engine, carries out its commands. Commands run after the step
 * that gave them and never re-enter it.
 */
export class CallRuntime {
  private plan: CallPlan
  private readonly ports: CallPorts
  private readonly listener: CallListener
  private readonly queue = new InputQueue()
  private readonly timers = new Map<string, Cancel>()
  private readonly work: WorkRunner
  private state: CallState
  private taking = false
  /** A hang-up that came before the call had begun. */
  private earlyHangUp: string | null = null
  private result: CallResult | null = null
  private readonly ended: Promise<CallResult>
  private resolve: (result: CallResult) => void = () => {}
  private reject: (error: unknown) => void = () => {}

  constructor(plan: CallPlan, ports: CallPorts, listener: CallListener) {
    this.plan = plan
    this.ports = ports
    this.listener = listener
    this.state = initialState(plan)
    this.work = new WorkRunner(ports, input => this.push(input))
    this.ended = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  /** Runs the call to its end. Everything that was opened is closed, however it ends. */
  async run(start: CallStart): Promise<CallResult> {
    const { clock, customer, output } = this.ports
    try {
      await output.open({
        started: utteranceId => this.push({ type: 'playback.started', utteranceId }),
        drained: utteranceId => this.push({ type: 'playback.drained', utteranceId }),
        cleared: (utteranceId, heard) => this.push({ type: 'playback.cleared', utteranceId, heard }),
        failed: error =>
          this.push({ type: 'stage.failed', stage: 'audio-output', failure: failureOf(error) }),
        warning: message => this.push({ type: 'warning', message }),
      })
      clock.attach(() => this.takeInputs())
      const release = clock.hold()
      clock.start()
      this.push({ type: 'call.started', ...start })
      if (this.earlyHangUp !== null) this.hangUp(this.earlyHangUp)
      const joined = customer.start({
        input: input => this.push(input),
        hangUp: endedReason => this.hangUp(endedReason),
      })
      // A call may end before its customer can be heard.
      await Promise.race([joined, this.ended])
      this.push({ type: 'customer.joined' })
      release()
      return await this.ended
    } finally {
      for (const cancel of this.timers.values()) cancel()
      this.work.cancelAll()
      clock.stop()
      await customer.close()
      await output.close()
    }
  }

  /** Ends the call from outside. */
  hangUp(endedReason: string): void {
    if (this.state.lifecycle.phase === 'idle') this.earlyHangUp = endedReason
    else this.push({ type: 'call.hangup', endedReason })
  }

  /** Breaks the call off where it stands: `run` rejects with this error. */
  abort(error: unknown): void {
    this.reject(error)
    this.ports.clock.stop()
  }

  /** A server took a message of the call; told while the call goes on. */
  delivered(messageType: string, status: number): void {
    if (this.result === null) this.push({ type: 'message.sent', messageType, status })
  }

  /** Something that the user should know, learned beside the call. */
  warn(message: string): void {
    if (this.result === null) this.push({ type: 'warning', message })
  }

  /** Where the call stands, and what its plan lets others do with it. */
  standing(): { phase: 'before' | 'live' | 'ending' | 'over' } & AssistantPlan['monitor'] {
    const { lifecycle, squad } = this.state
    const phases = { idle: 'before', live: 'live', 'speaking-last': 'ending' } as const
    const phase = lifecycle.phase in phases ? phases[lifecycle.phase as keyof typeof phases] : 'over'
    return { phase, ...(this.plan.members[squad.member] ?? this.plan.members[0]).monitor }
  }

  /** Takes a live-control message. */
  control(message: ControlMessage): void {
    this.push({ type: 'control', message })
  }

  /** The person at this machine pressed the key that stops the assistant. */
  interrupt(): void {
    this.push({ type: 'interrupt.pressed' })
  }

  /** Takes keys that the customer pressed. */
  press(keys: string): void {
    this.push({ type: 'keys.pressed', keys })
  }

  private push(input: UntimedInput): void {
    this.queue.push({ ...input, atMs: this.ports.clock.now() } as Input)
    if (this.ports.clock.readiness() !== 'delivering') this.takeInputs()
  }

  private takeInputs(): void {
    if (this.taking) return
    this.taking = true
    try {
      for (
        let input = this.queue.peek();
        input !== undefined && this.result === null;
        input = this.queue.peek()
      ) {
        // Results of the same moment come before its timers.
        if (input.type === 'timer' && this.ports.clock.readiness() === 'held') break
        this.queue.take()
        this.take(input)
      }
    } catch (error) {
      this.abort(error)
    } finally {
      this.taking = false
    }
  }

  private take(input: Input): void {
    this.listener.input?.(input)
    const renewal = input.type === 'tool.done' ? this.work.renew(input.workId) : null
    if (renewal !== null) this.plan = { ...this.plan, members: renewal.plans }
    const { state, commands } = step(this.plan, this.state, input)
    this.state = state
    this.listener.decided?.(commands, this.plan)
    const observations: Observation[] = []
    for (const command of commands) {
      if (command.type === 'observe') {
        observations.push(command.observation)
        this.listener.observation?.(command.observation)
      } else this.carryOut(command, observations)
    }
    this.listener.stepped?.(input, observations, state, this.plan)
    this.ports.customer.notice?.(observations, state)
  }

  private carryOut(
    command: Exclude<StampedCommand, { type: 'observe' }>,
    observations: readonly Observation[],
  ): void {
    const { clock, customer, output } = this.ports
    switch (command.type) {
      case 'timer.set':
        this.setTimer(command.timerId, command.atMs)
        break
      case 'timer.clear':
        this.timers.get(command.timerId)?.()
        this.timers.delete(command.timerId)
        break
      case 'transcriber.switch':
        customer.listenWith?.(command.transcriber)
        break
      case 'line.mute':
        if (command.side === 'assistant') output.mute(command.muted)
        else customer.mute?.(command.muted)
        break
      case 'playback.play':
        output.play(command.utteranceId)
        break
      case 'playback.finish':
        output.finish(command.utteranceId)
        break
      case 'playback.clear':
        output.clear(command.utteranceId)
        break
      case 'call.end': {
        const ended = observations.findLast(observation => observation.type === 'call.ended')
        if (ended === undefined)
          throw new VapiError({ code: 'internal', message: 'the call ended without saying so' })
        const { lifecycle, squad, reply } = this.state
        const { endedReason } = ended
        const { member } = squad
        // The model of the first turns is not the one that judges the call.
        const first = (this.plan.members[member]?.model.fastTurns ?? 0) > 0 ? 1 : 0
        const model = Math.max(first, reply.models[member] ?? 0)
        this.result = { endedReason, failure: lifecycle.failure, ended, member, model }
        clock.stop()
        this.resolve(this.result)
        break
      }
      default:
        this.work.run(command)
    }
  }

  private setTimer(timerId: string, atMs: number): void {
    this.timers.get(timerId)?.()
    const cancel = this.ports.clock.at(atMs, () => {
      this.timers.delete(timerId)
      this.push({ type: 'timer', timerId })
    })
    this.timers.set(timerId, cancel)
  }
}
