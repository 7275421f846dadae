import { join } from 'node:path'
import type { Context } from '../cli/context.ts'
import { type CommandDefinition, defineCommand, type OptionValues } from '../cli/definition.ts'
import { Exit, type ExitCode, usageError } from '../errors.ts'
import type { ListenEvent } from '../listen/events.ts'
import { journalFolder } from '../listen/journal/journal.ts'
import type { MessageHead } from '../listen/message-head.ts'
import { fits, parsePatterns, TELLING, withRealNames } from '../listen/routes.ts'
import { announceListener, DEFAULT_PORT } from '../listen/running.ts'
import { type Session, shownRoutes, startSession } from '../listen/session.ts'
import { parseSize, readListenFile, routesOf } from '../listen/settings.ts'
import { assumedAddress } from '../listen/target.ts'
import { type TunnelId, tunnelIds } from '../listen/tunnel/types.ts'
import { verifyRequest } from '../listen/verify.ts'
import { resolveEventName } from '../messages/event-names.ts'
import { readCertificate, tlsOptions } from './listen-tls.ts'
import { cleanUp, noteEvent, type OpenTunnel, openTunnel } from './listen-tunnel.ts'
import { expectationOptions, readExpectations } from './listen-verify-options.ts'
import { ListenView } from './listen-view.ts'
import { requireUrl } from './web-address.ts'

