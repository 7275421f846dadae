import type { Clock } from '../../engine/ports/clock.ts'
import type { EndpointingServer } from '../../engine/ports/endpointing-server.ts'
import { VapiError } from '../../errors.ts'
import { ENDPOINTING_LIMIT_SECONDS, timeoutOf } from '../../messages/endpointing-request.ts'
import type { Scenario } from '../scenario.ts'

/** The server of a custom endpointing model as the scenario scripts it; what it may answer is checked as if it were real. */
export function createScriptedEndpointing(
  lines: NonNullable<Scenario['endpointing']>,
  clock: Clock,
  limitSeconds: number,
  fails: () => boolean,
): EndpointingServer {
  const limitMs = Math.min(limitSeconds, ENDPOINTING_LIMIT_SECONDS) * 1000
  return {
    async timeoutSeconds({ text }, signal) {
      const line = lines.find(({ when }) => when === undefined || new RegExp(when, 'i').test(text))
      const afterMs = line?.afterMs ?? 0
      await clock.sleep(Math.min(afterMs, limitMs), signal)
      if (fails()) throw failed('custom-endpointing-model failed, as the script says')
      if (line === undefined) throw failed('the script has no answer for the custom endpointing model')
      if (afterMs > limitMs) throw failed(`the server did not answer within ${limitMs / 1000} s`)
      if (line.error !== undefined) throw failed(line.error)
      return timeoutOf({ timeoutSeconds: line.timeoutSeconds }, 'the server')
    },
  }
}

function failed(message: string): VapiError {
  return new VapiError({ code: 'endpointing-failed', message })
}
