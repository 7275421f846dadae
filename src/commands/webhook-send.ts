import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../api/types.ts'
import { isObject } from '../assistant/overrides.ts'
import type { Context } from '../cli/context.ts'
import { VapiError } from '../errors.ts'
import { type Delivered, type Delivery, deliver } from '../messages/deliver.ts'

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

/** The static headers of a server. */
export function headersOf(server: JsonObject): Record<string, string> {
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
