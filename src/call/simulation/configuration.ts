import { dirname } from 'node:path'
import { type CallBody, joinOverrides, readBody, requireNumber } from '../../assistant/call-body.ts'
import type { Json } from '../../assistant/overrides.ts'
import { mergeOverrides } from '../../assistant/overrides.ts'
import type { LoadStored, Origin } from '../../assistant/sources.ts'
import { readTarget } from '../../assistant/target.ts'
import type { VoiceAudio } from '../../engine/ports/voice.ts'
import { usageError } from '../../errors.ts'
import { ASSISTANT_REQUEST_LIMIT_MS } from '../../messages/assistant-request.ts'
import type { AskServer } from '../answer.ts'
import type { Scenario } from '../scenario.ts'

/** How long a sound file lasts that the scenario does not name, in milliseconds. */
const SOUND_MS = 3000

/**
 * Who speaks in a scenario: its `assistant`, `squad` or `call`, or nobody, where the server of its `phoneNumber` is asked.
 * A path counts from the scenario's file.
 */
export async function readSpeaker(
  scenario: Scenario,
  path: string,
  loadStored: LoadStored,
): Promise<{ body: CallBody; origin: Origin }> {
  const { assistant, squad, call } = scenario
  const given = Object.entries({ assistant, squad, call }).filter(([, value]) => value !== undefined)
  const [[kind = 'call', value] = []] = given
  if (given.length > 1)
    throw usageError(`${path}: ${given.map(([name]) => name).join(' and ')} exclude each other`)
  if (value === undefined && scenario.assistantRequest === undefined)
    throw usageError(`${path}: nobody speaks`, 'give assistant, squad, call or assistantRequest')
  const { body, origin } =
    typeof value === 'string'
      ? await readTarget(value, dirname(path), loadStored)
      : await inline(kind, value, path)
  return { body: withScenario(body, scenario, path), origin }
}

async function inline(
  kind: string,
  value: unknown,
  path: string,
): Promise<{ body: CallBody; origin: Origin }> {
  const origin = { name: `${path}: ${kind}` }
  const body = kind === 'call' ? ((value ?? {}) as Json) : { [kind]: value }
  return { body: readBody(body, origin.name), origin }
}

/** The scenario's own overrides, customer and number over those of the body. */
function withScenario(body: CallBody, scenario: Scenario, path: string): CallBody {
  const { assistantOverrides = {}, squadOverrides = {}, assistantRequest, phoneNumber = {} } = scenario
  // Where the number is not stored and no server is named, the scripted one has an address of its own.
  const scripted = assistantRequest !== undefined && body.phoneNumberId === null
  const asked = scripted ? { server: { url: 'https://assistant.example/request' } } : {}
  const customer = mergeOverrides(body.customer, scenario.customer ?? {})
  requireNumber(customer, path)
  return {
    ...body,
    assistantOverrides: joinOverrides(body.assistantOverrides, assistantOverrides),
    squadOverrides: joinOverrides(body.squadOverrides, squadOverrides),
    customer,
    phoneNumber: mergeOverrides(mergeOverrides(asked, body.phoneNumber), phoneNumber),
  }
}

/** The server of the scenario: it answers as scripted, and no time passes. */
export function scriptedServer({ assistantRequest }: Scenario, path: string): AskServer {
  return async () => {
    if (assistantRequest === undefined)
      throw usageError(`${path}: the phone number's server is asked, and assistantRequest is missing`)
    const { reply, status = 200, afterMs = 0, unreachable = false } = assistantRequest
    if (unreachable) return { type: 'failed', message: 'the server cannot be reached', tookMs: afterMs }
    if (afterMs > ASSISTANT_REQUEST_LIMIT_MS)
      return {
        type: 'failed',
        message: `the server did not answer within ${ASSISTANT_REQUEST_LIMIT_MS} ms`,
        tookMs: ASSISTANT_REQUEST_LIMIT_MS,
      }
    if (status < 200 || status >= 300)
      return { type: 'failed', message: `the server answered ${status}`, tookMs: afterMs }
    const body = typeof reply === 'string' ? reply : reply === undefined ? '' : JSON.stringify(reply)
    return { type: 'reply', body, tookMs: afterMs }
  }
}

/** Sound files of a scenario: silence of their length. */
export function simulatedSounds(
  { sounds = {} }: Scenario,
  addresses: readonly string[],
): ReadonlyMap<string, VoiceAudio> {
  return new Map(
    addresses.map(url => {
      const seconds = sounds[url]
      return [url, { type: 'silent', durationMs: seconds === undefined ? SOUND_MS : seconds * 1000 }]
    }),
  )
}
