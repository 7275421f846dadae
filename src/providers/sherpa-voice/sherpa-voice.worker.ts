/**
 * Speaks with sherpa-onnx in a process of its own: its native part ends the whole process when a model file is damaged.
 * Ends with its parent. Requests are spoken one after the other, sentence by sentence.
 */
import { createRequire } from 'node:module'

export type SherpaVoiceRequest =
  /** @property config What the package's `OfflineTts` is made with. */
  | { type: 'load'; packagePath: string; config: object }
  | { type: 'speak'; id: number; text: string; speaker: number; speed: number }
  /** Nobody wants to hear it any more. */
  | { type: 'cancel'; id: number }
  | { type: 'close' }

export type SherpaVoiceReply =
  | { type: 'loaded'; speakers: number }
  | { type: 'failed'; message: string }
  | { type: 'sound'; id: number; samples: Int16Array; sampleRate: number }
  /** @property message What went wrong, or null. */
  | { type: 'spoken'; id: number; message: string | null }

/** The part of sherpa-onnx-node that is used, after its non-streaming-tts.js and types.js (1.13.8). */
interface SherpaPackage {
  OfflineTts: new (config: object) => OfflineTts
}
interface OfflineTts {
  numSpeakers: number
  sampleRate: number
  generateAsync(request: {
    text: string
    sid: number
    speed: number
    enableExternalBuffer: boolean
    /** Given the sound of the next sentence; 0 ends it. */
    onProgress(piece: { samples: Float32Array }): number
  }): Promise<unknown>
}

function serve(send: (reply: SherpaVoiceReply) => void): (request: SherpaVoiceRequest) => void {
  let voice: OfflineTts | undefined
  let queue = Promise.resolve()
  const cancelled = new Set<number>()

  return request => {
    if (request.type === 'close') return process.disconnect()
    if (request.type === 'cancel') return void cancelled.add(request.id)
    if (request.type === 'load') {
      const sherpa = createRequire(request.packagePath)(request.packagePath) as SherpaPackage
      voice = new sherpa.OfflineTts(request.config)
      return send({ type: 'loaded', speakers: Math.max(1, voice.numSpeakers) })
    }
    const speaking = voice
    if (speaking !== undefined) queue = queue.then(() => speak(speaking, request))
  }

  async function speak(
    voice: OfflineTts,
    { id, text, speaker, speed }: Extract<SherpaVoiceRequest, { type: 'speak' }>,
  ): Promise<void> {
    let message: string | null = null
    try {
      if (!cancelled.has(id))
        await voice.generateAsync({
          ...{ text, sid: speaker, speed, enableExternalBuffer: false },
          onProgress({ samples }) {
            if (cancelled.has(id)) return 0
            send({ type: 'sound', id, samples: wordsOf(samples), sampleRate: voice.sampleRate })
            return 1
          },
        })
    } catch (thrown) {
      message = messageOf(thrown)
    }
    cancelled.delete(id)
    send({ type: 'spoken', id, message })
  }
}

function wordsOf(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, sample => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))))
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

const send = (reply: SherpaVoiceReply) => void process.send?.(reply)
const handle = serve(send)
process.on('message', (request: SherpaVoiceRequest) => {
  try {
    handle(request)
  } catch (thrown) {
    send({ type: 'failed', message: messageOf(thrown) })
  }
})
