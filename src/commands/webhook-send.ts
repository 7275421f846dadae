import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type Delivered, type Delivery, deliver } from '../messages/deliver.ts'
import { checkReply } from '../messages/reply-checks.ts'
import type { Finding } from '../messages/reply-findings.ts'

/** Sends a request to somebody's server. A failure says what the limit was. */
export async function sendTo(
  delivery: Omit<Delivery, 'messageId' | 'signal'>,
  context: Context,
): Promise<Delivered> {
  try {
    return await deliver(await context.http(), {
      ...delivery,
      messageId: `msg_${randomUUID()}`,
      signal: context.signal,
    })
  } catch (thrown) {
    throw explainFailure(thrown, delivery.timeoutMs / 1000)
  }
}

/** Sends a server message as the platform would, and checks what comes back. */
export async function sendMessage(
  { server, message, url, auth, limitSeconds, nowMs, trust }: MessageDelivery,
  context: Context,
): Promise<{ delivered: Delivered; findings: Finding[]; message: MessageDelivery['message'] }> {
  const body = JSON.stringify({ message })
  const request = { url, headers: headersOf(server), auth, body, timeoutMs: limitSeconds * 1000, nowMs }
  const delivered = await sendTo({ ...request, ...(trust !== undefined && { trust }) }, context)
  const contentType = delivered.headers['content-type']
  const findings = checkReply(message, {
    status: delivered.status,
    body: delivered.body,
    ...(contentType !== undefined && { contentType }),
  })
  return { delivered, findings, message }
}

interface MessageDelivery extends Pick<Delivery, 'url' | 'auth' | 'nowMs' | 'trust'> {
  /** Whose static headers go along. */
  server: JsonObject
  message: Readonly<Record<string, unknown>>
  limitSeconds: number
}

/** The static headers of a server. */
function headersOf(server: JsonObject): Record<string, string> {
  const headers = isObject(server.headers) ? server.headers : {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

/** Says of a server that gave no answer in time what the limit was. */
function explainFailure(thrown: unknown, limitSeconds: number): unknown {
  if (!(thrown instanceof VapiError) || thrown.code !== 'timeout') return thrown
  return new VapiError({
    code: 'timeout',
    message: `${thrown.message} (the platform would not have waited longer)`,
    retryable: true,
    hint: `answer faster, or allow more than ${limitSeconds} s where the limit can be set (timeoutSeconds)`,
    cause: thrown,
  })
}
