import type { Clock } from '../../engine/ports/clock.ts'
import type { Customer, CustomerLine } from '../ports.ts'
import type { CallerStep } from '../scenario.ts'
import { failureOf } from '../work.ts'
import { CallerScript } from './script.ts'

export interface SimulatedCallerOptions {
  steps: readonly CallerStep[]
  clock: Clock
  /** From the end of speech to its final transcript. */
  transcriberMs: number
  /** How long a step lasts that does not say so. */
  charactersPerSecond: number
  /** Set before each utterance to what the smart endpointing providers would see. */
  finished: (probability: number) => void
  /** Says before each utterance whether the transcriber fails; its error ends the call. */
  transcriberFails: () => Error | null
}

/** A person without sound: speech edges and transcripts reach the engine exactly as scripted. */
export function createSimulatedCaller(options: SimulatedCallerOptions): Customer {
  const { clock, transcriberMs } = options
  let line: CustomerLine
  /** Utterances whose final transcript the engine has not taken yet. */
  let underway = 0

  const script = new CallerScript(options.steps, clock, {
    say,
    hangUp: () => line.hangUp('customer-ended-call'),
    wordsUnderway: () => underway > 0,
  })

  function say(step: CallerStep, done: () => void): void {
    const startMs = clock.now()
    const lastsMs = Math.round((step.lasts ?? step.say.length / options.charactersPerSecond) * 1000)
    const endMs = startMs + lastsMs
    const words = step.say.split(/\s+/).filter(word => word !== '')
    const finished = step.finished ?? 1
    const silent = step.say.trim() === ''
    if (!silent) underway++
    options.finished(finished)
    line.input({ type: 'speech.started', audioMs: startMs })
    // Partial transcripts grow word by word, spread evenly over the speech.
    for (let count = 1; count < words.length; count++) {
      const wordEndMs = startMs + Math.round((lastsMs * count) / words.length)
      const text = words.slice(0, count).join(' ')
      clock.at(wordEndMs + transcriberMs, () => transcribe('partial', text, wordEndMs, false))
    }
    clock.at(endMs, () => {
      line.input({ type: 'speech.stopped', audioMs: endMs })
      done()
    })
    clock.at(endMs + transcriberMs, () => {
      const error = options.transcriberFails()
      if (error !== null) {
        line.input({ type: 'transcriber.failed', failure: failureOf(error) })
      } else if (!silent) transcribe('final', step.say, endMs, finished >= 0.5, step.confidence)
    })
  }

  function transcribe(
    transcriptType: 'partial' | 'final',
    text: string,
    audioMs: number,
    endOfTurn: boolean,
    confidence: number | null = null,
  ): void {
    line.input({
      type: 'transcript',
      transcriptType,
      text,
      audioMs,
      confidence,
      endOfTurn,
      origin: 'script',
    })
  }

  return {
    start: async given => {
      line = given
      script.start()
    },
    notice: (observations, state) => {
      for (const observation of observations) {
        if (
          observation.type === 'transcript' &&
          observation.role === 'user' &&
          observation.transcriptType === 'final'
        )
          underway--
      }
      script.notice(observations, state)
    },
    close: async () => {},
  }
}
