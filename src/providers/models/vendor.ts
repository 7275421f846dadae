import { Exit, usageError, VapiError } from '../../errors.ts'
import { isLoopback } from '../../net/proxy-settings.ts'
import { type Environment, firstOf, nameOfFirst, requireAddress } from '../environment.ts'
import { findKey } from '../key-origin.ts'
import type { Access, Vendor } from '../vendors.ts'

/** Who answers as a language model. */
export interface ModelVendor extends Vendor {
  /** Its name in `endedReason` values. */
  endedReasonName: string
  /** Its error codes that have an `endedReason` of their own, and the suffix of that. */
  errorSuffixes: Readonly<Record<string, string>>
  /** What its address is the base URL of, as told where an answer cannot be understood. */
  speaks: string
  /** Limit to the first token, in milliseconds. Local servers load the model first. */
  firstTokenMs: number
  /** How to start it, where it runs on the user's machine. */
  startHint?: string
  /** A variable that names the host alone, the path that belongs behind it, and the port of a bare host name. */
  host?: ModelHost
}

export interface ModelHost {
  variable: string
  path: string
  port?: number
  /** Variables of an API version that changes the path; `{model}` stands for the model. */
  versioned?: { variables: readonly string[]; path: string }
}

/**
 * Where the model is and the key to it: the environment, then the assistant's `model.url`, then the usual address.
 * A key is demanded only at the vendor's own address. Throws VapiError `model-key-missing` or `provider-key-malformed`
 * (exit 4), or a usage error where no address is known, or what stands in its place is none.
 */
export function resolveModelAccess(
  vendor: ModelVendor,
  environment: Environment,
  assistantUrl?: string,
): Access {
  const namedUrl = firstOf(environment, vendor.baseUrlVariables) ?? hostUrl(vendor, environment)
  const ownUrl = namedUrl ?? assistantUrl
  if (namedUrl === undefined && assistantUrl !== undefined) requireTrust(vendor, assistantUrl)
  const baseUrl = ownUrl ?? vendor.baseUrl
  if (!baseUrl) {
    const variable = vendor.host?.variable ?? vendor.baseUrlVariables[0]
    throw usageError(`the address of ${vendor.label} is not known`, `set model.url, or ${variable}, to it`)
  }
  if (ownUrl !== undefined) requireAddress(ownUrl, sourceOf(vendor, environment), vendor.label, /^https?:$/)
  const found = findKey(vendor, environment)
  if (found === null && vendor.keyRequired && (ownUrl === undefined || vendor.baseUrl === null))
    throw new VapiError({
      code: 'model-key-missing',
      message: `${vendor.label} needs a key and none is set`,
      exit: Exit.notLoggedIn,
      endedReason: `call.in-progress.error-vapifault-${vendor.endedReasonName}-401-unauthorized`,
      hint: `set ${vendor.keyVariables[0]}, or keep a key with vapi provider-key set ${vendor.id}`,
    })
  return { baseUrl, key: found?.key ?? null, ...(found !== null && { keyOrigin: found.origin }) }
}

/** What names the address in place of the usual one. */
function sourceOf({ host, baseUrlVariables }: ModelVendor, environment: Environment): string {
  const hosts = host === undefined ? [] : [host.variable]
  return nameOfFirst(environment, [...baseUrlVariables, ...hosts]) || 'model.url'
}

/**
 * An assistant may come from anybody: its `url` gets a vendor's key only where it is that vendor's own host or this machine.
 * A custom LLM is by its nature where the assistant says. Throws a usage error.
 */
function requireTrust(vendor: ModelVendor, assistantUrl: string): void {
  if (vendor.id === 'custom-llm' || !URL.canParse(assistantUrl)) return
  const { hostname, origin } = new URL(assistantUrl)
  if (isLoopback(hostname) || (vendor.baseUrl !== null && new URL(vendor.baseUrl).origin === origin)) return
  const variable = vendor.host?.variable ?? vendor.baseUrlVariables[0]
  throw usageError(
    `model.url names ${origin}, which is not ${vendor.label}: it does not get the key of ${vendor.label}`,
    `set ${variable} where that server is meant to have it, or use the provider custom-llm`,
  )
}

/**
 * The address of an endpoint below the base URL, whose query stays. What some pages tell people to write behind the base
 * URL (`suffix`) is not doubled.
 */
export function endpointUrl(baseUrl: string, endpoint: string, suffix = /$/): string {
  const [, address = '', query = ''] = /^([^?#]*)(\?[^#]*)?/.exec(baseUrl.trim()) ?? []
  return `${address.replace(/\/+$/, '').replace(suffix, '')}/${endpoint}${query}`
}

/** `OLLAMA_HOST` also holds the address that the server binds to: a bare host, `0.0.0.0`, `:port`. */
function hostUrl({ host }: ModelVendor, environment: Environment): string | undefined {
  const value = host && firstOf(environment, [host.variable])
  if (!value) return undefined
  const named = /^[a-z]+:\/\//i.test(value)
  const address = named ? value : `http://${value.startsWith(':') ? '127.0.0.1' : ''}${value}`
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (!named && url.port === '' && host.port && !/:80$/.test(value)) url.port = String(host.port)
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1'
  const version = firstOf(environment, host.versioned?.variables ?? [])
  // Versions with a date are those of the old form of the address.
  if (host.versioned && version !== undefined && /^\d{4}-/.test(version)) {
    const base = url.origin + url.pathname.replace(/\/(openai(\/v1)?\/?)?$/, '')
    return `${base}${host.versioned.path}?api-version=${encodeURIComponent(version)}`
  }
  if (!url.pathname.includes(host.path)) url.pathname = url.pathname.replace(/\/$/, '') + host.path
  return url.href
}
