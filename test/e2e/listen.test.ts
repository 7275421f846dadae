import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listen } from '../support/listen.ts'
import { temporaryFolder, vapi } from '../support/program.ts'
import { send, startTarget } from '../support/relay.ts'
import { requires } from '../support/requires.ts'
import { freePort, targets } from '../support/targets.ts'

const toolCalls = JSON.stringify({
  message: {
    type: 'tool-calls',
    call: { id: 'call-0001' },
    toolCallList: [
      { id: 'tc_1', type: 'function', function: { name: 'book', arguments: { day: 'Monday' } } },
    ],
  },
})

describe.each(Object.keys(targets) as (keyof typeof targets)[])('vapi listen before %s', name => {
  const missing = name === 'nginx' ? requires('nginx') : name === 'python' ? requires('python3') : false
  it.skipIf(missing)(
    `relays bytes, status, redirects and streams${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      const relay = await listen(['--forward-to', String(await targets[name]())])
      for (const body of [
        Buffer.from(toolCalls),
        Buffer.alloc(0),
        randomBytes(2000),
        Buffer.from(JSON.stringify({ message: { type: 'hang', text: '„é“'.repeat(40_000) } })),
        randomBytes(20_000_000),
      ]) {
        const answer = await send(relay.port, { path: '/hook', body })
        expect([answer.status, answer.body.length, answer.body.equals(body)]).toEqual([
          200,
          body.length,
          true,
        ])
      }
      const pieces = [
        Buffer.from('{"message":{"type":"hang","text":"n\u00e9').subarray(0, -1),
        Buffer.from([0xa9]),
        '"}}',
      ]
      expect((await send(relay.port, { path: '/hook', body: pieces })).body.toString()).toContain('né')
      for (const status of [201, 404, 500])
        expect((await send(relay.port, { path: `/status/${status}`, body: '{}' })).status).toBe(status)
      const moved = await send(relay.port, { path: '/redirect', body: '{}' })
      expect([moved.status, moved.headers.location]).toEqual([302, '/elsewhere'])
      expect((await send(relay.port, { path: '/stream', body: '{}' })).body.toString()).toBe('one two three')
      const { code } = await relay.stop()
      expect(code).toBe(0)
    },
  )
})

describe('vapi listen tells', () => {
  it('each event with its useful line, and each reply with its check', async () => {
    const target = await startTarget((_request, reply) => {
      reply.setHeader('content-type', 'application/json')
      reply.end('{"results": [{"result": "done"}]}')
    })
    const relay = await listen(['-f', `127.0.0.1:${target.port}`, '--strict'])
    expect(relay.ready).toMatchObject({
      routes: [{ events: ['*'], target: `http://127.0.0.1:${target.port}/` }],
    })
    await send(relay.port, { body: toolCalls })
    const reply = await relay.next(({ type }) => type === 'reply')
    expect(relay.lines[1]).toMatchObject({
      type: 'event',
      event: 'tool-calls',
      callId: 'call-0001',
      summary: 'book({"day":"Monday"})',
    })
    expect(reply).toMatchObject({
      event: 'tool-calls',
      status: 200,
      findings: expect.arrayContaining([
        expect.objectContaining({ level: 'error', path: 'results[0].toolCallId' }),
      ]),
    })
    expect((await relay.stop()).code).toBe(3)
  })

  it('a body that is no JSON, and relays it all the same', async () => {
    const target = await startTarget((_request, reply, body) => reply.end(body))
    const relay = await listen(['-f', String(target.port)])
    const answer = await send(relay.port, { body: '{"message": {"type": "hang"' })
    expect(answer.body.toString()).toBe('{"message": {"type": "hang"')
    expect(await relay.next(({ type }) => type === 'event')).toMatchObject({ event: null, malformed: true })
  })

  it('a target that is down, with what to do', async () => {
    const relay = await listen(['-f', `127.0.0.1:${await freePort()}`])
    const answer = await send(relay.port, { body: toolCalls })
    expect(answer.status).toBe(502)
    expect(await relay.next(({ type }) => type === 'error')).toMatchObject({
      code: 'target-down',
      event: 'tool-calls',
      hint: expect.stringContaining('start your server'),
    })
  })

  it('an answer that is missing as a wrong one, with --strict', async () => {
    const relay = await listen(['-f', `127.0.0.1:${await freePort()}`, '--strict'])
    await send(relay.port, { body: toolCalls })
    await relay.next(({ type }) => type === 'error')
    expect((await relay.stop()).code).toBe(3)
  })

  it('bodies that are no text as base64 with --print-json', async () => {
    const target = await startTarget((_request, reply) => reply.end(Buffer.from([1, 255, 2])))
    const relay = await listen(['-f', String(target.port), '--print-json'])
    await send(relay.port, { body: Buffer.from([0, 200, 7]) })
    expect(await relay.next(({ type }) => type === 'reply')).toMatchObject({ body: { base64: 'Af8C' } })
    expect(relay.lines).toContainEqual(expect.objectContaining({ type: 'event', body: { base64: 'AMgH' } }))
  })

  it('no telephone numbers and secrets with --mask', async () => {
    const target = await startTarget((_request, reply) => reply.end('{}'))
    const relay = await listen(['-f', String(target.port), '--mask', '--print-json'])
    const body = JSON.stringify({
      message: {
        type: 'transcript',
        role: 'user',
        transcriptType: 'final',
        transcript: 'Call me at +15551234567',
        customer: { number: '+15551234567', email: 'ann@example.com' },
        server: { secret: 'hidden-word' },
      },
    })
    await send(relay.port, { body })
    const event = await relay.next(({ type }) => type === 'event')
    const text = JSON.stringify(event)
    expect(text).toContain('67')
    expect(text).not.toMatch(/15551234567|ann@|hidden-word/)
  })
})

