import { readIdentified } from './read-object.ts'
import type { Api, Json, JsonObject } from './types.ts'

/** A call as the API gives it; only what is used here has a type. */
export type LiveCall = JsonObject & {
  readonly id?: string
  readonly status?: string
  readonly endedReason?: Json
}

/** Reads a call. Throws VapiError (exit 5 where there is none, `not-an-object` where the server gives no call). */
export async function readCall(api: Api, id: string): Promise<LiveCall> {
  const path = `/call/${encodeURIComponent(id)}`
  return readIdentified(await api.request({ method: 'GET', path }), `GET ${path}`) as LiveCall
}

/** True when nothing more will happen in the call. */
export function isOver(call: LiveCall): boolean {
  return ['ended', 'not-found', 'deletion-failed'].includes(call.status ?? '')
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field below a value; undefined where the way there ends. */
export function fieldOf(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, name) => (isJsonObject(at) ? at[name] : undefined), value)
}

/** The value if it is a text that is not empty. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * A running call that is named by an address of its monitor in place of its id (`http…/control`, `ws…/listen`), as
 * `vapi call local --control` prints them; null for what is no such address.
 */
export function callAtAddress(text: string): LiveCall | null {
  const url = /^(https?|wss?):/i.test(text) && URL.canParse(text) ? new URL(text) : null
  if (url === null) return null
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:'
  const at = (protocol: string, place: string) => {
    const other = new URL(url)
    other.pathname = url.pathname.replace(/\/(control|listen|transport)\/?$/, `/${place}`)
    return other.href.replace(/^\w+:/, protocol)
  }
  return {
    status: 'in-progress',
    monitor: {
      controlUrl: at(isSecure ? 'https:' : 'http:', 'control'),
      listenUrl: at(isSecure ? 'wss:' : 'ws:', url.pathname.endsWith('/transport') ? 'transport' : 'listen'),
    },
  }
}
