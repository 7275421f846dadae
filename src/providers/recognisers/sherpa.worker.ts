/**
 * Recognises speech with sherpa-onnx in a process of its own: its native part ends the whole process when a model
 * file is damaged. Ends with its parent.
 */
import { createRequire } from 'node:module'
import type { Transcript } from '../../engine/ports/transcriber.ts'
import type { SherpaModelFiles } from './sherpa-model.ts'

export type SherpaRequest =
  | { type: 'load'; packagePath: string; model: SherpaModelFiles }
  /** @property untilMs When the last sample was heard, since the call began. */
  | { type: 'speech'; samples: Int16Array; untilMs: number }
  /** The stretch of speech is over. */
  | { type: 'end'; audioMs: number }
  | { type: 'close' }

export type SherpaReply =
  | { type: 'loaded' }
  | { type: 'failed'; message: string }
  | { type: 'transcript'; transcript: Transcript }

/** The part of sherpa-onnx-node that is used, after its streaming-asr.js and types.js (1.13.8). */
interface SherpaPackage {
  OnlineRecognizer: new (config: object) => OnlineRecognizer
}
interface OnlineRecognizer {
  createStream(): OnlineStream
  isReady(stream: OnlineStream): boolean
  decode(stream: OnlineStream): void
  isEndpoint(stream: OnlineStream): boolean
  reset(stream: OnlineStream): void
  getResult(stream: OnlineStream): { text: string }
}
interface OnlineStream {
  acceptWaveform(sound: { samples: Float32Array; sampleRate: number }): void
  inputFinished(): void
}

const SAMPLE_RATE = 16_000
/**
 * Silence that a streaming model needs after the last word to give it: one that takes 0.64 s at a time looks at 0.77 s of
 * sound and gives nothing of less.
 */
const TAIL_SAMPLES = 0.82 * SAMPLE_RATE

function serve(send: (reply: SherpaReply) => void): (request: SherpaRequest) => void {
  let recognizer: OnlineRecognizer | undefined
  let stream: OnlineStream | undefined
  let partial = ''

  return request => {
    if (request.type === 'close') return process.disconnect()
    if (request.type === 'load') {
      recognizer = load(request.packagePath, request.model)
      return send({ type: 'loaded' })
    }
    if (!recognizer) return
    if (request.type === 'speech') {
      stream ??= recognizer.createStream()
      const text = recognised(recognizer, stream, request.samples)
      if (recognizer.isEndpoint(stream)) {
        give('final', text, request.untilMs)
        recognizer.reset(stream)
        partial = ''
      } else if (text !== partial) {
        give('partial', text, request.untilMs)
        partial = text
      }
    } else if (stream) {
      const text = recognised(recognizer, stream, new Int16Array(TAIL_SAMPLES), true)
      give('final', text, request.audioMs)
      stream = undefined
      partial = ''
    }
  }

  function give(transcriptType: 'partial' | 'final', text: string, audioMs: number): void {
    if (text !== '') send({ type: 'transcript', transcript: { transcriptType, text, audioMs } })
  }
}

function load(packagePath: string, { encoder, decoder, joiner, tokens }: SherpaModelFiles): OnlineRecognizer {
  const sherpa = createRequire(packagePath)(packagePath) as SherpaPackage
  return new sherpa.OnlineRecognizer({
    featConfig: { sampleRate: SAMPLE_RATE, featureDim: 80 },
    modelConfig: { transducer: { encoder, decoder, joiner }, tokens, numThreads: 1, provider: 'cpu' },
    decodingMethod: 'greedy_search',
    enableEndpoint: true,
    rule1MinTrailingSilence: 2.4,
    rule2MinTrailingSilence: 1.2,
    rule3MinUtteranceLength: 20,
  })
}

function recognised(
  recognizer: OnlineRecognizer,
  stream: OnlineStream,
  sound: Int16Array,
  last = false,
): string {
  const samples = Float32Array.from(sound, sample => sample / 32_768)
  stream.acceptWaveform({ samples, sampleRate: SAMPLE_RATE })
  if (last) stream.inputFinished()
  while (recognizer.isReady(stream)) recognizer.decode(stream)
  const text = recognizer.getResult(stream).text.trim()
  // Models trained on upper-case text alone have no case to keep.
  return text === text.toUpperCase() ? text.toLowerCase() : text
}

const send = (reply: SherpaReply) => void process.send?.(reply)
const handle = serve(send)
process.on('message', (request: SherpaRequest) => {
  try {
    handle(request)
  } catch (thrown) {
    send({ type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) })
  }
})
