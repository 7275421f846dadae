import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { startVapi, temporaryFolder } from '../support/program.ts'
import { send } from '../support/relay.ts'
import { freePort } from '../support/targets.ts'

const EVENTS = 1000

/** Answers each event and prints its number, and whether it may have come before. */
const TARGET = `
require('node:http').createServer((request, reply) => {
  let body = ''
  request.on('data', piece => { body += piece })
  request.on('end', () => {
    const { number } = JSON.parse(body).message
    require('node:fs').writeSync(1, number + ' ' + (request.headers['x-vapi-possibly-delivered'] ?? 'false') + '\\n')
    reply.end('{}')
  })
}).listen(Number(process.argv[1]), '127.0.0.1', () => require('node:fs').writeSync(1, 'ready\\n'))
`

/** A line of its own for each of them, as they come. */
class Delivered {
  readonly count = new Map<number, number>()
  readonly unmarked: number[] = []
  private readonly waiting: { size: number; resolve: () => void }[] = []

  take(line: string): void {
    const [digits = '', marked] = line.split(' ')
    const number = Number(digits)
    const before = this.count.get(number) ?? 0
    if (before > 0 && marked !== 'true') this.unmarked.push(number)
    this.count.set(number, before + 1)
    for (const { size, resolve } of this.waiting) if (this.count.size >= size) resolve()
  }

  reaches(size: number): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push({ size, resolve })
      if (this.count.size >= size) resolve()
    })
  }
}

it('loses none of 1,000 events through kill -9 of the target and of the listener, and marks what may come twice', async () => {
  const folder = temporaryFolder()
  const [targetPort, port] = [await freePort(), await freePort()]
  const delivered = new Delivered()
  let target: ChildProcess
  const startTarget = async () => {
    const child = spawn(process.execPath, ['-e', TARGET, String(targetPort)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    target = child
    const lines = createInterface({ input: child.stdout })
    await once(lines, 'line')
    lines.on('line', line => delivered.take(line))
  }
  const listen = () =>
    startVapi(
      ['listen', '-f', `127.0.0.1:${targetPort}`, '--port', String(port), '--retry', '--json', '--quiet'],
      {
        cwd: folder,
        stdin: null,
      },
    )
  await startTarget()
  let listener = listen()
  onTestFinished(async () => {
    target.kill('SIGKILL')
    listener.child.kill('SIGKILL')
    await listener.finished
  })
  await listener.prints('"ready"')

  // What the listener has not taken (it was dead) is sent again, as the platform's own retries would.
  let next = 0
  const sender = async () => {
    for (let number = next++; number < EVENTS; number = next++) {
      const body = JSON.stringify({ message: { type: 'status-update', number, call: { id: 'c1' } } })
      while ((await send(port, { body }).catch(() => null)) === null) await new Promise(setImmediate)
    }
  }
  const senders = Promise.all(Array.from({ length: 10 }, sender))
  await delivered.reaches(250)
  target!.kill('SIGKILL')
  await once(target!, 'exit')
  await startTarget()
  await delivered.reaches(500)
  listener.child.kill('SIGKILL')
  await listener.finished
  listener = listen()
  await delivered.reaches(700)
  target!.kill('SIGKILL')
  listener.child.kill('SIGKILL')
  await listener.finished
  await startTarget()
  listener = listen()
  await senders
  await delivered.reaches(EVENTS)
  expect([...delivered.count.keys()].toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: EVENTS }, (_, number) => number),
  )
  // Ten senders got no answer at each death of the listener: what they send again is theirs, not the listener's.
  expect(delivered.unmarked.length).toBeLessThanOrEqual(20)
}, 120_000)
