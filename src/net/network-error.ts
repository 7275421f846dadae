import { messageOf, systemCodeOf, VapiError } from '../errors.ts'

interface NetworkFault {
  code: string
  message: string
  hint?: string
  /** False where the same request cannot succeed before something is set right. */
  retryable?: boolean
}

const CERTIFICATE_CODE = /^CERT_|^ERR_TLS_CERT|_CERT(IFICATE)?(_|$)|LEAF_SIGNATURE|SELF_SIGNED/

/** What the system reported on the way to `url`, as a VapiError that says it in words. */
export function networkError(url: URL, thrown: unknown): VapiError {
  if (thrown instanceof VapiError) return thrown
  const { retryable = true, ...fault } = faultOf(url, systemCodeOf(thrown) ?? '', messageOf(thrown))
  return new VapiError({ ...fault, retryable, cause: thrown })
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

/** A limit on waiting was reached. */
export function timeoutError(message: string): VapiError {
  return new VapiError({ code: 'timeout', message, retryable: true })
}
