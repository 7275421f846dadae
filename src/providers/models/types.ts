import type { LanguageModel } from '../../engine/ports/language-model.ts'
import type { HttpClient } from '../../net/http.ts'
import type { Proof } from '../proof.ts'
import type { Access } from '../vendors.ts'
import type { ModelVendor } from './vendor.ts'

/** A provider of language models, as data. */
export interface ModelProvider {
  /** As in `model.provider` of an assistant. */
  id: string
  vendor: ModelVendor
  proof: Proof
  /** Usual time to the first token, in milliseconds, as its documentation says. */
  typicalMs: number | null
  /** Throws a usage error for settings that cannot go together. */
  create(options: ModelOptions): LanguageModel
  /** What of these settings is not honoured with this model, in whole sentences. */
  warnings?(model: string, settings: ModelSettings): string[]
}

/** What an assistant says of its model. */
export interface ModelSettings {
  /** 0 to 2. */
  temperature: number
  maxTokens: number
  /** `model` of the assistant as it stands. */
  configured: Readonly<Record<string, unknown>>
}

export interface ModelOptions {
  access: Access
  http: HttpClient
  model: string
  settings: ModelSettings
  /** What goes along to servers of the user alone: `custom-llm`. */
  own?: OwnServer
}

export interface OwnServer {
  /** Further fields of the body, for the call as it is then. */
  extraBody: () => Readonly<Record<string, unknown>>
  headers: Readonly<Record<string, string>>
  firstTokenMs: number
  /** Gives the value of `Authorization` for each request. */
  authorize?: (signal: AbortSignal) => Promise<string>
}
