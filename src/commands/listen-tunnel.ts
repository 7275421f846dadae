import type { Context } from '../cli/context.ts'
import { asVapiError, usageError } from '../errors.ts'
import type { NoteEvent } from '../listen/events.ts'
import { endLeftovers } from '../listen/tunnel/leftovers.ts'
import { needsRepair, repairServers } from '../listen/tunnel/repair.ts'
import { type PointedServers, pointServers } from '../listen/tunnel/servers.ts'
import type { ServerOutcome } from '../listen/tunnel/settle.ts'
import { startTunnel, type Tunnel } from '../listen/tunnel/tunnel.ts'
import type { TunnelEvent, TunnelId } from '../listen/tunnel/types.ts'

type Note = (message: string) => void

export interface TunnelChoice {
  tool: TunnelId | null
  /** `assistant:NAME`, `phone:NAME`. */
  setServers: readonly string[]
  /** Address of a tunnel that somebody else runs, or null. */
  publicUrl: string | null
}

export interface OpenTunnel {
  /** Null where there is none. */
  url: string | null
  /** Sets servers back and ends the tunnel. */
  close(): Promise<void>
}

/** What a listener before this one left behind: tools that still run, servers that lead to them. Never fails. */
export async function cleanUp(folder: string, context: Context, note: Note): Promise<void> {
  await endLeftovers(folder)
  if (!needsRepair(folder)) return
  try {
    const { openServer } = await import('./listen-servers.ts')
    tell(await repairServers({ folder, open: owner => openServer(owner, context) }), note)
  } catch (error) {
    const { message, hint } = asVapiError(error)
    note(hint === undefined ? message : `${message} (${hint})`)
  }
}

/** Opens the tunnel and points servers to it. Throws VapiErrors with what to do; nothing is left behind then. */
export async function openTunnel(
  choice: TunnelChoice,
  listener: { host: string; port: number; folder: string },
  context: Context,
  note: Note,
): Promise<OpenTunnel> {
  const { tool, setServers, publicUrl } = choice
  const { env, signal } = context
  if (setServers.length > 0 && tool === null && publicUrl === null)
    throw usageError(
      '--set-server needs an address that the platform can reach',
      'add --tunnel ngrok, or --public-url URL of a tunnel of your own',
    )
  if (tool !== null && publicUrl !== null) throw usageError('--tunnel and --public-url exclude each other')
  const resources =
    setServers.length === 0
      ? []
      : await (await import('./listen-servers.ts')).findServerResources(setServers, context)
  let servers: PointedServers | null = null
  let tunnel: Tunnel | null = null
  const { folder } = listener
  if (tool !== null) {
    const hear = (event: TunnelEvent) => {
      note(wordsFor(event))
      if (event.type === 'url' && event.url !== event.previous)
        void servers?.update(event.url).then(outcomes => tell(outcomes, note))
    }
    const shown = context.output.progress(`waiting for ${tool}`)
    try {
      tunnel = await startTunnel({ tool, ...listener, env, signal, tell: hear })
    } finally {
      shown.stop()
    }
  }
  const url = tunnel?.url ?? publicUrl
  try {
    if (resources.length > 0 && url !== null) {
      servers = await pointServers({ folder, url, resources, signal })
      for (const { kind, name, id } of resources)
        note(`the server of ${kind} ${name || id} leads here until the end`)
      // It may have been started anew meanwhile.
      if (tunnel?.url != null && tunnel.url !== url) tell(await servers.update(tunnel.url), note)
    }
  } catch (error) {
    await tunnel?.close()
    throw error
  }
  return {
    url,
    close: async () => {
      tell((await servers?.restore()) ?? [], note)
      await tunnel?.close()
    },
  }
}

export function tell(outcomes: readonly ServerOutcome[], note: Note): void {
  for (const { message, hint } of outcomes) note(hint === null ? message : `${message} (${hint})`)
}

export function noteEvent(message: string): NoteEvent {
  return { type: 'note', at: new Date().toISOString(), message }
}

function wordsFor(event: TunnelEvent): string {
  switch (event.type) {
    case 'url':
      return event.url === event.previous
        ? `the tunnel is back: ${event.url}`
        : `the tunnel has a new address: ${event.url}`
    case 'lost':
      return `the tunnel is down: ${event.message}; next try in ${Math.round(event.retryMs / 1000)} s`
    case 'failed':
      return `the tunnel stays down: ${event.error.message}`
  }
}
