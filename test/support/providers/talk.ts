/** Somebody who speaks to a transcriber of the network, up to twenty times as fast as people do. */
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../../src/engine/ports/audio-input.ts'
import type { Transcriber, Transcript } from '../../../src/engine/ports/transcriber.ts'
import type { VapiError } from '../../../src/errors.ts'
import type { HttpClient } from '../../../src/net/http.ts'
import type { TranscriberProvider } from '../../../src/providers/transcribers/types.ts'
import { findVendor } from '../../../src/providers/vendors.ts'
import { sayWords } from './ears.ts'

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
/** Silence after which voice activity detection says that the speech is over. */
const STOP_MS = 300

export interface Talk {
  readonly transcripts: Transcript[]
  readonly warnings: string[]
  readonly failures: VapiError[]
  /** All final texts, joined. */
  readonly text: string
  readonly finals: Transcript[]
  start(): Promise<void>
  /** Says words as `sayWords` makes them, with the edges of speech. */
  say(text: string): Promise<void>
  /** Is silent until it is so. */
  until(isSo: () => boolean): Promise<void>
}

export function talkTo(transcriber: Transcriber): Talk {
  const transcripts: Transcript[] = []
  const warnings: string[] = []
  const failures: VapiError[] = []
  let audioMs = 0
  let lastLoudMs = Number.NEGATIVE_INFINITY
  let isSpeaking = false

  async function push(samples: Int16Array): Promise<void> {
    transcriber.push({ samples, audioMs })
    const isLoud = samples.some(sample => sample !== 0)
    if (isLoud) lastLoudMs = audioMs + FRAME_MS
    audioMs += FRAME_MS
    if (isLoud !== isSpeaking && (isLoud || audioMs - lastLoudMs >= STOP_MS)) {
      isSpeaking = isLoud
      transcriber.speech(isLoud ? 'started' : 'stopped', isLoud ? audioMs - FRAME_MS : lastLoudMs)
    }
    await new Promise(resolve => setTimeout(resolve, 1))
  }

  return {
    transcripts,
    warnings,
    failures,
    get finals() {
      return transcripts.filter(({ transcriptType }) => transcriptType === 'final')
    },
    get text() {
      return this.finals.map(({ text }) => text).join(' ')
    },
    start: () =>
      transcriber.start({
        transcript: transcript => void transcripts.push(transcript),
        failed: error => void failures.push(error as VapiError),
        warning: message => void warnings.push(message),
      }),
    async say(text) {
      const samples = sayWords(text)
      for (let from = 0; from < samples.length; from += FRAME_SAMPLES) {
        const frame = new Int16Array(FRAME_SAMPLES)
        frame.set(samples.subarray(from, from + FRAME_SAMPLES))
        await push(frame)
      }
    },
    async until(isSo) {
      while (!isSo()) await push(new Int16Array(FRAME_SAMPLES))
    },
  }
}

/** A transcriber of the table as an assistant with these settings has it. */
export function createOf(
  provider: TranscriberProvider,
  { http, baseUrl, key }: { http: HttpClient; baseUrl: string; key: string | null },
  settings: Readonly<Record<string, unknown>> = {},
  more: { endsTurns?: boolean } = {},
): Transcriber {
  const vendor = provider.vendor ?? findVendor(provider.id)
  if (vendor === undefined) throw new Error(`no vendor ${provider.id}`)
  const model = typeof settings.model === 'string' ? settings.model : null
  const language = typeof settings.language === 'string' ? settings.language : 'en'
  const name = `${provider.id}/${model ?? 'default'}`
  return provider.create({ vendor, access: { baseUrl, key }, http, name, model, language, settings, ...more })
}