describe('vapi listen with settings', () => {
  it('takes routes and events from .vapi/listen.yaml', async () => {
    const tools = await startTarget((_request, reply) => reply.end('tools'))
    const rest = await startTarget((_request, reply) => reply.end('rest'))
    const cwd = temporaryFolder()
    await mkdir(join(cwd, '.vapi'))
    await writeFile(
      join(cwd, '.vapi', 'listen.yaml'),
      `forwardTo: ${rest.port}\nroutes:\n  tool-calls: ${tools.port}/tools\nevents: [tool-calls, hang]\n`,
    )
    const relay = await listen([], { cwd })
    expect((await send(relay.port, { body: toolCalls })).body.toString()).toBe('tools')
    expect((await send(relay.port, { body: '{"message":{"type":"hang"}}' })).body.toString()).toBe('rest')
    expect(
      (await send(relay.port, { body: '{"message":{"type":"status-update"}}' })).body.toString(),
    ).toContain('ignored')
  })

  it.each([
    ['nothing to forward to', [], /where to is missing/],
    ['a bad target', ['-f', 'ftp://x'], /is no http or https URL/],
    ['a bad size', ['-f', '3000', '--max-body', 'much'], /is no size/],
    ['both names of a filter', ['-f', '3000', '--events', 'a', '--filter', 'b'], /are the same/],
    ['no certificate', ['-f', '3000', '--ca', '/dev/null'], /no certificate in PEM/],
  ])('refuses %s with exit code 2', async (_, args, message) => {
    const { code, stderr } = await vapi(['listen', ...args])
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  })

  it('refuses a port in use at once', async () => {
    const target = await startTarget(() => {})
    const { code, stderr } = await vapi(['listen', '-f', '3000', '--port', String(target.port)])
    expect([code, stderr]).toEqual([2, expect.stringContaining(`port ${target.port} of 127.0.0.1 is in use`)])
  })
})

describe('vapi listen before a target with a certificate of its own', () => {
  async function startSecure() {
    const folder = temporaryFolder()
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-keyout',
          key,
          '-out',
          certificate,
          '-days',
          '2',
        ],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ],
      { stdio: 'ignore' },
    )
    const server = createSecureServer(
      { key: readFileSync(key), cert: readFileSync(certificate) },
      (_request, reply) => {
        reply.end('secure')
      },
    )
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return { target: `https://localhost:${(server.address() as AddressInfo).port}`, certificate }
  }

  it('refuses it, and takes it with --skip-verify or --ca', async () => {
    const { target, certificate } = await startSecure()
    const strict = await listen(['-f', target])
    expect((await send(strict.port, { body: toolCalls })).status).toBe(502)
    expect(await strict.next(({ type }) => type === 'error')).toMatchObject({
      code: 'target-certificate',
      hint: expect.stringContaining('--skip-verify'),
    })
    for (const trust of [['--skip-verify'], ['--ca', certificate]]) {
      const relay = await listen(['-f', target, ...trust])
      expect((await send(relay.port, { body: toolCalls })).body.toString()).toBe('secure')
    }
  })
})

describe('Ctrl-C', () => {
  it('lets what is under way finish', async () => {
    let answer: () => void = () => {}
    let arrived: () => void = () => {}
    const there = new Promise<void>(resolve => {
      arrived = resolve
    })
    const target = await startTarget((_request, reply) => {
      answer = () => reply.end('finished')
      arrived()
    })
    const relay = await listen(['-f', String(target.port)])
    const underWay = send(relay.port, { body: toolCalls })
    await there
    const stopped = relay.stop()
    await relay.next(({ type }) => type === 'note')
    answer()
    expect((await underWay).body.toString()).toBe('finished')
    expect((await stopped).code).toBe(0)
  })
})
