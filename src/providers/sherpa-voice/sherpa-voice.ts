import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import type { Voice, VoicePiece } from '../../engine/ports/voice.ts'
import { VapiError } from '../../errors.ts'
import { workerFile } from '../../package-root.ts'
import { findSherpaPackage } from '../recognisers/sherpa-model.ts'
import type { SherpaVoiceReply, SherpaVoiceRequest } from './sherpa-voice.worker.ts'
import { findVoiceModel } from './voice-model.ts'

const MIN_SPEED = 0.25
const MAX_SPEED = 4
const MAX_THREADS = 4
const LOAD_LIMIT_MS = 60_000
const END_LIMIT_MS = 3_000

export interface SherpaVoiceOptions {
  /** `sherpa-onnx/NAME`. */
  name: string
  /** `NAME`, `NAME/SPEAKER` or a folder. */
  voiceId: string
  env: NodeJS.ProcessEnv
  /** Where `sherpa-onnx-node` is looked for besides global folders. */
  cwd: string
  /** Loads the model at once, so that the first text does not wait for it. */
  preload?: boolean
}

/** What a text under way is told. */
interface Speaking {
  sound(piece: VoicePiece): void
  over(error: VapiError | null): void
}

/** The process, once its model is loaded. */
interface Engine {
  ask(request: SherpaVoiceRequest): void
  speaking: Map<number, Speaking>
}

/**
 * A voice of sherpa-onnx (VITS, Piper's among them, and Kokoro), in a process that starts with the first text and is
 * started again after it died. It gives one piece of sound a sentence and no word timing; `settings.speed` is honoured.
 * Run with the package (1.13.8) and a made model that gives a tone for every letter; never with a real one.
 * @throws VapiError what keeps it from speaking: `recogniser-not-installed`, and what `findVoiceModel` throws.
 */
export function createSherpaVoice(options: SherpaVoiceOptions): Voice {
  const { name, voiceId, env, cwd, preload = false } = options
  const { model, speaker } = findVoiceModel(env, voiceId)
  const packagePath = findSherpaPackage(env, cwd)
  let engine: Promise<Engine> | undefined
  let child: ChildProcess | undefined
  let lastId = 0
  /** Texts under way; only they keep this process alive. */
  let users = 0
  let closed = false
  if (preload) {
    engine = launch()
    // The first text tells of it, or brings another try.
    engine.catch(() => {})
  }

  return {
    name,
    capabilities: { wordTiming: false },
    async *speak({ text, settings }, signal) {
      engine ??= launch()
      users++
      keepAlive()
      const { ask, speaking } = await engine.finally(release)
      if (signal.aborted) return
      users++
      keepAlive()
      const id = ++lastId
      const pieces: VoicePiece[] = []
      let end: { error: VapiError | null } | null = null
      let wake = () => {}
      speaking.set(id, {
        sound(piece) {
          pieces.push(piece)
          wake()
        },
        over(error) {
          end = { error }
          wake()
        },
      })
      const stop = () => wake()
      signal.addEventListener('abort', stop, { once: true })
      try {
        ask({ type: 'speak', id, text, speaker, speed: speedOf(settings.speed) })
        for (;;) {
          const piece = pieces.shift()
          if (signal.aborted) return
          if (piece !== undefined) yield piece
          else if (end !== null) {
            const { error } = end as { error: VapiError | null }
            if (error !== null) throw error
            return
          } else
            await new Promise<void>(resolve => {
              wake = resolve
            })
        }
      } finally {
        signal.removeEventListener('abort', stop)
        speaking.delete(id)
        release()
        if (end === null) ask({ type: 'cancel', id })
      }
    },
    async close() {
      closed = true
      const ending = child
      if (!ending) return
      users++
      keepAlive()
      const limit = setTimeout(() => ending.kill('SIGKILL'), END_LIMIT_MS)
      await new Promise(resolve => {
        ending.on('close', resolve)
        if (ending.connected) ending.send({ type: 'close' } satisfies SherpaVoiceRequest)
      })
      clearTimeout(limit)
    },
  }

  function keepAlive(): void {
    const held = users > 0
    if (held) child?.ref()
    else child?.unref()
    for (const pipe of [child?.channel, child?.stderr as Socket | null | undefined])
      if (held) pipe?.ref()
      else pipe?.unref()
  }

  function release(): void {
    users--
    keepAlive()
  }

  /** Resolves when the model is loaded. The process is in a group of its own, so that Ctrl-C reaches us and not it. */
  function launch(): Promise<Engine> {
    if (closed) return Promise.reject(failed('it was closed'))
    const started = fork(workerFile('sherpa-voice'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      env: { ...env },
      detached: true,
    })
    child = started
    keepAlive()
    const speaking: Engine['speaking'] = new Map()
    const ask = (request: SherpaVoiceRequest) => void (started.connected && started.send(request))
    let log = ''
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-2_000)
    })
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => fail(failed(`its model was not loaded in ${LOAD_LIMIT_MS / 1000} s`)),
        LOAD_LIMIT_MS,
      ).unref()
      const fail = (error: VapiError) => {
        clearTimeout(limit)
        if (child === started) {
          child = undefined
          engine = undefined
        }
        started.kill('SIGKILL')
        reject(error)
        for (const { over } of speaking.values()) over(error)
        speaking.clear()
      }
      started.on('message', (reply: SherpaVoiceReply) => {
        if (reply.type === 'failed') return fail(failed(reply.message))
        if (reply.type === 'loaded') {
          clearTimeout(limit)
          if (speaker >= reply.speakers)
            return fail(failed(`it has no speaker ${speaker}: there are ${reply.speakers}, from 0`))
          return resolve({ ask, speaking })
        }
        const { id } = reply
        if (reply.type === 'sound') {
          const { samples, sampleRate } = reply
          speaking.get(id)?.sound({ audio: { type: 'pcm', samples, sampleRate } })
        } else speaking.get(id)?.over(reply.message === null ? null : failed(reply.message))
      })
      started.on('error', error => fail(failed(error.message)))
      started.on('close', (code, signal) => {
        fail(
          failed(
            `its process ended (${signal ?? `exit code ${code}`}): ${log.trim().split('\n').at(-1) ?? ''}`,
          ),
        )
      })
      const numThreads = Math.max(1, Math.min(MAX_THREADS, Math.floor(availableParallelism() / 2)))
      ask({
        ...{ type: 'load', packagePath },
        config: { model: { ...model, numThreads, provider: 'cpu' }, maxNumSentences: 1 },
      })
    })
  }

  function failed(reason: string): VapiError {
    return new VapiError({
      code: 'voice-failed',
      message: `the voice ${name} failed: ${reason}`,
      retryable: !closed,
      endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
      hint: 'vapi voice models pull NAME checks a model that was pulled, and mends it',
    })
  }
}

function speedOf(setting: unknown): number {
  if (typeof setting !== 'number' || !(setting > 0)) return 1
  return Math.min(MAX_SPEED, Math.max(MIN_SPEED, setting))
}
