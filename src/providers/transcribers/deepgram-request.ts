import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { SocketAddress } from './protocol.ts'
import type { TranscriberOptions } from './types.ts'

export type Query = readonly (readonly [name: string, value: string])[]

/** Where Deepgram listens, with who asks, which sound comes and the settings that all its models take. */
export function deepgramAddress(
  { access, settings }: TranscriberOptions,
  path: string,
  query: Query,
): SocketAddress {
  const parameters = new URLSearchParams({ encoding: 'linear16', sample_rate: String(SAMPLE_RATE) })
  for (const [name, value] of query) parameters.append(name, value)
  if (settings.numerals === true) parameters.append('numerals', 'true')
  if (settings.profanityFilter === true) parameters.append('profanity_filter', 'true')
  if (settings.mipOptOut === true) parameters.append('mip_opt_out', 'true')
  return {
    url: `${access.baseUrl.replace(/^http/, 'ws')}${path}?${parameters}`,
    ...(access.key !== null && { headers: { authorization: `Token ${access.key}` } }),
  }
}

/** The same parameter once for each value. */
export function each(name: string, values: readonly string[]): Query {
  return values.map(value => [name, value])
}

/** 1008: it cannot read what it was sent (DATA-0000). */
export function deepgramCloseStatus(code: number): number | null {
  return code === 1008 ? 400 : null
}
