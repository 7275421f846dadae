/**
 * What the environment says about proxies: which one serves an address, and which addresses need none. Our own rather
 * than the package proxy-from-env: that one reads process.env itself, takes HTTP_PROXY in CGI programs, matches a name in
 * NO_PROXY without its subdomains, knows no address ranges, and gives a proxy without a scheme the scheme of the target.
 */
import { BlockList, isIP } from 'node:net'
import { usageError, type VapiError } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

const SCHEMES = ['http:', 'https:', 'socks:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:']

/** The setting for one scheme of targets: a proxy, or what is wrong with it. */
export type ProxySetting = { url: URL; variable: string } | { error: VapiError }

export interface ProxySettings {
  /** By the target's scheme: `http:` and `https:`. */
  byScheme: Readonly<Partial<Record<string, ProxySetting>>>
  /** True where the address is reached without a proxy: loopback, and what NO_PROXY names. */
  isDirect(url: URL): boolean
}

/** Reads the settings; null where no proxy is set. The lower-case form of a variable wins. */
export function readProxySettings(env: Environment): ProxySettings | null {
  // A web server hands the request's header "Proxy" to a CGI program under the name HTTP_PROXY.
  const http = env.REQUEST_METHOD === undefined ? ['http_proxy', 'HTTP_PROXY'] : ['http_proxy']
  const all = ['all_proxy', 'ALL_PROXY']
  const byScheme = {
    'http:': settingOf(env, [...http, ...all]),
    'https:': settingOf(env, ['https_proxy', 'HTTPS_PROXY', ...all]),
  }
  if (byScheme['http:'] === undefined && byScheme['https:'] === undefined) return null
  const exceptions = (env.no_proxy || env.NO_PROXY || '').toLowerCase().split(/[\s,]+/)
  return {
    byScheme,
    isDirect: url => isLoopback(url.hostname) || exceptions.some(exception => covers(exception, url)),
  }
}

/** This machine itself: `localhost` and its subdomains, 127.0.0.0/8, ::1. */
export function isLoopback(hostname: string): boolean {
  const host = bare(hostname)
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

function settingOf(env: Environment, names: readonly string[]): ProxySetting | undefined {
  const variable = names.find(name => (env[name] ?? '').trim() !== '')
  if (variable === undefined) return undefined
  const value = (env[variable] ?? '').trim()
  const address = value.includes('://') ? value : `http://${value}`
  const url = URL.canParse(address) ? new URL(address) : null
  if (url !== null && SCHEMES.includes(url.protocol) && url.hostname !== '') return { url, variable }
  // The value is not repeated: it may hold a password.
  const hint = `write it as http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT, or unset ${variable}`
  return { error: usageError(`${variable} is not the address of a proxy`, hint) }
}

/** An entry of NO_PROXY: `*`, a name (with its subdomains), an address, a range; each but `*` with a port or without. */
function covers(exception: string, url: URL): boolean {
  if (exception === '') return false
  if (exception === '*') return true
  const host = bare(url.hostname)
  const range = /^([^/]+)\/(\d+)$/.exec(exception)
  if (range) return isInRange(host, bare(range[1] ?? ''), Number(range[2]))
  const withPort = /^(\[.*\]|[^:]*):(\d+)$/.exec(exception)
  const port = url.port || (/^(https|wss):$/.test(url.protocol) ? '443' : '80')
  if (withPort && withPort[2] !== port) return false
  const name = bare(withPort?.[1] ?? exception).replace(/^\*?\./, '')
  return host === name || (isIP(host) === 0 && name !== '' && host.endsWith(`.${name}`))
}

function isInRange(host: string, network: string, prefix: number): boolean {
  const family = isIP(network)
  if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, prefix, type)
  return list.check(host, type)
}

function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
}
