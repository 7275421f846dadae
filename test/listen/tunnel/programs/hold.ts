/** A listener that is there to be killed: a tunnel, and the server of a resource that leads to it. */
import { findServerResources } from '../../../../src/commands/listen-servers.ts'
import { pointServers } from '../../../../src/listen/tunnel/servers.ts'
import { startTunnel } from '../../../../src/listen/tunnel/tunnel.ts'
import { contextOf } from './context.ts'

const { folder, baseUrl, references } = JSON.parse(process.argv[2] ?? '{}') as {
  folder: string
  baseUrl: string | null
  references: string[]
}

// As the second Ctrl-C does.
process.on('SIGTERM', () => process.exit(1))

async function main(): Promise<void> {
  const tunnel = await startTunnel({
    tool: 'ngrok',
    port: 4242,
    folder,
    env: process.env,
    signal: new AbortController().signal,
    tell: event => process.stdout.write(`${JSON.stringify(event)}\n`),
    times: { firstPauseMs: 1 },
  })
  if (baseUrl !== null) {
    const resources = await findServerResources(references, contextOf(baseUrl))
    await pointServers({ folder, url: tunnel.url ?? '', resources })
  }
  process.stdout.write('ready\n')
}

void main()
