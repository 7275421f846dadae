import { commands } from '../../src/commands/manifest.ts'
import type { VapiError } from '../../src/errors.ts'
import { startTarget } from './relay.ts'
import type { CommandRun } from './run-command.ts'
import { runCommand } from './run-command.ts'

export interface Taken {
  headers: Record<string, string | string[] | undefined>
  method: string
  url: string
  body: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: messages differ
  message: any
}

/** Replies that every check is content with. */
export function goodReply({
  type,
  toolCallList,
}: {
  type: string
  toolCallList?: { id: string }[]
}): unknown {
  switch (type) {
    case 'tool-calls':
      return { results: (toolCallList ?? []).map(({ id }) => ({ toolCallId: id, result: '8:15' })) }
    case 'assistant-request':
      return { assistantId: '8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a' }
    case 'transfer-destination-request':
      return { destination: { type: 'number', number: '+15551234567' } }
    case 'handoff-destination-request':
      return { destination: { type: 'assistant', assistantName: 'Billing' } }
    case 'knowledge-base-request':
      return { documents: [{ content: 'Open from eight to five.', similarity: 0.9 }] }
    case 'call.endpointing.request':
      return { timeoutSeconds: 0.5 }
    case 'campaign.predial':
      return { eligible: true }
    case 'voice-request':
      return Buffer.alloc(480)
    default:
      return {}
  }
}

/** A server for messages that remembers them; `answer` gives the reply, with a status other than 200 in `status`. */
export async function startHook(
  answer: (taken: Taken, place: number) => unknown = ({ message }) => goodReply(message),
): Promise<{ port: number; taken: Taken[]; close(): Promise<void> }> {
  const taken: Taken[] = []
  const target = await startTarget((incoming, reply, body) => {
    const one: Taken = {
      headers: incoming.headers,
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      body,
      message: JSON.parse(body.toString()).message,
    }
    taken.push(one)
    const content = answer(one, taken.length - 1)
    if (typeof content === 'number') reply.writeHead(content).end()
    else if (Buffer.isBuffer(content))
      reply.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content)
    else reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content))
  })
  return { ...target, taken }
}

/** Starts a command by its name, in this process. */
export async function startCommand(name: string, argv: readonly string[], cwd = '.'): Promise<CommandRun> {
  const load = commands[name]
  if (load === undefined) throw new Error(`there is no command ${name}`)
  return runCommand(await load(), argv, { baseUrl: 'http://127.0.0.1:1', cwd })
}

/** Runs it to its end. */
export async function finishCommand(
  name: string,
  argv: readonly string[],
  cwd = '.',
): Promise<{ stdout: string; stderr: string; exit: number; error: VapiError | null }> {
  return (await startCommand(name, argv, cwd)).finished
}
