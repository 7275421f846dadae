import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { announceListener, findRunningListener } from '../../src/listen/running.ts'
import { listen } from '../support/listen.ts'
import { startVapi, temporaryFolder, vapi } from '../support/program.ts'
import { send, startTarget } from '../support/relay.ts'

it('the end of one listener of a folder leaves the record of the other', () => {
  const folder = temporaryFolder()
  const withdrawFirst = announceListener(folder, 'http://127.0.0.1:1', 1)
  const withdrawSecond = announceListener(folder, 'http://127.0.0.1:2', 2)
  withdrawFirst()
  expect(readFileSync(join(folder, 'listener.json'), 'utf8')).toContain('127.0.0.1:2')
  withdrawSecond()
  expect(existsSync(join(folder, 'listener.json'))).toBe(false)
})

it('a --jq filter that does not take a line leaves it out, and the listener goes on', async () => {
  const target = await startTarget((_request, reply) => reply.end('{}'))
  const filter = 'if .type == "event" then .event | error else {type, url, port} end'
  const listener = await listen(['-f', String(target.port), '--no-journal', '--jq', filter], {
    cwd: temporaryFolder(),
  })
  const body = JSON.stringify({ message: { type: 'hang' } })
  for (const _ of [1, 2]) expect((await send(listener.port, { body })).status).toBe(200)
  const { stderr, code } = await listener.stop()
  expect(code).toBe(0)
  expect(listener.lines.map(({ type }) => type)).toEqual(['ready', 'reply', 'reply', 'note'])
  expect(stderr.match(/a line of type event is left out/g)).toHaveLength(1)
})

it('--call-id relays what names the call at the end of a long body, also without a journal', async () => {
  const target = await startTarget((_request, reply) => reply.end('relayed'))
  const listener = await listen(['-f', String(target.port), '--no-journal', '--call-id', 'c1'], {
    cwd: temporaryFolder(),
  })
  const artifact = { transcript: 'x'.repeat(300_000) }
  const body = JSON.stringify({ message: { type: 'end-of-call-report', artifact, call: { id: 'c1' } } })
  expect((await send(listener.port, { body })).body.toString()).toBe('relayed')
  await listener.stop()
})

it.each([
  [['--call-id', ''], '--call-id is empty'],
  [['--host', ''], '--host is empty'],
  [['--route', 'tool-cals=3000'], 'there is no event tool-cals'],
  [['--inspect-port', '5000'], 'needs --inspect'],
  [['--tolerance', '5'], '--hmac'],
  [['--signed-url', 'http://a', '--secret', 's'], '--hmac'],
])('listen refuses %j, which would do nothing', async (flags, words) => {
  const { code, stderr } = await vapi(['listen', '-f', '3000', '--port', '0', ...flags], {
    cwd: temporaryFolder(),
  })
  expect(code).toBe(2)
  expect(stderr).toContain(words)
})

it.each([
  ['routes: {"": 3000}', 'names no event'],
  ['host: ""', 'host'],
])('listen refuses a .vapi/listen.yaml with %s', async (text, words) => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, '.vapi'))
  writeFileSync(join(cwd, '.vapi', 'listen.yaml'), `${text}\nport: 0\n`)
  const { code, stderr } = await vapi(['listen'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toContain(words)
})

it('a path alone is a target: the note says which address was taken, after ready', async () => {
  const listener = await listen(['-f', '/webhook', '--events', 'call-started', '--no-journal'], {
    cwd: temporaryFolder(),
  })
  const { code } = await listener.stop()
  expect(code).toBe(0)
  expect(listener.ready.routes).toEqual([{ events: ['*'], target: 'http://localhost:3000/webhook' }])
  const [first, ...others] = listener.lines
  expect(first?.type).toBe('ready')
  const notes = others.map(({ message }) => message)
  expect(notes).toContain('/webhook is taken as http://localhost:3000/webhook')
  expect(notes).toContainEqual(expect.stringContaining('call-started'))
})

it('what was to be noted is told also where the listener does not start', async () => {
  const listener = await listen(['-f', '3000', '--no-journal'], { cwd: temporaryFolder() })
  const args = ['listen', '-f', '/x', '--port', String(listener.port), '--json']
  const { code, stdout, stderr } = await vapi(args, { cwd: temporaryFolder() })
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('/x is taken as http://localhost:3000/x')
})

it('no secret of a target’s address is told, with --json or without', async () => {
  const target = await startTarget((_request, reply) => reply.end('{}'))
  const address = `localhost:${target.port}/hook?token=s3cret`
  const body = JSON.stringify({ message: { type: 'hang' } })
  const listener = await listen(['-f', address], { cwd: temporaryFolder() })
  await send(listener.port, { body, path: '/x?key=s3cret' })
  await listener.stop()
  expect(listener.lines.map(({ type }) => type)).toEqual(['ready', 'event', 'reply', 'note'])
  expect(JSON.stringify(listener.lines)).not.toContain('s3cret')
  const plain = startVapi(['listen', '-f', address, '--port', '0'], { cwd: temporaryFolder(), stdin: null })
  await plain.prints('Ctrl-C')
  plain.child.kill('SIGINT')
  const { stdout, stderr } = await plain.finished
  expect(stdout + stderr).toContain('token=***')
  expect(stdout + stderr).not.toContain('s3cret')
})

it('--quiet shows what went wrong and nothing else: failures and replies that cannot be used', async () => {
  const target = await startTarget((request, reply) => {
    reply.statusCode = request.url === '/fail' ? 500 : 200
    reply.end('{}')
  })
  const args = ['listen', '-f', String(target.port), '--port', '0', '--quiet', '--no-journal']
  const cwd = temporaryFolder()
  const running = startVapi(args, { cwd, stdin: null })
  const port = await portIn(cwd)
  const messageOf = (type: string) => JSON.stringify({ message: { type, toolCallList: [{ id: 'call_1' }] } })
  await send(port, { body: messageOf('hang') })
  await send(port, { body: messageOf('status-update'), path: '/fail' })
  await send(port, { body: messageOf('tool-calls') })
  await running.prints('results')
  running.child.kill('SIGINT')
  const { stdout } = await running.finished
  expect(stdout).not.toContain('hang')
  expect(stdout).toMatch(/status-update .*500/)
  expect(stdout).toMatch(/tool-calls .*200[^\n]*\n *error: results/)
})

/** Of the listener of this folder, when it is there: with --quiet it does not say it. */
async function portIn(cwd: string): Promise<number> {
  for (;;) {
    const url = await findRunningListener(cwd)
    if (url !== null) return Number(new URL(url).port)
    await new Promise(setImmediate)
  }
}

it('--retry says of what it sends again which try it is, and that nothing is to be done but to start the server', async () => {
  const first = await startTarget(() => {})
  await first.close()
  const listener = await listen(['-f', String(first.port), '--retry'], { cwd: temporaryFolder() })
  expect((await send(listener.port, { body: '{"message":{"type":"hang"}}' })).status).toBe(502)
  const down = await listener.next(({ type }) => type === 'error')
  expect(down).toMatchObject({ code: 'target-down', hint: expect.stringContaining('sent again') })
  expect(down).not.toHaveProperty('attempt')
  const server = createServer((_request, reply) => void reply.end('{}')).listen(first.port, '127.0.0.1')
  onTestFinished(() => void server.close())
  expect(await listener.next(({ type }) => type === 'reply')).toMatchObject({ status: 200, attempt: 1 })
  await listener.stop()
})
