/** Starts a server as a client would and shakes hands with it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { messageOf } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { timeLimit } from '../../time-limit.ts'
import type { Launch } from './types.ts'

/** From the start of the program to its end. */
export const HANDSHAKE_LIMIT_MS = 5000
/** How long a server has to end by itself once its input is closed. */
const END_LIMIT_MS = 2000
const PROTOCOL_VERSION = '2025-06-18'
const KEPT_CHARACTERS = 2000
/** No server has more pages of tools. */
const MAXIMUM_PAGES = 50

export interface Handshake {
  works: boolean
  /** What is wrong; null where it works. */
  why: string | null
  server: { name: string; version: string } | null
  /** Null where it was not told. */
  tools: number | null
  /** From the start to the answer; null without one. */
  tookMs: number | null
}

export interface HandshakeOptions {
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  signal: AbortSignal
  limitMs?: number
}

/** Never throws for what the server does wrong; rejects when `signal` aborts. The program is over when it resolves. */
export async function shakeHands(launch: Launch, options: HandshakeOptions): Promise<Handshake> {
  const { env, cwd, signal, limitMs = HANDSHAKE_LIMIT_MS } = options
  const started = performance.now()
  const result: Handshake = { works: false, why: null, server: null, tools: null, tookMs: null }
  const child = spawn(launch.command, [...launch.args], { cwd, env: { ...env }, windowsHide: true })
  const limit = timeLimit(signal, limitMs)
  const peer = talkTo(child, limit.signal)
  try {
    const reply = await peer.ask('initialize', {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: 'vapi-mcp-status', version: '1' },
    })
    result.tookMs = Math.round(performance.now() - started)
    const { serverInfo, capabilities } = reply
    if (!isObject(serverInfo)) throw new Error('its answer to initialize has no serverInfo')
    result.server = { name: String(serverInfo.name), version: String(serverInfo.version) }
    peer.tell('notifications/initialized')
    if (isObject(capabilities) && isObject(capabilities.tools)) result.tools = await countTools(peer)
    await peer.end(END_LIMIT_MS)
    result.works = true
  } catch (error) {
    signal.throwIfAborted()
    result.why = limit.signal.aborted ? `no answer within ${limitMs / 1000} s` : messageOf(error)
  } finally {
    limit.release()
    await peer.kill()
  }
  return result
}

async function countTools(peer: Peer): Promise<number> {
  let count = 0
  let cursor: unknown
  for (let page = 0; page < MAXIMUM_PAGES; page++) {
    const { tools, nextCursor } = await peer.ask('tools/list', cursor === undefined ? {} : { cursor })
    if (!Array.isArray(tools)) throw new Error('its answer to tools/list has no tools')
    count += tools.length
    if (typeof nextCursor !== 'string') break
    cursor = nextCursor
  }
  return count
}

interface Peer {
  ask(method: string, params: object): Promise<Record<string, unknown>>
  tell(method: string): void
  /** Closes its input and waits for its end. Throws where it does not end. */
  end(limitMs: number): Promise<void>
  /** Ends it in any case. */
  kill(): Promise<void>
}

/** JSON-RPC by lines. Anything else on its standard output is a fault: strict clients break on it. */
function talkTo(child: ChildProcessWithoutNullStreams, signal: AbortSignal): Peer {
  const waiting = new Map<number, { resolve(result: Record<string, unknown>): void }>()
  const broken = new AbortController()
  let nextId = 1
  let said = ''
  let isClosing = false
  const fail = (message: string) => broken.abort(new Error(message))
  const over = new Promise<void>(resolve => {
    child.on('error', error => {
      fail(`it cannot be started: ${messageOf(error)}`)
      resolve()
    })
    child.on('close', (code, killedBy) => {
      const lines = said.trim().split(/\r?\n/)
      const last = lines.findLast(line => /^\s*(\w*error|fatal)\b/i.test(line)) ?? lines.at(-1) ?? ''
      fail(
        `it ended ${killedBy === null ? `with ${code}` : `by ${killedBy}`}${last === '' ? '' : `: ${last}`}`,
      )
      resolve()
    })
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS)
  })
  child.stdin.on('error', () => {})
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  createInterface({ input: child.stdout }).on('line', line => {
    if (line.trim() === '' || isClosing) return
    const message = parsed(line)
    if (message === null) return fail(`it writes something else than the protocol: ${line.slice(0, 80)}`)
    const { id, method, result, error } = message
    if (typeof method === 'string') {
      // A server may ask, too: it gets an answer, so that it does not wait.
      if (id !== undefined && method === 'ping') send({ id, result: {} })
      else if (id !== undefined) send({ id, error: { code: -32601, message: 'not offered' } })
      return
    }
    const asked = waiting.get(Number(id))
    if (asked === undefined) return
    waiting.delete(Number(id))
    if (isObject(result)) asked.resolve(result)
    else fail(`it answered with an error: ${isObject(error) ? String(error.message) : 'none told'}`)
  })
  const orFault = <Result>(work: Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      const give = (from: AbortSignal) => {
        const stop = () => reject(from.reason)
        if (from.aborted) stop()
        else from.addEventListener('abort', stop, { once: true })
      }
      give(broken.signal)
      give(signal)
      work.then(resolve, reject)
    })
  return {
    ask: (method, params) => {
      const id = nextId++
      const reply = new Promise<Record<string, unknown>>(resolve => waiting.set(id, { resolve }))
      send({ id, method, params })
      return orFault(reply)
    },
    tell: method => void send({ method }),
    end: async limitMs => {
      if (broken.signal.aborted) throw broken.signal.reason
      isClosing = true
      child.stdin.end()
      if (!(await within(over, limitMs, signal))) throw new Error('it does not end when its input is closed')
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      child.kill()
      if (await within(over, 500, null)) return
      child.kill('SIGKILL')
      // Grandchildren may hold its pipes.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
    },
  }
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) && value.jsonrpc === '2.0' ? value : null
  } catch {
    return null
  }
}

/** True when the work is over in time. */
async function within(work: Promise<void>, limitMs: number, signal: AbortSignal | null): Promise<boolean> {
  const limit = timeLimit(signal ?? new AbortController().signal, limitMs)
  const stop = new Promise<boolean>(resolve => {
    if (limit.signal.aborted) resolve(false)
    limit.signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  try {
    return await Promise.race([work.then(() => true), stop])
  } finally {
    limit.release()
  }
}
