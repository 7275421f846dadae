import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type EventRecord, loadLine, readEvents } from '../../../src/listen/journal/reader.ts'
import { listSegments } from '../../../src/listen/journal/segments.ts'
import { packageFile } from '../../../src/package-root.ts'
import { bundleProgram } from '../../support/bundle.ts'
import { folderIn } from '../../support/journal.ts'
import { temporaryFolder } from '../../support/program.ts'

const EVENTS = 1000
const KILLS = 6

let program: Awaited<ReturnType<typeof bundleProgram>>
beforeAll(async () => {
  program = await bundleProgram(packageFile('test', 'support', 'journal-listener.ts'))
})
afterAll(() => program.remove())

async function startListener(
  folder: string,
  port: number,
  target: string,
): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [program.file, folder, String(port), target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })
  return new Promise((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the listener ended with ${code}`)))
    lines.once('line', line => resolve({ child, port: Number(line) }))
  })
}

/** Waits for what `changed` may have brought about. */
function watchable() {
  const watchers = new Set<() => void>()
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  const until = (condition: () => boolean) =>
    new Promise<void>(resolve => {
      const check = () => {
        if (!condition()) return
        watchers.delete(check)
        resolve()
      }
      watchers.add(check)
      check()
    })
  return { changed, until }
}

/** A server that can be taken away and put back at its port, and what it got. */
async function flakyTarget() {
  const got = new Map<number, IncomingMessage['headers'][]>()
  const { changed, until } = watchable()
  const handle: Parameters<typeof createServer>[1] = (incoming, reply) => {
    let text = ''
    incoming.on('data', piece => {
      text += piece
    })
    incoming.on('end', () => {
      const { number } = JSON.parse(text).message
      got.set(number, [...(got.get(number) ?? []), incoming.headers])
      reply.end('{}')
      changed()
    })
  }
  let server: Server
  let port = 0
  const up = () => {
    server = createServer(handle)
    return new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  }
  const down = () => {
    server.closeAllConnections()
    return new Promise<void>(resolve => server.close(() => resolve()))
  }
  await up()
  port = (server!.address() as AddressInfo).port
  onTestFinished(down)
  return { got, port, up, down, until }
}

/** Resolves with the status; rejects where the connection breaks. */
function send(port: number, number: number): Promise<number> {
  const body = JSON.stringify({ message: { type: 'hang', number, call: { id: 'c1' } } })
  return new Promise((resolve, reject) => {
    const headers = { 'x-vapi-secret': `h1dden-${number}` }
    const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers }, answer => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('a listener that is killed', () => {
  it(`loses none of ${EVENTS} events, with a target that goes and comes too`, {
    timeout: 120_000,
  }, async () => {
    const folder = folderIn(temporaryFolder())
    const target = await flakyTarget()
    const address = String(target.port)
    let { child, port } = await startListener(folder, 0, address)
    let answered = 0
    let restarted: Promise<void> = Promise.resolve()
    let next = 0
    const marks = Array.from({ length: KILLS }, (_, place) =>
      Math.round(((place + Math.random()) * EVENTS) / KILLS),
    )
    let kills = 0
    let unanswered = 0
    const happened = watchable()
    const kill = async () => {
      // Every second time the target goes first, and its events are left to the next listener.
      const both = kills++ % 2 === 1
      if (both) {
        await target.down()
        const before = unanswered
        await happened.until(() => unanswered >= before + 20 || answered === EVENTS)
      }
      child.kill('SIGKILL')
      ;({ child } = await startListener(folder, port, address))
      if (both) await target.up()
    }
    const sender = async () => {
      while (next < EVENTS) {
        const number = next++
        // As the platform does with a plan: once more where nothing came.
        for (let accepted = false; !accepted; ) {
          accepted = await send(port, number).then(
            status => {
              if (status === 502) unanswered++
              return true
            },
            () => false,
          )
          if (!accepted) await restarted
          if (!accepted) await new Promise(resolve => setImmediate(resolve))
        }
        answered++
        happened.changed()
        if (marks.includes(answered)) restarted = restarted.then(kill)
      }
    }
    await Promise.all(Array.from({ length: 10 }, sender))
    await restarted
    expect(answered).toBe(EVENTS)
    expect(kills).toBeGreaterThan(1)
    await target.until(() => target.got.size === EVENTS)
    for (const { path } of listSegments(folder)) expect(readFileSync(path, 'utf8')).not.toContain('h1dden')
    const kept = new Map<number, EventRecord[]>()
    for (const record of await readEvents(folder)) {
      const { body } = await loadLine(record.place)
      const { number } = JSON.parse(body?.toString() ?? '').message
      kept.set(number, [...(kept.get(number) ?? []), record])
    }
    for (const [number, headers] of target.got) {
      const [first, ...others] = kept.get(number) ?? []
      expect(first?.event.duplicateOf, String(number)).toBeNull()
      for (const { event } of others) expect(event.duplicateOf).toBe(first?.event.id)
      // What came to the target more often than it came to us says so.
      const unmarked = headers.filter(one => one['x-vapi-possibly-delivered'] === undefined)
      for (const one of headers) expect(one['x-vapi-secret']).toBe(`h1dden-${number}`)
      expect(unmarked.length, String(number)).toBeLessThanOrEqual(1 + others.length)
    }
  })
})
