import { Worker } from 'node:worker_threads'
import type { Voice } from '../../engine/ports/voice.ts'
import { VapiError } from '../../errors.ts'
import { workerFile } from '../../package-root.ts'
import { type EmbeddedVoiceOptions, embeddedVoice, type SpeakSentence } from './embedded-voice.ts'
import type { FliteReply, FliteRequest } from './flite.worker.ts'
import type { FliteSound } from './flite-sound.ts'

/** A worker that died this often is not started again. */
const MAX_DEATHS = 3

/** One worker that speaks for any number of voices, sentence by sentence. */
export interface FliteEngine {
  /** A voice that shares this engine; closing it leaves the engine running. */
  voice(options?: EmbeddedVoiceOptions): Voice
  /** Compiles Flite and lets it speak a word, so that the first real sentence comes at full speed. */
  warmUp(): Promise<void>
  /** Ends the worker; sentences under way fail. */
  close(): Promise<void>
}

interface Pending {
  resolve(sound: FliteSound | undefined): void
  reject(error: VapiError): void
}

/**
 * The embedded speech synthesiser. Its worker starts with the first sentence or `warmUp()`, is started again after
 * it died, at most three times, and keeps the process alive only while a sentence is under way.
 * @param workerPath The built worker; another path is for tests.
 */
export function createFliteEngine(workerPath = workerFile('flite')): FliteEngine {
  const pending = new Map<number, Pending>()
  let worker: Worker | undefined
  let deaths = 0
  let lastId = 0
  let closed = false

  return {
    voice: options => embeddedVoice(speakSentence, options),
    async warmUp() {
      const greeting = { voice: 'slt', text: 'Hello there.', ssml: false, durationStretch: 1 } as const
      await speakSentence(greeting, new AbortController().signal)
    },
    async close() {
      closed = true
      await worker?.terminate()
    },
  }

  async function speakSentence(...[sentence, signal]: Parameters<SpeakSentence>): ReturnType<SpeakSentence> {
    if (signal.aborted) return undefined
    if (closed) throw failure('voice-closed', 'the embedded voice was closed', false)
    if (deaths >= MAX_DEATHS) {
      throw failure('voice-worker-died', `the embedded voice crashed ${deaths} times and stays off`, false)
    }
    const current = worker ?? startWorker()
    worker = current
    const id = ++lastId
    const abort = () => settle(id)?.resolve(undefined)
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject })
        current.ref()
        current.postMessage({ id, ...sentence } satisfies FliteRequest)
      })
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  function settle(id: number): Pending | undefined {
    const found = pending.get(id)
    pending.delete(id)
    if (pending.size === 0) worker?.unref()
    return found
  }

  function startWorker(): Worker {
    const started = new Worker(workerPath)
    let cause: unknown
    started.on('message', (reply: FliteReply) => {
      const asked = settle(reply.id)
      if ('sound' in reply) asked?.resolve(reply.sound)
      else asked?.reject(failure('voice-failed', `the embedded voice failed: ${reply.failure}`, true))
    })
    started.on('error', error => {
      cause = error
    })
    started.on('exit', code => {
      worker = undefined
      if (!closed) deaths++
      const what = closed ? 'was closed' : `crashed (exit code ${code})`
      for (const id of [...pending.keys()]) {
        settle(id)?.reject(failure('voice-worker-died', `the embedded voice ${what}`, !closed, cause))
      }
    })
    return started
  }
}

/** An embedded voice with an engine of its own, which ends with the voice. */
export function createEmbeddedVoice(options: EmbeddedVoiceOptions = {}): Voice & { warmUp(): Promise<void> } {
  const engine = createFliteEngine()
  return { ...engine.voice(options), warmUp: engine.warmUp, close: engine.close }
}

function failure(code: string, message: string, retryable: boolean, cause?: unknown): VapiError {
  return new VapiError({
    code,
    message,
    retryable,
    endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
    cause,
  })
}
