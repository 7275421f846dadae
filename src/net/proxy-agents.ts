import { setMaxListeners } from 'node:events'
import type http from 'node:http'

/** Makes the agents of the proxy packages, which are loaded already. */
export interface AgentMaker {
  /** `scheme` is the target's: `http:`, `https:` or `ws:`. */
  create(scheme: string, proxy: URL): http.Agent
  /** Closes connections to proxies that are still being made. */
  close(): void
}

/** Loads the packages for these pairs of a target's and a proxy's scheme, and no others. */
export async function loadAgents(schemes: readonly { target: string; proxy: string }[]): Promise<AgentMaker> {
  const isSocks = (scheme: string): boolean => scheme.startsWith('socks')
  const socks = schemes.some(({ proxy }) => isSocks(proxy))
  const plain = schemes.some(({ target, proxy }) => target === 'http:' && !isSocks(proxy))
  const tunnel = schemes.some(({ target, proxy }) => target !== 'http:' && !isSocks(proxy))
  const [socksPackage, plainPackage, tunnelPackage] = await withoutDebugging(() =>
    Promise.all([
      socks ? import('socks-proxy-agent') : null,
      plain ? import('http-proxy-agent') : null,
      tunnel ? import('https-proxy-agent') : null,
    ]),
  )
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const options = { keepAlive: true, signal: closing.signal }
  return {
    create(scheme, proxy) {
      const Agent = isSocks(proxy.protocol)
        ? socksPackage?.SocksProxyAgent
        : scheme === 'http:'
          ? plainPackage?.HttpProxyAgent
          : tunnelPackage?.HttpsProxyAgent
      if (Agent === undefined) throw new Error(`no agent was loaded for ${proxy.protocol} proxies`)
      if (!isSocks(proxy.protocol)) return new Agent(proxy, options)
      const agent = new Agent(proxy, { keepAlive: true })
      // The package hands the brackets of an IPv6 address on to the system, which does not know them.
      if ('host' in agent.proxy && agent.proxy.host)
        agent.proxy.host = agent.proxy.host.replace(/^\[|\]$/g, '')
      return agent
    },
    close: () => closing.abort(),
  }
}

/** The packages print proxy passwords and request headers where DEBUG is set; they read it once, when loaded. */
async function withoutDebugging<T>(load: () => Promise<T>): Promise<T> {
  const { DEBUG } = process.env
  delete process.env.DEBUG
  try {
    return await load()
  } finally {
    if (DEBUG !== undefined) process.env.DEBUG = DEBUG
  }
}
