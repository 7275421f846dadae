import type { Clock } from '../../engine/ports/clock.ts'
import { type SpeechEdges, type TurnSettings, turnEndMs } from '../../engine/ports/transcriber.simulated.ts'
import type { Customer, CustomerLine } from '../ports.ts'
import type { CallerStep } from '../scenario.ts'
import { failureOf } from '../work.ts'
import { createMuting } from './muting.ts'
import { CallerScript } from './script.ts'

export interface SimulatedCallerOptions {
  steps: readonly CallerStep[]
  clock: Clock
  /** From the end of speech to its final transcript. */
  transcriberMs: number
  /** How long a step lasts that does not say so. */
  charactersPerSecond: number
  /** Set before each utterance to what the smart endpointing providers would see; null where the script does not say. */
  finished: (probability: number | null) => void
  /** The turns of this assistant are ended by a judgement of the sound, which the caller's `finished` gives. */
  judges?: (member: number) => boolean
  /** How the transcriber at this place finds the ends of this assistant's turns; null where they are not asked for. */
  turnsOf?: (transcriber: number, member: number) => TurnSettings | null
  /** The call's script still has something to come beside the caller's steps: the caller stays for it. */
  moreToCome?: () => boolean
  /** When the customer can be heard, in milliseconds since the call began; at once where it is not given. */
  joinsMs?: number
  /**
   * Says before each utterance whether the transcriber at this place fails with it: after so many of its words, or, null, in
   * place of its final transcript.
   */
  transcriberFails: (transcriber: number) => { error: Error; afterWords: number | null } | null
}

interface Utterance {
  step: CallerStep
  words: string[]
  startMs: number
  lastsMs: number
}

