/** One call by its plan: the real adapters, sockets and runtime on the real clock; the customer's sound comes by a pipe. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDocument } from '../../../src/assistant/call-body.ts'
import { noAccount } from '../../../src/assistant/sources.ts'
import { readWav, toMono16k } from '../../../src/audio/wav/read.ts'
import { runLiveCall } from '../../../src/call/live/live-call.ts'
import { prepareCall } from '../../../src/call/live/prepare.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { SAMPLE_RATE } from '../../../src/engine/ports/audio-input.ts'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient } from '../../../src/net/http.ts'
import { createFliteEngine } from '../../../src/providers/embedded/flite-engine.ts'
import type { CallPlan } from './plan.ts'
import { startFaultServers } from './servers.ts'
import { createMarkedEars, type MarkedWord, marked } from './words.ts'

/** After so long without an answer, the customer goes on, in milliseconds. */
const PATIENCE_MS = 20_000
/** Nothing happens in a call for so long: it hangs. */
const HANG_MS = 60_000
const PAUSE_MS = 70
const TICK_MS = 200

export interface CallSeen {
  plan: CallPlan
  observations: Observation[]
  /** Said by the customer. */
  said: string[]
  /** Words in the assistant's sound as it left for the device. */
  sounded: readonly MarkedWord[]
  asked: readonly { role: string; content: string | null }[][]
  written: readonly string[]
  unmarked: readonly string[]
  faults: readonly string[]
  /** Utterances that nobody answered. */
  unanswered: number
  hangs: boolean
  /** How late the customer's sound was listened to at worst, in milliseconds: a machine that stands still shows in it. */
  lateMs: number
  /** The call did not begin. */
  refused: VapiError | null
}

/** Words as people say them, one after the other. */
export async function speechSounds(): Promise<Int16Array[]> {
  const engine = createFliteEngine()
  try {
    const sounds: Int16Array[] = []
    for (const text of ['seven', 'tomorrow', 'table', 'morning', 'people', 'evening', 'garden', 'number']) {
      const pieces: number[] = []
      const request = { text, settings: {} }
      for await (const { audio } of engine
        .voice({ voice: 'rms' })
        .speak(request, new AbortController().signal))
        if (audio.type === 'pcm') pieces.push(...audio.samples)
      const isLoud = (sample: number) => Math.abs(sample) > 500
      const sound = Int16Array.from(pieces.slice(pieces.findIndex(isLoud), pieces.findLastIndex(isLoud) + 1))
      sounds.push(sound.slice(0, (SAMPLE_RATE * 2) / 5))
    }
    return sounds
  } finally {
    await engine.close()
  }
}