const definition = {
  name: 'listen',
  summary: 'relay webhooks to your local server, show and check them',
  description:
    'Takes the platform’s messages on this machine, passes them on to your server as they are, and its replies back. The platform reaches it through a tunnel: --tunnel runs ngrok, cloudflared or localtunnel where one is installed; any other one that leads to the port does as well (--public-url tells its address). Settings may stand in .vapi/listen.yaml (forwardTo, routes, port, host, pathMode, events). What came is kept in .vapi/listen: vapi listen events, show, replay, export. Secrets in headers and addresses are never shown, those of bodies with --mask not either. No account is needed but for --set-server.',
  args: [],
  options: {
    'forward-to': {
      type: 'string',
      short: 'f',
      placeholder: 'TARGET',
      summary: 'your server: a port, a path (of localhost:3000), host:port, with a path, or a URL',
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
      summary: 'port to listen on (default 4242; 0: any free one)',
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
    ...tlsOptions,
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
    ...expectationOptions,
    'no-journal': { type: 'boolean', summary: 'keep nothing of what comes' },
    'journal-size': {
      type: 'string',
      placeholder: 'SIZE',
      default: '256MB',
      summary: 'the oldest events go when there are more',
    },
    retry: { type: 'boolean', summary: 'send again what a target did not take, when it is back' },
    inspect: { type: 'boolean', summary: 'show everything on a page in the browser' },
    'inspect-port': {
      type: 'number',
      placeholder: 'PORT',
      minimum: 0,
      summary: 'port of that page (default: any free one)',
    },
    'no-open': { type: 'boolean', summary: 'print the address of the page, open no browser' },
    tunnel: {
      type: 'string',
      placeholder: 'TOOL',
      choices: tunnelIds,
      summary: 'make it reachable from outside with this tool',
    },
    'public-url': { type: 'string', placeholder: 'URL', summary: 'address of a tunnel of your own' },
    'set-server': {
      type: 'list',
      placeholder: 'assistant:NAME|phone:NAME',
      summary: 'point its server here while this runs, and set it back at the end',
    },
    strict: { type: 'boolean', summary: 'exit with 3 at the end if a reply was wrong' },
    'print-json': { type: 'boolean', summary: 'show whole bodies' },
    mask: {
      type: 'boolean',
      summary:
        'hide telephone numbers, e-mail addresses and secrets in what is shown, the inspector included; the journal keeps bodies as they came',
    },
  },
  formats: ['table', 'json', 'jsonl'],
  examples: [
    { command: 'vapi listen --forward-to localhost:3000/webhook', does: 'relay everything to your server' },
    {
      command:
        "vapi listen --route 'tool-calls=3000/tools' --forward-to 4000/hook --events 'tool-calls,status-*'",
      does: 'two targets, some events',
    },
    {
      command: 'vapi listen -f 3000 --inspect --retry',
      does: 'a page in the browser; nothing is lost while your server restarts',
    },
    {
      command: 'vapi listen -f 3000/vapi --tunnel cloudflared --set-server assistant:Reception',
      does: 'real calls reach your server',
    },
    { command: 'vapi listen -f 3000 --json | jq -c .summary', does: 'one JSON object a line' },
  ],
  needsLogin: false,
  destructive: false,
  endsOnSignal: true,
} as const satisfies CommandDefinition

export default defineCommand(definition, async ({ options }, context): Promise<ExitCode> => {
  const view = await ListenView.create(context.output)
  try {
    return await listen(options, view, context)
  } finally {
    view.giveUp()
  }
})

async function listen(
  options: OptionValues<typeof definition>,
  view: ListenView,
  context: Context,
): Promise<ExitCode> {
  const { signal, workingDirectory } = context
  const file = await readListenFile(join(workingDirectory, '.vapi', 'listen.yaml'))
  const given = routesOf({ forwardTo: options['forward-to'], routes: options.route }, file)
  const tell = (event: ListenEvent) => view.show(event)
  const note = (message: string) => tell(noteEvent(message))
  const routes = withRealNames(given, note)
  for (const { target } of given) {
    const assumed = assumedAddress(target)
    if (assumed !== null) note(assumed)
  }
  const wanted = eventsOf(options.events, options.filter, file.events, note)
  const callId = options['call-id']
  if (callId === '') throw usageError('--call-id is empty', 'leave it out to relay all calls')
  if (options.host === '') throw usageError('--host is empty', '--host 127.0.0.1 is this machine alone')
  if (options['inspect-port'] !== undefined && !options.inspect)
    throw usageError('--inspect-port needs --inspect')
  if (options.retry && options['no-journal'])
    throw usageError('--retry needs the journal: leave --no-journal out')
  const expected = await readExpectations(options, context)
  const folder = journalFolder(workingDirectory)
  const host = options.host ?? file.host ?? '127.0.0.1'
  const publicUrl = options['public-url'] === undefined ? null : requireUrl(options['public-url'])
  const tls = { skipVerify: options['skip-verify'], ca: await readCertificate(options.ca, context) }
  await cleanUp(folder, context, note)
  const session = await startSession({
    host,
    port: portOf(options.port ?? file.port ?? DEFAULT_PORT, '--port'),
    routes,
    pathMode: (options['path-mode'] ?? file.pathMode) === 'fixed' ? 'fixed' : 'append',
    passes: head =>
      (wanted === null || wanted.some(names => isMeant(names, head))) &&
      (callId === undefined || head.callId === callId),
    byCall: callId !== undefined,
    verify:
      expected === null
        ? null
        : request => verifyRequest(request, expected.auth, { nowMs: Date.now(), ...expected.options }),
    maximumBodyBytes: parseSize(options['max-body'], '--max-body'),
    tls,
    listener: { limitSeconds: options.limit ?? 20, withBodies: options['print-json'], mask: options.mask },
    journal: options['no-journal']
      ? null
      : { folder, maximumBytes: parseSize(options['journal-size'], '--journal-size') },
    retry: options.retry,
    inspectorPort: options.inspect ? portOf(options['inspect-port'] ?? 0, '--inspect-port') : null,
    tell,
  })
  const withdraw = announceListener(folder, session.url, process.pid)
  let tunnel: OpenTunnel
  try {
    const choice = { tool: toolOf(options.tunnel), setServers: options['set-server'], publicUrl }
    tunnel = await openTunnel(choice, { host, port: session.port, folder }, context, note)
  } catch (error) {
    withdraw()
    await session.end()
    throw error
  }
  announce(session, tunnel, routes, view, context)
  if (session.inspectorUrl !== null && !options['no-open']) {
    const { openBrowser } = await import('../auth/open-browser.ts')
    const reason = await openBrowser(session.inspectorUrl, context.env)
    if (reason !== null) note(`no browser opens (${reason})`)
  }
  await untilAborted(signal)
  note('finishing what is under way; Ctrl-C again ends at once')
  withdraw()
  await tunnel.close()
  await session.end()
  await view.whole()
  return options.strict && session.tally.wrongReplies > 0 ? Exit.checkFailed : Exit.done
}

function announce(
  session: Session,
  { url: publicUrl }: OpenTunnel,
  routes: Parameters<typeof shownRoutes>[0]['routes'],
  view: ListenView,
  { output }: Context,
): void {
  const { url, port, inspectorUrl } = session
  const shown = shownRoutes({ routes })
  view.show({
    type: 'ready',
    url,
    port,
    routes: shown,
    ...(inspectorUrl !== null && { inspector: inspectorUrl }),
    ...(publicUrl !== null && { publicUrl }),
  })
  if (output.isJson) return
  output.note(`listening on ${url}${publicUrl === null ? '' : `, from outside ${publicUrl}`}`)
  for (const { events, target } of shown) output.note(`  ${events.join(', ')} → ${target}`)
  if (inspectorUrl !== null) output.note(`inspector: ${inspectorUrl}`)
  output.note('Ctrl-C ends it')
}

function toolOf(text: string | undefined): TunnelId | null {
  return tunnelIds.find(id => id === text) ?? null
}

/** What `--events` names: real types, or what a name of old pages means by the fields of the first one. */
type Wanted = Pick<ReturnType<typeof resolveEventName>, 'types' | 'fields'>

function isMeant({ types, fields = {} }: Wanted, { type, fields: present }: MessageHead): boolean {
  if (!fits(types, type ?? '')) return false
  return (
    type !== types[0] || TELLING.every(name => fields[name] === undefined || fields[name] === present[name])
  )
}

/** The events to relay; names that stand in old pages are read as the events that they mean. Null: all. */
function eventsOf(
  events: string | undefined,
  filter: string | undefined,
  file: string | string[] | undefined,
  note: (message: string) => void,
): Wanted[] | null {
  if (events !== undefined && filter !== undefined)
    throw usageError('--events and --filter are the same: give one of them')
  const text = events ?? filter ?? (Array.isArray(file) ? file.join(',') : file)
  if (text === undefined) return null
  const names = parsePatterns(text)
  if (names.length === 0) throw usageError('--events names no event', "--events 'tool-calls,status-*'")
  return names.map(name => {
    const resolved = resolveEventName(name)
    if (resolved.note !== null) note(resolved.note)
    return resolved
  })
}

function portOf(port: number, option: string): number {
  if (Number.isInteger(port) && port <= 65_535) return port
  throw usageError(`${option} is a whole number from 0 to 65535`)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
