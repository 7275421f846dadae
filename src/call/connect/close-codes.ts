import { VapiError } from '../../errors.ts'
import type { SocketEnd } from '../../net/web-socket.ts'

interface Meaning {
  /** Follows “the connection of the call”. */
  says: string
  hint: string
}

const AGAIN = 'a call over a WebSocket cannot be taken up again: start a new one'

/** Codes of RFC 6455 and its registry, as far as the platform is known to use them. */
const meanings: Readonly<Record<number, Meaning>> = {
  1001: { says: 'was left by the server, which is going away', hint: AGAIN },
  1002: { says: 'was closed: the server found a fault in the protocol', hint: 'please report it' },
  1003: { says: 'was closed: the server takes no such data', hint: 'try another --audio-format' },
  1006: { says: 'broke off without a goodbye', hint: `check the network; ${AGAIN}` },
  1007: { says: 'was closed: the server could not read a message', hint: 'please report it' },
  1008: {
    says: 'was closed by a rule of the server: the key, the audio format or the state of the account',
    hint: 'check the key (vapi auth status) and --audio-format',
  },
  1009: { says: 'was closed: a message was too large', hint: AGAIN },
  1011: { says: 'was closed by a fault of the server', hint: AGAIN },
  1012: { says: 'was closed: the server restarts', hint: AGAIN },
  1013: { says: 'was closed: the server has too much to do', hint: 'try again in a while' },
}

/** True for an end of the connection that says nothing of a fault. */
export function isGoodClose({ code }: SocketEnd): boolean {
  return code === 1000 || code === 1005
}

/** The end of a connection as an error, with what its code means. */
export function closeError(end: SocketEnd): VapiError {
  const { code, reason } = end
  const { says, hint } = meanings[code] ?? { says: 'was closed', hint: AGAIN }
  return new VapiError({
    code: 'call-connection-lost',
    message: `the connection of the call ${says} (${code}${reason === '' ? '' : `: ${reason}`})`,
    retryable: [1001, 1006, 1011, 1012, 1013].includes(code),
    hint,
  })
}
