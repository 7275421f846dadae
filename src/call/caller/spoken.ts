import { beepSamples } from '../../audio/beep.ts'
import { PcmQueue, paceFrames } from '../../audio/plane/frames.ts'
import { joinSamples } from '../../audio/samples.ts'
import { type AudioInput, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Cancel, Clock } from '../../engine/ports/clock.ts'
import type { Transcriber, TranscriberListener } from '../../engine/ports/transcriber.ts'
import type { Voice } from '../../engine/ports/voice.ts'
import type { CallState } from '../../engine/state.ts'
import { asVapiError } from '../../errors.ts'
import type { Customer } from '../ports.ts'
import type { CallerStep } from '../scenario.ts'
import { CallerScript } from './script.ts'

/** Voice activity is told about the end of speech somewhat before or after the sound's own end, in milliseconds. */
const END_TOLERANCE_MS = 500
/** When voice activity has not told of the end of an utterance by then, its words are given all the same. */
const END_LIMIT_MS = 1500
/** A recogniser that has said nothing by then has not understood the utterance, in milliseconds. */
const RECOGNITION_LIMIT_MS = 4000

export interface SpokenCaller {
  /** The caller's sound. */
  input: AudioInput
  /** Gives the script's own words, timed by the sound: not a recognition. */
  scriptedWords: Transcriber
  /** Lets the script act on what the call does; the given customer is the one that hears `input`. */
  follow(customer: Customer): Customer
}

/** A scripted person with a voice: says the steps aloud when their time comes. */
export function createSpokenCaller(steps: readonly CallerStep[], voice: Voice, clock: Clock): SpokenCaller {
  const queue = new PcmQueue()
  const rendered = new Map<CallerStep, Promise<Int16Array>>()
  const closing = new AbortController()
  let stop: Cancel = () => {}
  let hangUp = () => {}
  let fail: (error: Error) => void = () => {}
  let words: TranscriberListener | null = null
  let state: Readonly<CallState> | null = null
  let underway: { step: CallerStep; endMs: number; given: boolean } | null = null

  const script = new CallerScript(steps, clock, {
    say: (step, done) => void say(step, done),
    hangUp: () => hangUp(),
    wordsUnderway: () => underway !== null,
  })

  /** Renders a step once; the next one is rendered ahead of its time. */
  function render(step: CallerStep): Promise<Int16Array> {
    let sound = rendered.get(step)
    if (sound === undefined) {
      sound = renderSpeech(voice, step.say, closing.signal)
      if (step.beep) sound = sound.then(speech => joinSamples([speech, beepSamples()]))
      sound.catch(() => {})
      rendered.set(step, sound)
    }
    return sound
  }

  async function say(step: CallerStep, done: () => void): Promise<void> {
    let samples: Int16Array
    try {
      samples = await render(step)
    } catch (error) {
      if (!closing.signal.aborted) fail(asVapiError(error))
      return
    }
    const following = steps[steps.indexOf(step) + 1]
    if (following !== undefined) void render(following)
    const startMs = clock.now()
    const lastsMs = (samples.length / SAMPLE_RATE) * 1000
    queue.append(samples)
    const utterance = { step, endMs: startMs + lastsMs, given: false }
    underway = utterance
    if (words !== null) timeWords(step, startMs, lastsMs)
    clock.at(utterance.endMs, done)
    clock.at(utterance.endMs + END_LIMIT_MS, () => {
      if (words !== null && underway === utterance) giveFinal(utterance.endMs)
    })
    clock.at(utterance.endMs + RECOGNITION_LIMIT_MS, () => {
      if (underway !== utterance) return
      underway = null
      if (state !== null) script.notice([], state)
    })
  }

  function timeWords({ say: text }: CallerStep, startMs: number, lastsMs: number): void {
    const parts = text.split(/\s+/).filter(word => word !== '')
    for (let count = 1; count < parts.length; count++) {
      const audioMs = startMs + (lastsMs * count) / parts.length
      clock.at(audioMs, () =>
        words?.transcript({ transcriptType: 'partial', text: parts.slice(0, count).join(' '), audioMs }),
      )
    }
  }

  function giveFinal(audioMs: number): void {
    if (underway === null || underway.given) return
    underway.given = true
    words?.transcript({
      transcriptType: 'final',
      text: underway.step.say,
      audioMs,
      ...(underway.step.language !== undefined && { language: underway.step.language }),
    })
  }

  return {
    input: {
      name: 'the scripted caller',
      start: async listener => {
        fail = error => listener.failed(error)
        stop = paceFrames(
          clock,
          into => queue.take(into),
          frame => listener.frame(frame),
        )
      },
      close: async () => {
        closing.abort()
        stop()
      },
    },
    scriptedWords: {
      name: 'script',
      capabilities: { endOfTurn: false, partials: true, languages: 'any' },
      start: async listener => {
        words = listener
      },
      push: () => {},
      speech: (edge, audioMs) => {
        if (edge === 'stopped' && underway !== null && audioMs >= underway.endMs - END_TOLERANCE_MS)
          giveFinal(audioMs)
      },
      close: async () => {
        words = null
      },
    },
    follow: customer => ({
      start: async line => {
        hangUp = () => line.hangUp('customer-ended-call')
        const [first] = steps
        if (first !== undefined) void render(first)
        await customer.start(line)
        script.start()
      },
      notice: (observations, current) => {
        state = current
        customer.notice?.(observations, current)
        const heard = observations.some(
          seen =>
            seen.type === 'transcript.dropped' ||
            seen.type === 'transcript.self-heard' ||
            (seen.type === 'transcript' && seen.role === 'user' && seen.transcriptType === 'final'),
        )
        if (heard) underway = null
        script.notice(observations, current)
      },
      mute: muted => customer.mute?.(muted),
      close: () => customer.close(),
    }),
  }
}

async function renderSpeech(voice: Voice, text: string, signal: AbortSignal): Promise<Int16Array> {
  const pieces: Int16Array[] = []
  for await (const { audio } of voice.speak({ text, settings: {} }, signal)) {
    if (audio.type === 'pcm') pieces.push(audio.samples)
  }
  return joinSamples(pieces)
}
