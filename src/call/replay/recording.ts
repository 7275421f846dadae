import { type CallRecipe, withoutSecrets } from '../../assistant/recipe.ts'
import { type AudioFrame, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { CallAssistants, Renewal } from '../ports.ts'
import type { CallListener } from '../runtime.ts'
import {
  CALL_LOG_FORMAT,
  type CallLogHeader,
  type CallLogLine,
  type PlanRenewal,
  type PlanRenewalBody,
} from './format.ts'
import { versions } from './versions.ts'
import { CallLogWriter } from './writer.ts'

/** The customer's sound is written in lines of this many samples. */
const LINE_SAMPLES = SAMPLE_RATE
const SAMPLES_PER_MS = SAMPLE_RATE / 1000

export type CallLogFacts = Omit<CallLogHeader, 'format' | 'type' | 'program' | 'node'>

/** A call that is saved while it runs. */
export interface CallRecording {
  readonly path: string
  /** To be told of every input and of what it leads to. */
  readonly listener: Required<Pick<CallListener, 'input' | 'decided'>>
  /** Remembers how tools change the assistants. */
  follow(assistants: CallAssistants): CallAssistants
  /** Takes the customer's sound. */
  sound(frame: AudioFrame): void
  /** Writes what is left and closes the file. Throws VapiError `file-not-written` where some of it could not be written. */
  finish(): void
}

/**
 * Saves a call to a file as it happens; secrets of its configuration stay out of it. Throws VapiError `file-not-written`
 * where the file cannot be made.
 */
export function recordCall(path: string, facts: CallLogFacts): CallRecording {
  const header: CallLogHeader = {
    format: CALL_LOG_FORMAT,
    type: 'call',
    ...versions(),
    ...facts,
    recipe: withoutSecrets(facts.recipe),
  }
  const writer = new CallLogWriter(path, header)
  const answers = createAnswerLog(facts.recipe, line => writer.write(line))
  const sound = createSoundLog(line => writer.write(line))
  const renewals = new Map<Renewal['plans'], number>()
  let made = 0
  let plans: Renewal['plans'] | null = null

  /** The order of the lines is that of the calls: each change builds on those before it. */
  function change(what: PlanRenewalBody, renewed: Promise<Renewal>): Promise<Renewal> {
    const renewal = made++
    writer.write({ type: 'renewal', renewal, ...what } as PlanRenewal)
    return renewed
      .then(result => {
        renewals.set(result.plans, renewal)
        return result
      })
      .finally(answers)
  }

  return {
    path,
    listener: {
      input: input => writer.write({ type: 'input', input }),
      decided: (commands, plan) => {
        const renewal = plan.members === plans ? undefined : renewals.get(plan.members)
        plans = plan.members
        writer.write({ type: 'commands', commands, ...(renewal !== undefined && { renewal }) })
      },
    },
    follow: assistants => ({
      learn: variables => change({ learn: variables }, assistants.learn(variables)),
      join: async (member, destination) => {
        let joined: Awaited<ReturnType<CallAssistants['join']>> | null = null
        await change(
          { join: { member, destination: withoutSecrets(destination) } },
          assistants.join(member, destination).then(result => {
            joined = result
            return result.renewal
          }),
        )
        if (joined === null) throw new Error('nobody joined the call')
        return joined
      },
    }),
    sound: frame => sound.take(frame),
    finish: () => {
      sound.flush()
      const problem = writer.close()
      if (problem !== null) throw problem
    },
  }
}

/** Writes the answers from outside that came since it was last run. */
function createAnswerLog({ answers }: CallRecipe, write: (line: CallLogLine) => void): () => void {
  let written = answers.length
  return () => {
    for (; written < answers.length; written++) {
      const answer = answers[written]
      if (answer !== undefined) write({ type: 'answer', ...answer })
    }
  }
}

/** Collects gapless frames into lines of about a second. */
function createSoundLog(write: (line: CallLogLine) => void) {
  let samples = new Int16Array(LINE_SAMPLES)
  let filled = 0
  let fromMs = 0

  function flush(): void {
    if (filled === 0) return
    write({ type: 'audio', audioMs: fromMs, samples: base64(samples.subarray(0, filled)) })
    filled = 0
  }

  return {
    flush,
    take: (frame: AudioFrame) => {
      const isGapless = Math.abs(fromMs + filled / SAMPLES_PER_MS - frame.audioMs) < 1
      if (!isGapless || filled + frame.samples.length > samples.length) flush()
      if (frame.samples.length > samples.length) samples = new Int16Array(frame.samples.length)
      if (filled === 0) fromMs = frame.audioMs
      samples.set(frame.samples, filled)
      filled += frame.samples.length
    },
  }
}

/** Little-endian on every machine. */
function base64(samples: Int16Array): string {
  const bytes = Buffer.alloc(samples.length * 2)
  for (const [place, sample] of samples.entries()) bytes.writeInt16LE(sample, place * 2)
  return bytes.toString('base64')
}