/** A person without sound: speech edges and transcripts reach the engine exactly as scripted. */
export function createSimulatedCaller(options: SimulatedCallerOptions): Customer {
  const { clock, transcriberMs } = options
  let line: CustomerLine
  /** Utterances whose final transcript the engine has not taken yet. */
  let underway = 0
  let transcriber = 0
  /** What the transcriber in use gives; null once it has failed. */
  let session: object | null = {}
  /** Utterances without a final transcript: the next transcriber hears them from their beginning. */
  const open = new Set<Utterance>()
  const closing = new AbortController()
  /** When each utterance began. */
  const starts: number[] = []
  /** The assistant that speaks. */
  let member = 0
  const muting = createMuting(clock)

  const script = new CallerScript(options.steps, clock, {
    say,
    hangUp: () => line.hangUp('customer-ended-call'),
    wordsUnderway: () => underway > 0,
    moreToCome: () => options.moreToCome?.() ?? false,
  })

  function say(step: CallerStep, done: () => void): void {
    const startMs = clock.now()
    const lastsMs = Math.round((step.lasts ?? step.say.length / options.charactersPerSecond) * 1000)
    const endMs = startMs + lastsMs
    const words = step.say.split(/\s+/).filter(word => word !== '')
    const silent = step.say.trim() === ''
    if (!silent && !muting.covers(startMs + 1)) underway++
    options.finished(step.finished ?? null)
    if (step.machine) line.input({ type: 'machine.heard', what: 'voice', audioMs: startMs })
    if (step.beep) clock.at(endMs, () => line.input({ type: 'machine.heard', what: 'beep', audioMs: endMs }))
    // A beep alone is no speech.
    if (silent && step.beep) {
      clock.at(endMs, done)
      return
    }
    starts.push(startMs)
    line.input({ type: 'speech.started', audioMs: startMs })
    const utterance = { step, words, startMs, lastsMs }
    open.add(utterance)
    clock.at(endMs, () => {
      line.input({ type: 'speech.stopped', audioMs: endMs })
      if (options.judges?.(member))
        line.input({ type: 'turn.judged', finished: step.finished ?? 1, audioMs: endMs })
      done()
    })
    listen(utterance, startMs)
  }

  /** Gives the words of an utterance as the transcriber in use hears them from a moment on. */
  function listen(utterance: Utterance, fromMs: number): void {
    const { step, words, startMs, lastsMs } = utterance
    const { length } = words
    const endMs = startMs + lastsMs
    const own = session
    if (own === null) return
    const failure = options.transcriberFails(transcriber)
    const heard = failure === null ? length : Math.min(failure.afterWords ?? length, length)
    const at = (audioMs: number, action: () => void) =>
      clock.at(Math.max(audioMs, fromMs) + transcriberMs, () => {
        if (session === own) action()
      })
    // Partial transcripts grow word by word, spread evenly over the speech; of what was said before, one has all.
    for (let count = 1; count <= Math.min(heard, length - 1); count++) {
      const audioMs = wordEndMs(utterance, count)
      if (audioMs < fromMs && wordEndMs(utterance, count + 1) <= fromMs) continue
      at(audioMs, () => transcribe('partial', heardWords(utterance, count, audioMs), audioMs, false))
    }
    if (failure !== null)
      at(failure.afterWords === null ? endMs : wordEndMs(utterance, heard), () => {
        session = null
        line.input({ type: 'transcriber.failed', transcriber, failure: failureOf(failure.error) })
      })
    else
      at(endMs, () => {
        open.delete(utterance)
        const turns = options.turnsOf?.(transcriber, member) ?? null
        const reported = () =>
          turns === null ? null : turnEndMs(turns, step.finished ?? 1, edgesOf(utterance))
        const reportMs = reported()
        const text = heardWords(utterance, length, endMs)
        const all = text === words.join(' ') ? step.say.trim() : text
        if (all !== '') transcribe('final', all, endMs, reportMs === endMs, step.confidence, step.language)
        if (reportMs === null || (reportMs === endMs && all !== '')) return
        // The words are known; that they were the last ones is reported by itself.
        at(reportMs, () => {
          if (reported() !== null) transcribe('final', '', reportMs, true)
        })
      })
  }

  /** The first so many words without those that were said while the customer was muted; none while that goes on. */
  function heardWords(utterance: Utterance, count: number, audioMs: number): string {
    if (muting.covers(audioMs)) return ''
    const sinceMs = muting.heardSince(audioMs)
    return utterance.words
      .slice(0, count)
      .filter((_, place) => wordEndMs(utterance, place + 1) > sinceMs)
      .join(' ')
  }

  /** For whoever listens, an utterance ends where its customer is muted, and begins where that is over. */
  function cut(utterance: Utterance, muted: boolean): void {
    const nowMs = clock.now()
    const { step, words, startMs, lastsMs } = utterance
    if (words.length === 0 || startMs + lastsMs <= nowMs) return
    const said = words.filter((_, place) => wordEndMs(utterance, place + 1) <= nowMs).length
    if (!muted) {
      if (said < words.length) underway++
      return
    }
    const text = heardWords(utterance, said, nowMs)
    if (text === '') underway--
    else
      clock.at(nowMs + transcriberMs, () =>
        transcribe('final', text, nowMs, false, step.confidence, step.language),
      )
  }

  function edgesOf({ startMs, lastsMs }: Utterance): SpeechEdges {
    return { endMs: startMs + lastsMs, nextStartMs: starts.find(other => other > startMs) ?? null }
  }

  function transcribe(
    transcriptType: 'partial' | 'final',
    text: string,
    audioMs: number,
    endOfTurn: boolean,
    confidence: number | null = null,
    language: string | null = null,
  ): void {
    if (text === '' && !endOfTurn) return
    line.input({
      type: 'transcript',
      transcriptType,
      text,
      audioMs,
      confidence,
      language,
      endOfTurn,
      origin: 'script',
    })
  }

  return {
    start: async given => {
      line = given
      if (options.joinsMs) await clock.sleep(options.joinsMs, closing.signal)
      if (!closing.signal.aborted) script.start()
    },
    notice: (observations, state) => {
      member = state.squad.member
      for (const observation of observations) {
        if (observation.type === 'transcript.dropped') underway--
        if (
          observation.type === 'transcript' &&
          observation.role === 'user' &&
          observation.transcriptType === 'final'
        )
          underway--
      }
      script.notice(observations, state)
    },
    listenWith: place => {
      transcriber = place
      session = {}
      for (const utterance of open) listen(utterance, clock.now())
    },
    mute: muted => {
      muting.set(muted)
      for (const utterance of open) cut(utterance, muted)
    },
    close: async () => closing.abort(),
  }
}

/** When so many words of an utterance have been said: they are spread evenly over it. */
function wordEndMs({ words, startMs, lastsMs }: Utterance, count: number): number {
  const { length } = words
  return length === 0 ? startMs + lastsMs : startMs + Math.round((lastsMs * count) / length)
}
