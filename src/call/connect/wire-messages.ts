import { isObject } from '../../is-object.ts'

/** A message of the platform over the connection: a bare client message, `hang`, `transfer-update`, `call-ended`. */
export type WireMessage = Readonly<Record<string, unknown>>

/** Asks for the end of the call. */
export const HANG_UP = '{"type":"hangup"}'

/** Null for what is no JSON object. */
export function parseMessage(text: string): WireMessage | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** Why the call is over as a message says; null where it says that alone, undefined where it says nothing of it. */
export function endOf({ type, status, reason, endedReason }: WireMessage): string | null | undefined {
  const said = endedReason ?? reason
  if (type === 'call-ended' || (type === 'status-update' && status === 'ended'))
    return typeof said === 'string' && said !== '' ? said : null
  return undefined
}

/** Whether something is said, thought or done in the call. */
export function isActivity({ type }: WireMessage): boolean {
  return (
    typeof type === 'string' &&
    /^(transcript|speech-update|model-output|voice-input|tool-calls|assistant\.)/.test(type)
  )
}