export async function runFaultCall(
  plan: CallPlan,
  sounds: readonly Int16Array[],
  workingDirectory: string,
): Promise<CallSeen> {
  const servers = await startFaultServers(plan)
  const http = createHttpClient()
  const flite = createFliteEngine()
  const observations: Observation[] = []
  const file = `assistant-${plan.seed}.wav`
  const stopping = new AbortController()
  const { signal } = stopping
  const said: string[] = []
  let unanswered = 0
  let wake = () => {}
  let lastMs = performance.now()
  let hangs = false
  let refused: VapiError | null = null
  let lateMs = 0

  /** Resolves with true when it is so, with false after the limit. */
  async function until(isSo: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = performance.now() + limitMs
    while (!isSo()) {
      const leftMs = endMs - performance.now()
      if (leftMs <= 0) return false
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, leftMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return true
  }
  const isOver = () => observations.some(({ type }) => type === 'call.ended')
  const count = (type: Observation['type']) => observations.filter(seen => seen.type === type).length

  async function* customer(): AsyncGenerator<Uint8Array> {
    yield bytes(noise(200))
    let stopped = 0
    for (const [place, { words, interrupts, pauseMs }] of plan.utterances.entries()) {
      if (place > 0) {
        const answered = interrupts
          ? () => count('assistant.speech.started') > stopped
          : () => count('assistant.speech.stopped') > stopped
        if (!(await until(() => answered() || isOver(), PATIENCE_MS))) unanswered++
        await later(pauseMs)
      }
      if (isOver()) return
      stopped = Math.max(count('assistant.speech.started'), count('assistant.speech.stopped'))
      said.push(...words)
      const sound = words.flatMap(word => {
        const own = sounds[(word.charCodeAt(0) + word.charCodeAt(2)) % sounds.length] ?? new Int16Array()
        return [...marked(word, own), ...noise(PAUSE_MS)]
      })
      yield bytes(Int16Array.from(sound))
      await later((sound.length / SAMPLE_RATE) * 1000)
    }
    if (!(await until(() => count('assistant.speech.stopped') > stopped || isOver(), PATIENCE_MS)))
      unanswered++
  }

  let tickMs = performance.now()
  const watch = setInterval(() => {
    lateMs = Math.max(lateMs, performance.now() - tickMs - TICK_MS)
    tickMs = performance.now()
    if (performance.now() - lastMs < HANG_MS) return
    hangs = true
    stopping.abort()
  }, TICK_MS)
  try {
    const call = await prepareCall(
      {
        speaker: { body: readDocument(assistantOf(plan), 'test'), origin: { name: 'test' } },
        loadStored: noAccount,
        check: () => [],
        choices: { transcriber: null, model: null, voice: null, offline: false },
        variables: {},
        semantics: 'documentation',
        customer: { type: 'pipe', stream: customer() },
        output: { type: 'file', path: file },
        headphones: false,
        denoiser: 'rnnoise',
        files: {},
        maximumDurationMs: null,
        allowCode: false,
        warnings: [],
        clientMessages: null,
        prices: null,
        analyse: false,
        script: null,
      },
      { http, flite, env: { HOME: workingDirectory, ...servers.env }, workingDirectory, signal },
    )
    const observation = (seen: Observation) => {
      observations.push(seen)
      if (seen.type === 'customer.speech.started' || seen.type === 'customer.speech.stopped')
        lateMs = Math.max(lateMs, seen.atMs - seen.audioMs)
      lastMs = performance.now()
      wake()
    }
    await runLiveCall(call, { observation }, signal)
  } catch (error) {
    if (!(error instanceof VapiError)) throw error
    refused = error
  } finally {
    clearInterval(watch)
    http.close()
    await flite.close()
    await servers.close()
  }
  const ears = createMarkedEars()
  // A call that ends at once has no sound.
  if (observations.some(({ type }) => type === 'assistant.speech.started'))
    ears.listen(await toMono16k(readWav(readFileSync(join(workingDirectory, file)))))
  const { asked, written, unmarked, faults } = servers
  return {
    ...{ plan, observations, said, sounded: ears.words, unanswered, hangs, lateMs },
    ...{ asked, written, unmarked, faults, refused },
  }
}

function assistantOf({ transcribers, models, voices }: CallPlan): object {
  const [transcriber, ...otherTranscribers] = transcribers.map(name => {
    const [provider, model] = name.split('/')
    return { provider, model, language: 'en' }
  })
  const [model, ...fallbackModels] = models
  const [voice, ...otherVoices] = voices.map(name => {
    const [provider, voiceId] = name.split('/')
    return { provider, voiceId }
  })
  return {
    firstMessageMode: 'assistant-waits-for-user',
    silenceTimeoutSeconds: 120,
    transcriber: { ...transcriber, fallbackPlan: { transcribers: otherTranscribers } },
    model: { provider: 'openai', model, fallbackModels },
    voice: {
      ...voice,
      chunkPlan: { formatPlan: { enabled: false } },
      fallbackPlan: { voices: otherVoices },
    },
    startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'livekit', waitFunction: '250' } },
    stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.2, backoffSeconds: 0 },
    backgroundSpeechDenoisingPlan: { smartDenoisingPlan: { enabled: false } },
    backgroundSound: 'off',
    artifactPlan: { recordingEnabled: false },
  }
}

/** The same noise at every call, about -60 dBFS. */
function noise(ms: number): Int16Array {
  let seed = 1
  return new Int16Array((ms * SAMPLE_RATE) / 1000).map(() => {
    seed = (seed * 16_807) % 2_147_483_647
    return (seed % 101) - 50
  })
}

function bytes(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
}

function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
