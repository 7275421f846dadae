/** The voice of the user's own server, as the assistant's configuration describes it. */
import type { Json } from '../../../assistant/overrides.ts'
import type { Voice } from '../../../engine/ports/voice.ts'
import { usageError } from '../../../errors.ts'
import { isObject } from '../../../is-object.ts'
import { DEFAULT_TIMEOUT_SECONDS } from '../../../messages/send.ts'
import { createServerHeaders } from '../../../messages/server-headers.ts'
import type { HttpClient } from '../../../net/http.ts'
import { createCustomVoice } from '../../../providers/voices/custom-voice.ts'

export interface CustomVoiceSurroundings {
  http: HttpClient
  /** The fields of messages to servers that describe the call at this moment. */
  envelope: () => Readonly<Record<string, unknown>>
  /** Told what the user should know before the call. */
  warn: (message: string) => void
}

export interface CustomVoiceChoice {
  /** As the plan names it. */
  name: string
  /** Null where the assistant names none. */
  voiceId: string | null
  settings: Readonly<Record<string, unknown>>
  /** Where the voice stands in the assistant. */
  path: string
  /** `credentials` of the assistant. */
  credentials: Json[string]
}

/** Throws a usage error where the voice has no server. */
export function customVoice(
  { name, voiceId, settings, path, credentials }: CustomVoiceChoice,
  { http, envelope, warn }: CustomVoiceSurroundings,
): Voice {
  const hint = 'for example http://127.0.0.1:3000/voice'
  const { server } = settings
  if (!isObject(server) || typeof server.url !== 'string')
    throw usageError(`${path}.server.url is missing: custom-voice is a server of yours`, hint)
  const { url, timeoutSeconds } = server
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw usageError(
      `${path}.server.url: ${url} is not an address that begins with http:// or https://`,
      hint,
    )
  for (const setting of ['backoffPlan', 'staticIpAddressesEnabled', 'encryptedPaths'])
    if (server[setting] !== undefined && server[setting] !== null && server[setting] !== false)
      warn(`${path}.server.${setting} has no effect in a local call`)
  const now = () => Date.now()
  const seconds =
    typeof timeoutSeconds === 'number' && timeoutSeconds > 0 ? timeoutSeconds : DEFAULT_TIMEOUT_SECONDS
  const headers = createServerHeaders(server, { credentials, path: `${path}.server`, http, now, warn })
  return createCustomVoice({
    name,
    voiceId,
    url,
    timeoutMs: seconds * 1000,
    http,
    envelope,
    now,
    headers,
  })
}
