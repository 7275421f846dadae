import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode, systemCodeOf, usageError } from '../errors.ts'
import { createListener } from '../listen/listener.ts'
import { startRelay } from '../listen/relay/relay.ts'
import { fits, parsePatterns } from '../listen/routes.ts'
import { parseSize, readListenFile, routesOf } from '../listen/settings.ts'
import { ListenView } from './listen-view.ts'

const DEFAULT_PORT = 4242

export default defineCommand(
  {
    name: 'listen',
    summary: 'relay webhooks to your local server, show and check them',
    description:
      'Takes the platform’s messages on this machine and passes them on to your server as they are, and its replies back. A tunnel (--tunnel, or one of your own) makes it reachable from outside. No account is needed.',
    args: [],
    options: {
      'forward-to': {
        type: 'string',
        short: 'f',
        placeholder: 'TARGET',
        summary: 'your server: a port, host:port, with a path, or a URL',
      },
      route: {
        type: 'list',
        placeholder: 'EVENTS=TARGET',
        summary: 'another target for some events (tool-calls=localhost:3000/tools)',
      },
      port: {
        type: 'number',
        placeholder: 'PORT',
        minimum: 0,
        summary: 'where to listen (default 4242; 0: any free one)',
      },
      host: {
        type: 'string',
        placeholder: 'ADDRESS',
        summary: 'address to listen on (default 127.0.0.1: this machine alone)',
      },
      'path-mode': {
        type: 'string',
        placeholder: 'MODE',
        choices: ['append', 'fixed'],
        summary:
          'what becomes of the path that was asked for: below the target’s own (append), or left out (fixed)',
      },
      events: { type: 'string', placeholder: 'EVENTS', summary: 'relay these alone (tool-calls,status-*)' },
      filter: { type: 'string', placeholder: 'EVENTS', summary: 'the same as --events' },
      'call-id': { type: 'string', placeholder: 'ID', summary: 'relay the events of this call alone' },
      'skip-verify': { type: 'boolean', summary: 'trust any certificate of an https target' },
      ca: { type: 'string', placeholder: 'FILE', summary: 'certificate (PEM) to trust of an https target' },
      'max-body': {
        type: 'string',
        placeholder: 'SIZE',
        default: '20MB',
        summary: 'larger bodies are refused',
      },
      limit: {
        type: 'number',
        placeholder: 'SECONDS',
        minimum: 1,
        summary: 'timeoutSeconds of your server: later replies are findings (default 20)',
      },
      strict: { type: 'boolean', summary: 'exit with 3 at the end if a reply was wrong' },
      'print-json': { type: 'boolean', summary: 'show whole bodies' },
      mask: { type: 'boolean', summary: 'hide telephone numbers, addresses and secrets in what is shown' },
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi listen --forward-to localhost:3000/webhook', does: 'relay everything to your server' },
      {
        command:
          "vapi listen --route 'tool-calls=3000/tools' --forward-to 4000/hook --events 'tool-calls,status-*'",
        does: 'two targets, some events',
      },
      { command: 'vapi listen -f 3000 --json | jq -c .summary', does: 'one JSON object a line' },
    ],
    needsLogin: false,
    destructive: false,
    endsOnSignal: true,
  },
  async ({ options }, context): Promise<ExitCode> => {
    const { output, signal, workingDirectory } = context
    const file = await readListenFile(join(workingDirectory, '.vapi', 'listen.yaml'))
    const routes = routesOf({ forwardTo: options['forward-to'], routes: options.route }, file)
    const wanted = eventsOf(options.events, options.filter, file.events)
    const callId = options['call-id']
    const view = await ListenView.create(output)
    const listener = createListener(
      { limitSeconds: options.limit ?? 20, withBodies: options['print-json'], mask: options.mask },
      event => view.show(event),
    )
    const relay = await startRelay(
      {
        host: options.host ?? file.host ?? '127.0.0.1',
        port: portOf(options.port ?? file.port ?? DEFAULT_PORT),
      },
      {
        routes,
        pathMode: (options['path-mode'] ?? file.pathMode) === 'fixed' ? 'fixed' : 'append',
        passes: head =>
          (wanted === null || fits(wanted, head.type ?? '')) &&
          (callId === undefined || head.callId === callId),
        verify: null,
        maximumBodyBytes: parseSize(options['max-body'], '--max-body'),
        wholeBodies: options['print-json'],
        sessionId: randomBytes(4).toString('hex'),
        tls: { skipVerify: options['skip-verify'], ca: await readCertificate(options.ca, context) },
      },
      listener,
    )
    view.show({
      type: 'ready',
      url: relay.url,
      port: relay.port,
      routes: routes.map(({ patterns, target }) => ({ events: patterns, target: target.url.href })),
    })
    if (!output.isJson) {
      output.note(`listening on ${relay.url}`)
      for (const { patterns, target } of routes) output.note(`  ${patterns.join(', ')} → ${target.url.href}`)
      output.note('Ctrl-C ends it')
    }
    await untilAborted(signal)
    view.show({
      type: 'note',
      at: new Date().toISOString(),
      message: 'finishing what is under way; Ctrl-C again ends at once',
    })
    await relay.drain()
    view.flush()
    return options.strict && listener.tally.wrongReplies > 0 ? Exit.checkFailed : Exit.done
  },
)

function eventsOf(
  events: string | undefined,
  filter: string | undefined,
  file: string | string[] | undefined,
): string[] | null {
  if (events !== undefined && filter !== undefined)
    throw usageError('--events and --filter are the same: give one of them')
  const text = events ?? filter ?? (Array.isArray(file) ? file.join(',') : file)
  if (text === undefined) return null
  const patterns = parsePatterns(text)
  if (patterns.length === 0) throw usageError('--events names no event', "--events 'tool-calls,status-*'")
  return patterns
}

function portOf(port: number): number {
  if (Number.isInteger(port) && port <= 65_535) return port
  throw usageError('--port is a whole number from 0 to 65535')
}

async function readCertificate(
  path: string | undefined,
  { workingDirectory }: Context,
): Promise<string | null> {
  if (path === undefined) return null
  let text: string
  try {
    text = await readFile(resolve(workingDirectory, path), 'utf8')
  } catch (error) {
    throw usageError(`--ca ${path} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`)
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw usageError(`--ca ${path} holds no certificate in PEM`)
  return text
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
