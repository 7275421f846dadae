import type { HttpReply } from '../net/http.ts'

/** A value as JSON carries it. Bodies and replies stay raw: fields that we do not know survive. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

/** Query parameters; a list is sent as the parameter repeated, undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below the base URL, segments already encoded: `/assistant/123`. */
  path: string
  query?: Query
  /** Sent as JSON. */
  body?: unknown
  /** Sent as multipart/form-data, in place of `body`. Files are read while they are sent (`fs.openAsBlob`). */
  form?: FormData
  /** Further headers. */
  headers?: Readonly<Record<string, string>>
  /**
   * Limit of the whole exchange, to the last byte; the connection's own unless given. 0 is none. With a `form`, unless
   * given, the connection's own limits only the wait for the server: a big upload may take its time.
   */
  timeoutMs?: number
  /** Ends this request; the signal of the Api ends it as well. */
  signal?: AbortSignal
}

/** The account's view of the API: every request carries its key. Made once per command. */
export interface Api {
  readonly baseUrl: string
  /**
   * Sends a request and reads its JSON reply (undefined for an empty one). Retries what is safe. Throws a VapiError for
   * every status from 400 on (4 for a refused key, 5 for a missing thing …), for the network and for the time limit.
   */
  request(request: ApiRequest): Promise<Json | undefined>
  /** The same, but gives the reply itself once its status is good: for streams and downloads. */
  open(request: ApiRequest): Promise<HttpReply>
}

export interface Progress {
  /** Bytes or items so far. */
  done: number
  /** Absent where the end is not known. */
  total?: number
}
