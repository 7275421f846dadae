import type { IncomingHttpHeaders } from 'node:http'
import { isLoopbackHost } from '../../loopback-host.ts'
import { isSameText } from '../../same-text.ts'

export interface Guarded {
  port: number
  /** False where other machines may ask; then there is a token. */
  loopbackOnly: boolean
  /** Null: none is needed. */
  token: string | null
}

export interface Refusal {
  status: 401 | 403
  message: string
}

/**
 * Why a request may not be answered, or null. Any page in a browser can send requests to this machine: a name of elsewhere
 * that was pointed here is told by its Host, a page of elsewhere by its Origin.
 */
export function refusalOf(
  headers: IncomingHttpHeaders,
  { port, loopbackOnly, token }: Guarded,
): Refusal | null {
  const host = headers.host?.toLowerCase() ?? ''
  if (loopbackOnly && !isLoopbackHost(host, port))
    return { status: 403, message: `this server is reached as 127.0.0.1:${port} or localhost:${port} alone` }
  const site = headers['sec-fetch-site']
  if (
    (headers.origin !== undefined && headers.origin.toLowerCase() !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  )
    return { status: 403, message: 'pages in browsers are not answered' }
  if (token === null) return null
  const given = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  if (given !== undefined && isSameText(given, token)) return null
  return { status: 401, message: 'the token is missing or wrong: send Authorization: Bearer TOKEN' }
}
