import { type ChildProcess, fork } from 'node:child_process'
import { basename } from 'node:path'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Transcriber, TranscriberListener } from '../../engine/ports/transcriber.ts'
import { VapiError } from '../../errors.ts'
import { workerFile } from '../../package-root.ts'
import type { SherpaReply, SherpaRequest } from './sherpa.worker.ts'
import { findSherpaModel, findSherpaPackage } from './sherpa-model.ts'
import { createSpeechGate } from './speech-gate.ts'

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
const END_LIMIT_MS = 3_000

export interface SherpaOptions {
  /** Folder of a streaming transducer model. */
  modelFolder: string
  env: NodeJS.ProcessEnv
  /** Where `sherpa-onnx-node` is looked for besides global folders. */
  cwd: string
  /** What the model knows (ISO 639-1); absent where nobody can tell. */
  languages?: readonly string[] | undefined
}

/**
 * sherpa-onnx with a streaming transducer model of the user's, named `sherpa-onnx/<folder>`; gives partials.
 * Unverified with a real model: it was written after the package's sources (1.13.8) and run against a stand-in of
 * the same interface, and against the real package with missing and damaged models.
 */
export function createSherpa({ modelFolder, env, cwd, languages }: SherpaOptions): Transcriber {
  let engine: ChildProcess | undefined
  let closing = false
  const gate = createSpeechGate({
    speech: ({ samples, audioMs }) => ask({ type: 'speech', samples, untilMs: audioMs + FRAME_MS }),
    ended: audioMs => ask({ type: 'end', audioMs }),
  })

  return {
    name: `sherpa-onnx/${basename(modelFolder)}`,
    capabilities: { endOfTurn: false, partials: true, languages: languages ?? 'any' },
    async start(listener) {
      const model = await findSherpaModel(modelFolder)
      const packagePath = findSherpaPackage(env, cwd)
      await launch({ type: 'load', packagePath, model }, listener)
    },
    push: gate.push,
    speech: gate.speech,
    async close() {
      gate.close()
      closing = true
      const child = engine
      if (!child) return
      const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS)
      await new Promise(resolve => {
        child.on('close', resolve)
        ask({ type: 'close' })
      })
      clearTimeout(limit)
    },
  }

  function ask(request: SherpaRequest): void {
    if (engine?.connected) engine.send(request)
  }

  /** Resolves when the model is loaded. The process is in a group of its own, so that Ctrl-C reaches us and not it. */
  function launch(load: SherpaRequest, listener: TranscriberListener): Promise<void> {
    const child = fork(workerFile('sherpa'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      env: { ...env },
      detached: true,
    })
    engine = child
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-2_000)
    })
    return new Promise((resolve, reject) => {
      let loaded = false
      let over = false
      const fail = (error: VapiError) => {
        if (!loaded) reject(error)
        else if (!closing && !over) listener.failed(error)
        over = true
      }
      child.on('message', (reply: SherpaReply) => {
        if (reply.type === 'transcript') listener.transcript(reply.transcript)
        else if (reply.type === 'failed') {
          fail(sherpaFailed(reply.message))
          child.kill('SIGKILL')
        } else {
          loaded = true
          resolve()
        }
      })
      child.on('error', error => fail(sherpaFailed(error.message)))
      child.on('close', (code, signal) => {
        if (engine === child) engine = undefined
        fail(sherpaFailed(`its process ended (${signal ?? `exit code ${code}`}): ${lastLine(log)}`))
      })
      child.send(load)
    })
  }
}

function lastLine(log: string): string {
  return log.trim().split('\n').at(-1) ?? ''
}

function sherpaFailed(reason: string): VapiError {
  return new VapiError({
    code: 'recogniser-failed',
    message: `sherpa-onnx failed: ${reason}`,
    endedReason: 'call.in-progress.error-vapifault-vapi-transcriber-failed',
    hint: 'it must be a streaming transducer model; vapi voice models pull NAME mends a damaged one that was pulled',
  })
}
