import { stripVTControlCharacters } from 'node:util'

const MAXIMUM_LENGTH = 160

/** A line of a tool as it may be shown: in one piece, without what looks like a token. */
export function shownWords(line: string): string {
  const text = stripVTControlCharacters(line)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/(authtoken|token|secret|password)(\s*[:=]\s*)\S+/gi, '$1$2***')
    // Tokens of ngrok have 43 signs and more; names of hosts have dots and hyphens between shorter parts.
    .replace(/[A-Za-z0-9_]{28,}/g, '***')
    .replace(/\s+/g, ' ')
    .trim()
  return text.length > MAXIMUM_LENGTH ? `${text.slice(0, MAXIMUM_LENGTH)}…` : text
}

/** What Go and Node print where a service cannot be reached. */
export const NETWORK_WORDS =
  /dial tcp|dial udp|no such host|i\/o timeout|network is unreachable|connection refused|connection reset|no route to host|failed to dial|proxyconnect|TLS handshake|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/i

/** The cause in a few words, from the end of such a message: `no such host`. */
export function networkCause(text: string): string {
  if (/no such host|ENOTFOUND/i.test(text)) return 'its name is not found'
  if (/EAI_AGAIN|server misbehaving|lookup .*(refused|timeout|unreachable)/i.test(text))
    return 'no name server answers'
  if (/x509|certificate/i.test(text)) return 'the certificate on the way is not its own'
  if (/proxyconnect/i.test(text)) return 'the proxy does not let it through'
  if (/refused|ECONNREFUSED/i.test(text)) return 'the connection is refused'
  if (/timeout|timed out|ETIMEDOUT|no recent network activity/i.test(text)) return 'it does not answer'
  if (/unreachable|no route/i.test(text)) return 'there is no way to it'
  return 'the connection fails'
}
