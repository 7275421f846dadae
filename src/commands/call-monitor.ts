import type { LiveCall } from '../api/live-call.ts'
import { type MonitorSocket, openMonitor } from '../api/monitor-socket.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { Exit, systemCodeOf, usageError, VapiError } from '../errors.ts'
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
  return (call, listenUrl) =>
    openMonitor({
      call,
      listenUrl,
      publicKey: publicKeyOf(publicKey, env),
      privateKey,
      ...(proxies !== undefined && { routeFor: url => proxies.routeFor(url) }),
      withSound,
      signal,
    })
}

/** Calls of this machine are known by their address alone. Throws a usage error for the id of one. */
export function refuseLocalId(id: string): void {
  if (/^\d{8}-\d{6}-[0-9a-f]{4}$/.test(id))
    throw usageError(
      `${id} is a call on this machine: it is steered and heard at its address, not by its id`,
      'vapi call local … --control prints the controlUrl while the call runs; vapi call explain ID is for afterwards',
    )
}

/** What a call's address that nobody answers at means, where it is one of this machine. */
export function withoutListener(error: unknown, address: string): unknown {
  const isLocal =
    URL.canParse(address) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname)
  if (!isLocal || systemCodeOf(error) !== 'connection-refused') return error
  return new VapiError({
    code: 'call-over',
    message: `no call listens at ${new URL(address).host} (is it over?)`,
    exit: Exit.failed,
    hint: 'each call has an address of its own, as long as it runs: vapi call local … --control prints it',
    cause: error,
  })
}
