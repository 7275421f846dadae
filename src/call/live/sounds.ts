import type { CompiledAssistant } from '../../assistant/compile.ts'
import { readWav, toMono16k } from '../../audio/wav/read.ts'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { VoiceAudio } from '../../engine/ports/voice.ts'
import { messageOf } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import { isLoopback } from './parts.ts'

const TIME_LIMIT_MS = 20_000
const MAXIMUM_BYTES = 20 * 1024 * 1024

/**
 * Fetches the sound files that stand in place of first messages, before the call begins. One that cannot be had (it is no
 * WAV, or not there) is told as a warning, and its assistant says nothing first.
 */
export async function fetchSounds(
  members: readonly CompiledAssistant[],
  http: HttpClient,
  offline: boolean,
  signal: AbortSignal,
): Promise<{ sounds: ReadonlyMap<string, VoiceAudio>; warnings: string[] }> {
  const sounds = new Map<string, VoiceAudio>()
  const warnings: string[] = []
  for (const { plan } of members) {
    const { opening } = plan
    if (opening.type !== 'sound' || sounds.has(opening.url)) continue
    try {
      if (offline && !isLoopback(opening.url)) throw new Error('it is not on this machine')
      sounds.set(opening.url, await fetchSound(opening.url, http, signal))
    } catch (error) {
      signal.throwIfAborted()
      warnings.push(
        `firstMessage: the sound file ${opening.url} is not played: ${messageOf(error)}; a local call plays WAV files`,
      )
      plan.opening = { type: 'wait' }
    }
  }
  return { sounds, warnings }
}

async function fetchSound(url: string, http: HttpClient, signal: AbortSignal): Promise<VoiceAudio> {
  const reply = await http.request({ url, signal, timeoutMs: TIME_LIMIT_MS })
  if (reply.status !== 200) {
    reply.cancel()
    throw new Error(`its server answered ${reply.status}`)
  }
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of reply.body) {
    bytes += piece.length
    if (bytes > MAXIMUM_BYTES) throw new Error('it is larger than 20 MB')
    pieces.push(piece)
  }
  const samples = await toMono16k(readWav(Buffer.concat(pieces)))
  return { type: 'pcm', samples, sampleRate: SAMPLE_RATE }
}
