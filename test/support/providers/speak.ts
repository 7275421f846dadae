import { joinSamples } from '../../../src/audio/samples.ts'
import type { Voice, VoicePiece, WordTiming } from '../../../src/engine/ports/voice.ts'
import type { HttpClient } from '../../../src/net/http.ts'
import { findVendor } from '../../../src/providers/vendors.ts'
import { VOICES } from '../../../src/providers/voices/table.ts'

/** The voice of a provider, at a server of the tests. */
export function voiceAt(
  id: string,
  baseUrl: string,
  key: string,
  http: HttpClient,
  voiceId: string,
  settings: Readonly<Record<string, unknown>> = {},
): Voice {
  const provider = VOICES.find(known => known.id === id)
  const vendor = findVendor(id)
  if (provider === undefined || vendor === undefined) throw new Error(`there is no provider ${id}`)
  const access = { baseUrl, key }
  return provider.create({
    vendor,
    access,
    http,
    name: `${id}/${voiceId}`,
    voiceId,
    settings,
    language: null,
  })
}

export interface Said {
  samples: Int16Array
  words: WordTiming[]
  pieces: VoicePiece[]
}

/** Everything that a voice says of a text. */
export async function say(
  voice: Voice,
  text: string,
  settings: Readonly<Record<string, unknown>> = {},
  signal = new AbortController().signal,
): Promise<Said> {
  const pieces: VoicePiece[] = []
  for await (const piece of voice.speak({ text, settings }, signal)) pieces.push(piece)
  return {
    samples: joinSamples(pieces.flatMap(({ audio }) => (audio.type === 'pcm' ? [audio.samples] : []))),
    words: pieces.flatMap(({ words }) => words ?? []),
    pieces,
  }
}

/** The stretches of the text that have times, with these in whole milliseconds. */
export function timed(text: string, words: readonly WordTiming[]): [string, number, number][] {
  return words.map(({ from, to, startMs, endMs }) => [
    text.slice(from, to),
    Math.round(startMs),
    Math.round(endMs),
  ])
}
