import type { Agent } from 'node:http'
import type { LiveCall } from '../api/live-call.ts'
import { type MonitorSocket, openMonitor } from '../api/monitor-socket.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { createProxies } from '../net/proxy.ts'

/** For commands that use a running call's monitor, which may ask for the organisation's public key. */
export const publicKeyOptions = {
  'public-key': {
    type: 'string',
    placeholder: 'KEY',
    summary: 'public key of the organisation, where the call asks for one (or VAPI_PUBLIC_KEY)',
  },
} as const satisfies Record<string, OptionDefinition>

/** The public key from the flag or else the environment; null without one. */
export function publicKeyOf(flag: string | undefined, env: Context['env']): string | null {
  const key = flag ?? env.VAPI_PUBLIC_KEY ?? ''
  return key === '' ? null : key
}

/** Opens the streams of calls, with the keys and proxies of this run. */
export async function monitorOpener(
  context: Context,
  publicKey: string | undefined,
  withSound: boolean,
): Promise<(call: LiveCall, listenUrl: string) => Promise<MonitorSocket>> {
  const { env, signal } = context
  const privateKey = await context.key()
  const proxies = await createProxies(env)
  const agentFor = (url: URL): Agent | undefined => proxies?.routeFor(url)?.agent
  return (call, listenUrl) =>
    openMonitor({
      call,
      listenUrl,
      publicKey: publicKeyOf(publicKey, env),
      privateKey,
      agentFor,
      withSound,
      signal,
    })
}
