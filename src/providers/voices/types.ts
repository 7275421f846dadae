import type { Voice } from '../../engine/ports/voice.ts'
import type { HttpClient } from '../../net/http.ts'
import type { Proof } from '../proof.ts'
import type { Access, Vendor } from '../vendors.ts'

/** A provider of voices, as data. */
export interface VoiceProvider {
  /** As in `voice.provider` of an assistant, and the id of its vendor. */
  id: string
  /** Where it speaks, if that is another place than the vendor's usual address. */
  baseUrl?: string
  proof: Proof
  /** Usual time from the request to the first sound, in milliseconds, as its documentation says. */
  typicalMs: number | null
  /** Throws a usage error for settings that the provider cannot take. */
  create(options: VoiceOptions): Voice
}

export interface VoiceOptions {
  vendor: Vendor
  access: Access
  http: HttpClient
  /** `provider/voiceId`, as the plan names it. */
  name: string
  voiceId: string
  /** The voice's own settings as configured; they come with each request too. */
  settings: Readonly<Record<string, unknown>>
  /** Language of the assistant's transcriber (BCP 47), which counts until another is detected; null where it is open. */
  language: string | null
}
