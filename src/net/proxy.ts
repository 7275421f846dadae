/**
 * Proxies of the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY (http, https, socks4, socks4a, socks5, socks5h) and
 * NO_PROXY, in capitals or not. This machine itself (localhost, 127.0.0.0/8, ::1) is always reached directly: seen from
 * the proxy that would be another machine, and a local server or callback must work behind a company's proxy too.
 * Where none is set, nothing is loaded.
 */
import type { Proxies, ProxyRoute } from './http.ts'
import { type ProxySettings, readProxySettings } from './proxy-settings.ts'

/** The proxies that `env` names, for `createHttpClient`; undefined where it names none. Loads what they need. */
export async function createProxies(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Proxies | undefined> {
  const settings = readProxySettings(env)
  return settings === null ? undefined : withAgents(settings)
}

async function withAgents({ byScheme, isDirect }: ProxySettings): Promise<Proxies> {
  const { loadAgents } = await import('./proxy-agents.ts')
  const schemes = Object.entries(byScheme).flatMap(([target, setting]) =>
    setting && 'url' in setting ? [{ target, proxy: setting.url.protocol }] : [],
  )
  // A plain WebSocket goes by the setting for http, and needs a tunnel nevertheless.
  const plain = schemes.filter(({ target }) => target === 'http:')
  const agents = await loadAgents([...schemes, ...plain.map(({ proxy }) => ({ target: 'ws:', proxy }))])
  const routes = new Map<string, ProxyRoute>()
  return {
    routeFor(url) {
      const scheme = url.protocol === 'wss:' ? 'https:' : url.protocol
      const setting = byScheme[scheme === 'ws:' ? 'http:' : scheme]
      if (setting === undefined || isDirect(url)) return undefined
      if ('error' in setting) throw setting.error
      const known = routes.get(scheme)
      if (known !== undefined) return known
      const proxy = `${setting.url.protocol}//${setting.url.host}`
      const route = { proxy, agent: agents.create(scheme, setting.url) }
      routes.set(scheme, route)
      return route
    },
    close() {
      for (const { agent } of routes.values()) agent.destroy()
      agents.close()
    },
  }
}
