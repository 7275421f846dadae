import { messageOf, systemCodeOf, VapiError, type VapiErrorDetails } from '../errors.ts'

interface NetworkFault {
  code: string
  message: string
  hint?: string
  /** False where the same request cannot succeed before something is set right. */
  retryable?: boolean
}

const PROXY_HINT =
  'check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; NO_PROXY names the hosts that are reached without a proxy'
const CONNECTION_CODE = /^E(CONN|HOST|NET|ADDR|TIMEDOUT|AI_AGAIN|NOTFOUND|PIPE)/
const CERTIFICATE_CODE = /^CERT_|^ERR_TLS_CERT|_CERT(IFICATE)?(_|$)|LEAF_SIGNATURE|SELF_SIGNED/

/** A fault below HTTP. */
export class NetworkError extends VapiError {
  /** False where the peer cannot have seen the request: what it asks for was not done, so repeating it is safe. */
  readonly sent: boolean

  constructor(details: VapiErrorDetails & { sent: boolean }) {
    super(details)
    this.sent = details.sent
  }
}

/** How far a request had come when it failed. */
export interface FaultStage {
  /** The connection was there, so that the peer may have seen the request. */
  sent: boolean
  /** The proxy that the connection was being made through, without user and password; absent once it was. */
  proxy?: string
}

/** What the system reported on the way to `url`, as an error that says it in words. */
export function networkError(url: URL, thrown: unknown, stage: FaultStage = { sent: true }): VapiError {
  if (thrown instanceof VapiError) return thrown
  const { sent, proxy } = stage
  const code = systemCodeOf(thrown) ?? ''
  // A SOCKS proxy may leave the look-up of the target's name to us.
  const isProxyFault = proxy !== undefined && !(code === 'ENOTFOUND' && isAbout(thrown, url.hostname))
  const found = isProxyFault
    ? proxyFaultOf(url, proxy, code, messageOf(thrown))
    : faultOf(url, code, messageOf(thrown))
  const { retryable = true, ...fault } = found
  return new NetworkError({ ...fault, retryable, sent, cause: isProxyFault ? undefined : thrown })
}

/** A proxy answered the request for a tunnel with this status. */
export function proxyRefusal(url: URL, proxy: string, status: number): VapiError {
  const common = { code: 'proxy-refused', sent: false, retryable: status >= 500 }
  if (status === 407)
    return new NetworkError({
      ...common,
      message: `the proxy ${proxy} asks for a user and a password (407)`,
      hint: 'put them into the variable that names the proxy: http://USER:PASSWORD@HOST:PORT',
    })
  return new NetworkError({
    ...common,
    message: `the proxy ${proxy} refused a connection to ${url.host} (${status})`,
    hint: PROXY_HINT,
  })
}

function faultOf(url: URL, code: string, message: string): NetworkFault {
  const place = url.origin
  switch (code) {
    case 'ECONNREFUSED':
      return {
        code: 'connection-refused',
        message: `nothing answers at ${place}`,
        hint: 'start the server there, or correct the address',
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'name-not-found',
        message: `the name ${url.hostname} could not be looked up (${code})`,
        hint: 'check the address and the network connection',
      }
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return {
        code: 'unreachable',
        message: `there is no way to ${place} from here (${code})`,
        hint: 'check the network connection',
      }
    case 'ETIMEDOUT':
      return { code: 'timeout', message: `${place} did not accept a connection in time` }
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return {
        code: 'connection-lost',
        message: `${place} closed the connection before its answer was complete`,
      }
    case 'ERR_INVALID_CHAR':
      return {
        code: 'invalid-header',
        message: `the request cannot be sent: ${message}`,
        hint: 'look for line breaks or typographic quotes in the key or header',
        retryable: false,
      }
  }
  if (CERTIFICATE_CODE.test(code))
    return {
      code: 'tls-failed',
      message: `the certificate of ${url.host} is not trusted (${code})`,
      hint: 'if it is signed by an authority of your own, set NODE_EXTRA_CA_CERTS to its file',
      retryable: false,
    }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS'))
    return {
      code: 'tls-failed',
      message: `no secure connection to ${url.host} (${code})`,
      hint: 'check whether the address should begin with http:// instead of https://',
    }
  if (code.startsWith('HPE_'))
    return { code: 'not-http', message: `${place} answered with something that is not HTTP (${code})` }
  return { code: 'network', message: `the request to ${place} failed: ${message}` }
}

function proxyFaultOf(url: URL, proxy: string, code: string, message: string): NetworkFault {
  const what = CONNECTION_CODE.test(code)
    ? `the proxy ${proxy} does not answer (${code})`
    : `no connection to ${url.origin} through the proxy ${proxy}: ${message}`
  return { code: 'proxy-failed', message: what, hint: PROXY_HINT }
}

function isAbout(thrown: unknown, hostname: string): boolean {
  return typeof thrown === 'object' && thrown !== null && 'hostname' in thrown && thrown.hostname === hostname
}

/** A limit on waiting was reached. */
export function timeoutError(message: string, sent = true): VapiError {
  return new NetworkError({ code: 'timeout', message, retryable: true, sent })
}
