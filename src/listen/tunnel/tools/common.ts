import type { Environment, TunnelTarget } from '../types.ts'

export function addressOf({ host, port }: Pick<TunnelTarget, 'host' | 'port'>): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

/** Our own variables hold keys that are nothing to a program of somebody else. */
export function withoutOurs(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VAPI_')))
}
