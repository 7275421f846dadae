import type { IncomingMessage } from 'node:http'
import { isLoopbackHost } from '../../loopback-host.ts'
import { isSameText } from '../../same-text.ts'

/** Header in which the page repeats the token of its address. A page of elsewhere cannot send it. */
export const TOKEN_HEADER = 'x-inspector-token'

export interface Refusal {
  status: 401 | 403
  message: string
}

/**
 * Why a request may not be answered, or null. Anything in a browser can send requests to this machine: a name of
 * elsewhere that was pointed here is told by its Host, a page of elsewhere by its Origin. `token` null: none is needed.
 */
export function refusalOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  port: number,
  token: string | null,
): Refusal | null {
  const host = headers.host?.toLowerCase() ?? ''
  if (!isLoopbackHost(host, port))
    return { status: 403, message: 'the inspector is reached by the address that the listener shows alone' }
  if (token === null) return null
  const { origin } = headers
  const site = headers['sec-fetch-site']
  if (
    (origin !== undefined && origin.toLowerCase() !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin')
  )
    return { status: 403, message: 'the inspector takes requests of its own page alone' }
  const given = headers[TOKEN_HEADER]
  if (typeof given === 'string' && isSameText(given, token)) return null
  return { status: 401, message: 'the token is missing or of an earlier run' }
}
