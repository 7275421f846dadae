import type { Observation } from '../../engine/observations.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { type CallState, isSettled } from '../../engine/state.ts'
import type { CallerStep } from '../scenario.ts'

export interface CallerActions {
  /** Says the step's words; `done` when the person has stopped speaking. */
  say(step: CallerStep, done: () => void): void
  /** The person is done and hangs up. */
  hangUp(): void
  /** True while words that were said have not reached the engine yet. */
  wordsUnderway(): boolean
  /** True while the script still has keys or live control to come. */
  moreToCome?(): boolean
}

/**
 * When a scripted person speaks: at a time, after the assistant has stopped, or while it speaks. When everything was
 * said and the assistant has finished answering, the person hangs up; a machine does not.
 */
export class CallerScript {
  private readonly steps: readonly CallerStep[]
  private readonly clock: Clock
  private readonly actions: CallerActions
  private place = -1
  /** A step is being said, or its time has been set. */
  private busy = false
  private previousEndMs = 0
  private assistantStartMs: number | null = null
  private assistantStopMs: number | null = null
  private over = false

  constructor(steps: readonly CallerStep[], clock: Clock, actions: CallerActions) {
    this.steps = steps
    this.clock = clock
    this.actions = actions
  }

  start(): void {
    this.advance()
  }

  /** Takes notice of what the call did. */
  notice(observations: readonly Observation[], state: Readonly<CallState>): void {
    for (const { type, atMs } of observations) {
      if (type === 'assistant.speech.started') this.assistantStartMs = atMs
      if (type === 'assistant.speech.stopped') {
        this.assistantStartMs = null
        this.assistantStopMs = atMs
      }
    }
    if (!this.busy) this.wait()
    // A machine records until the other side hangs up.
    const stays = this.steps.some(({ machine, beep }) => machine || beep)
    const finished = this.place >= this.steps.length && !this.over && !stays
    const waits = this.actions.wordsUnderway() || this.actions.moreToCome?.() === true
    if (finished && !waits && isSettled(state)) {
      this.over = true
      this.actions.hangUp()
    }
  }

  private advance(): void {
    this.busy = false
    this.previousEndMs = this.clock.now()
    this.place++
    // An end of speech counts from the moment at which the step before ended.
    if (this.assistantStopMs !== null && this.assistantStopMs < this.previousEndMs)
      this.assistantStopMs = null
    this.wait()
  }

  /** Sets the time of the step under way as soon as it is known. */
  private wait(): void {
    const step = this.steps[this.place]
    if (step === undefined) return
    const fromMs = step.at !== undefined ? 0 : step.after ? this.assistantStopMs : this.assistantStartMs
    if (fromMs === null) return
    this.busy = true
    const startMs = fromMs + Math.round((step.at ?? step.plus ?? 0) * 1000)
    this.clock.at(startMs, () => this.actions.say(step, () => this.advance()))
  }
}
