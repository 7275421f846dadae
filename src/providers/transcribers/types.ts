import type { Transcriber } from '../../engine/ports/transcriber.ts'
import type { HttpClient } from '../../net/http.ts'
import type { Proof } from '../proof.ts'
import type { Access, Vendor } from '../vendors.ts'

/** A provider of streaming transcription, as data. */
export interface TranscriberProvider {
  /** As in `transcriber.provider` of an assistant, and the id of its vendor. */
  id: string
  /** Who it is, where the table of vendors does not have it: a server of the user's, at `server` of its settings. */
  vendor?: Vendor
  /** Where it transcribes, if that is another place than the vendor's usual address. */
  baseUrl?: string
  proof: Proof
  /** Usual time from the end of a word to its final transcript, in milliseconds, as its documentation says. */
  typicalMs: number | null
  create(options: TranscriberOptions): Transcriber
}

export interface TranscriberOptions {
  vendor: Vendor
  access: Access
  http: HttpClient
  /** `provider/model`, as the plan names it. */
  name: string
  /** Null where the assistant names none. */
  model: string | null
  /** As the assistant names it (`en`, `de-AT`, `multi` …). */
  language: string
  /** `transcriber` of the assistant, or an entry of its fallback plan, as it stands. */
  settings: Readonly<Record<string, unknown>>
  /**
   * False: another one says when a turn is over, and words are wanted as soon as the speech is. True unless given, for those
   * that hear turns.
   */
  endsTurns?: boolean
  /** The headers by which a server of the user's knows the sender; absent for vendors. Throws VapiError. */
  serverHeaders?: (signal: AbortSignal) => Promise<Record<string, string>>
}
