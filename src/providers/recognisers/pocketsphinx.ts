import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Transcriber, TranscriberListener } from '../../engine/ports/transcriber.ts'
import { VapiError } from '../../errors.ts'
import { createJsonLineReader, createWordTimeReader, type Utterance } from './pocketsphinx-output.ts'
import { createSpeechGate } from './speech-gate.ts'

/** PocketSphinx ends an utterance after 0.5 s of silence; it reads blocks of 0.13 s. */
const BACKGROUND_TAIL_MS = 400
const SILENCE_TAIL_MS = 600
const CONTINUOUS_SCRIPT = 'cat | { "$0" -infile /dev/stdin -time yes; kill 0; }'
const LOAD_LIMIT_MS = 20_000
const END_LIMIT_MS = 3_000

export interface PocketSphinxProgram {
  /** `continuous` is `pocketsphinx_continuous` of the 0.8 and 5-prealpha releases, `live` is `pocketsphinx` 5. */
  kind: 'continuous' | 'live'
  path: string
}

type Engine = ChildProcessByStdio<Writable, Readable, Readable>

/** A stretch of speech in the stream that the program was fed. */
interface Stretch {
  streamMs: number
  audioMs: number
  /** When its speech ended; unknown while it goes on. */
  stoppedMs: number
}

/**
 * PocketSphinx with its American English model, as a separate program; no partials.
 *
 * The program gets the stretches of speech only (see `createSpeechGate`). After each one it gets a second of
 * background and silence at once, faster than it would be heard, so that its own endpointer gives the text about
 * 0.15 s after the end is known rather than 0.35 s. One process serves the whole call: it adapts to the speaker.
 *
 * `live` is written after the manual page of PocketSphinx 5 and was never run against it; releases before 5.0.3 do
 * not flush their output and give nothing until the end.
 */
export function createPocketSphinx(program: PocketSphinxProgram): Transcriber {
  const readUtterances = program.kind === 'live' ? createJsonLineReader() : createWordTimeReader()
  const stretches: Stretch[] = []
  let engine: Engine | undefined
  let listener: TranscriberListener | undefined
  let fedSamples = 0
  let inStretch = false
  let closing = false
  /** It has got a whole stretch and printed nothing since. */
  let behind = false

  const gate = createSpeechGate({
    speech(frame) {
      if (!inStretch) {
        inStretch = true
        stretches.push({ streamMs: fedMs(), audioMs: frame.audioMs, stoppedMs: Number.POSITIVE_INFINITY })
      }
      feed(frame.samples)
    },
    ended(audioMs, background) {
      inStretch = false
      const stretch = stretches.at(-1)
      if (stretch) stretch.stoppedMs = audioMs
      if (background.length > 0) {
        const samples = new Int16Array((BACKGROUND_TAIL_MS / 1000) * SAMPLE_RATE)
        feed(samples.map((_, index) => background[index % background.length]))
      }
      feed(new Int16Array((SILENCE_TAIL_MS / 1000) * SAMPLE_RATE))
      behind = true
    },
  })

  return {
    name: 'pocketsphinx/en-us',
    capabilities: { endOfTurn: false, partials: false, languages: ['en'] },
    async start(given) {
      listener = given
      const child = launch(program)
      engine = child
      let lastError = ''
      child.stdin.on('error', () => {}) // The process's end is told by 'close'.
      child.stdout.setEncoding('utf8').on('data', (output: string) => {
        behind = false
        readUtterances(output).forEach(report)
      })
      child.stderr.setEncoding('utf8').on('data', (log: string) => {
        lastError = log.match(/(?:ERROR|FATAL).*/g)?.at(-1) ?? lastError
      })
      let ready = false
      child.on('close', () => {
        engine = undefined
        if (ready && !closing) given.failed(ended('stopped by itself', lastError))
      })
      await loaded(child, program).catch(reason => {
        kill(child)
        throw ended(reason instanceof Error ? reason.message : String(reason), lastError)
      })
      ready = true
    },
    push: gate.push,
    speech: gate.speech,
    isBehind: () => behind,
    async close() {
      gate.close()
      closing = true
      if (!engine) return
      const child = engine
      const limit = setTimeout(() => kill(child), END_LIMIT_MS)
      await new Promise(resolve => {
        child.on('close', resolve)
        child.stdin.end()
      })
      clearTimeout(limit)
    },
  }

  function feed(samples: Int16Array): void {
    fedSamples += samples.length
    engine?.stdin.write(Buffer.from(samples.slice().buffer))
  }

  function fedMs(): number {
    return (fedSamples / SAMPLE_RATE) * 1000
  }

  function report(utterance: Utterance): void {
    const { text, endSeconds, confidence } = utterance
    const endMs = endSeconds * 1000
    const stretch = stretches.findLast(({ streamMs }) => streamMs <= endMs) ?? stretches[0]
    stretches.splice(0, stretches.indexOf(stretch))
    const audioMs = stretch ? Math.min(stretch.stoppedMs, stretch.audioMs + endMs - stretch.streamMs) : endMs
    listener?.transcript({ transcriptType: 'final', text, audioMs, confidence })
  }
}

/**
 * Starts the program in a process group of its own, so that Ctrl-C reaches us and not it. It ends when its input
 * does, hence also when we are killed.
 */
function launch({ kind, path }: PocketSphinxProgram): Engine {
  // Node's pipes are sockets, which cannot be opened again by the name /dev/stdin; those of `cat` can. `kill 0` ends
  // the group with the recogniser: `cat` would wait for its next input.
  const [command, ...args] = kind === 'live' ? [path, 'live', '-'] : ['sh', '-c', CONTINUOUS_SCRIPT, path]
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
}

/** Resolves when the model is loaded; `live` does not tell, there it is when the process exists. */
async function loaded(child: Engine, { kind, path }: PocketSphinxProgram): Promise<void> {
  let limit: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      limit = setTimeout(() => reject(new Error('did not load its model in time')), LOAD_LIMIT_MS)
      child.on('close', () => reject(new Error('ended while loading')))
      child.on('error', error => reject(new Error(`could not be started (${path}): ${error.message}`)))
      if (kind === 'live') child.on('spawn', resolve)
      let log = ''
      child.stderr.on('data', function read(text: string) {
        log += text
        if (!log.includes('COMPILED ON')) return
        child.stderr.off('data', read)
        resolve()
      })
    })
  } finally {
    clearTimeout(limit)
  }
}

function kill(child: Engine): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

function ended(what: string, lastError: string): VapiError {
  return new VapiError({
    code: 'recogniser-failed',
    message: `PocketSphinx ${what}${lastError === '' ? '' : `: ${lastError}`}`,
    endedReason: 'call.in-progress.error-vapifault-vapi-transcriber-failed',
    hint: 'install its English model (Debian, Ubuntu: sudo apt-get install pocketsphinx-en-us)',
  })
}
