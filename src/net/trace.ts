/** One finished exchange with a peer, made fit to print: no key, token or password is in it. */
export interface HttpTrace {
  method: string
  /** The address with secret query values, user and password replaced by `***`. */
  url: string
  headers: Readonly<Record<string, string>>
  /** The proxy in between, without user and password. */
  proxy?: string
  /** Status of the reply; absent where none came. */
  status?: number
  /** From the start of the request to the end of the reply's body, in milliseconds. */
  durationMs: number
  /** To the reply's headers, in milliseconds. */
  firstByteMs?: number
  /** True where a connection of an earlier request was used again. */
  reusedConnection: boolean
  /** What went wrong, where something did. */
  error?: string
}

/**
 * Words of names, each as a whole or at the end of one that is written together (`apikey`): `keyterm`, `keywords` and
 * `author` are harmless.
 */
const SECRET_WORD =
  /(key|secret|token|password|passwd|passphrase|passcode|cookie|signature|credential)s?$|^passw|auth[nz]?$|^o?auth(entic|oris|oriz|key|token|code)|^sig$|^jwt$|^bearer$/i
/** The whole name. */
const SECRET_NAME = /^(code|pass|pwd)$/i
/** How many tokens of a language model, not which. */
const COUNT = /^(max|min|num|total|prompt|completion|input|output)[-_]?tokens$/i
const MASK = '***'

/** Does what has this name (a header, a parameter of a query) tell a secret, or that somebody knows one? */
export function isSecretName(name: string): boolean {
  if (SECRET_NAME.test(name)) return true
  if (COUNT.test(name)) return false
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').split(/[^A-Za-z\d]+/)
  return words.some(word => SECRET_WORD.test(word))
}

/** Headers with the values of everything that names a secret replaced. */
export function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretName(name) ? MASK : value]),
  )
}

/** The address with its user, password and secret query values replaced; with `wholeQuery` all values are secret. */
export function maskUrl(address: string | URL, wholeQuery = false): string {
  const url = new URL(address)
  if (url.username) url.username = MASK
  if (url.password) url.password = MASK
  for (const name of new Set(url.searchParams.keys()))
    if (wholeQuery || isSecretName(name)) url.searchParams.set(name, MASK)
  return url.href
}

/** An exchange for `--debug`: one line with what was asked and what came, one with what was sent along. */
export function formatTrace(trace: HttpTrace): string {
  const { method, url, status, error, proxy, durationMs, firstByteMs, reusedConnection } = trace
  const times = [
    ...(firstByteMs === undefined ? [] : [`first byte ${Math.round(firstByteMs)} ms`]),
    `${Math.round(durationMs)} ms`,
    reusedConnection ? 'kept connection' : 'new connection',
    ...(proxy === undefined ? [] : [`proxy ${proxy}`]),
  ]
  const outcome = [status, error].filter(part => part !== undefined).join(', ') || 'no answer'
  const headers = Object.entries(maskHeaders(trace.headers)).map(([name, value]) => `${name}: ${value}`)
  return `http: ${method} ${maskUrl(url)} -> ${outcome} (${times.join(', ')})\nhttp:   ${headers.join('; ')}`
}
