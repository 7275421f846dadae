import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { announceListener } from '../../src/listen/running.ts'
import { listen } from '../support/listen.ts'
import { temporaryFolder, vapi } from '../support/program.ts'
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
