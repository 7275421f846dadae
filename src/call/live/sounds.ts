import type { CompiledAssistant } from '../../assistant/compile.ts'
import { createLoop } from '../../audio/background/loop.ts'
import { type Background, createOffice } from '../../audio/background/office.ts'
import { readWav, toMono16k } from '../../audio/wav/read.ts'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { VoiceAudio } from '../../engine/ports/voice.ts'
import { messageOf } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import { isLoopback } from './parts/choices.ts'

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
    // What is said on demand is among it, also where the assistant waits.
    const { firstMessage } = plan
    if (firstMessage.type !== 'sound' || sounds.has(firstMessage.url)) continue
    try {
      if (offline && !isLoopback(firstMessage.url)) throw new Error('it is not on this machine')
      sounds.set(firstMessage.url, await fetchSound(firstMessage.url, http, signal))
    } catch (error) {
      signal.throwIfAborted()
      warnings.push(
        `firstMessage: the sound file ${firstMessage.url} is not played: ${messageOf(error)}; a local call plays WAV files`,
      )
      if (plan.opening.type === 'sound') plan.opening = { type: 'wait' }
      plan.firstMessage = { type: 'wait' }
    }
  }
  return { sounds, warnings }
}

/**
 * The sound that is heard under the assistant's speech: made (office), or fetched before the call begins. One that cannot be had is
 * told as a warning, and there is none.
 */
export async function fetchBackground(
  background: 'off' | 'office' | { url: string },
  seed: number,
  http: HttpClient,
  offline: boolean,
  signal: AbortSignal,
): Promise<{ background: Background | null; warnings: string[] }> {
  if (background === 'off') return { background: null, warnings: [] }
  if (background === 'office') return { background: createOffice(seed), warnings: [] }
  const { url } = background
  try {
    if (offline && !isLoopback(url)) throw new Error('it is not on this machine')
    const sound = await fetchSound(url, http, signal)
    if (sound.type !== 'pcm' || sound.samples.length === 0) throw new Error('it is empty')
    return { background: createLoop(sound.samples), warnings: [] }
  } catch (error) {
    signal.throwIfAborted()
    const warning = `backgroundSound: ${url} is not played: ${messageOf(error)}; a local call plays WAV files`
    return { background: null, warnings: [warning] }
  }
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
