import { chmodSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { inspectorPage } from '../listen/inspector/page.ts'
import { listen } from '../support/listen.ts'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'
import { send, startTarget } from '../support/relay.ts'
import { requires } from '../support/requires.ts'
import { startResourceServer } from '../support/resource-server.ts'
import { openBrowser } from '../web/browser.ts'

const hang = '{"message":{"type":"hang","call":{"id":"call-0002"}}}'

describe('vapi listen and vapi trigger', () => {
  it('find each other in a folder, and speak with a secret', async () => {
    const got: string[] = []
    const target = await startTarget((_request, reply, body) => {
      got.push((JSON.parse(body.toString()) as { message: { type: string } }).message.type)
      reply.end('{}')
    })
    const cwd = temporaryFolder()
    const relay = await listen(['-f', String(target.port), '--secret', 'open sesame'], { cwd })
    const refused = await vapi(['trigger', 'hang'], { cwd })
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('401')])
    expect(await relay.next(({ type }) => type === 'error')).toMatchObject({ code: 'not-verified' })
    const taken = await vapi(['trigger', 'hang', '--secret', 'open sesame'], { cwd })
    expect(taken.code).toBe(0)
    expect(got).toEqual(['hang'])
    const events = jsonLines((await vapi(['listen', 'events', '--output', 'jsonl'], { cwd })).stdout)
    expect(events).toMatchObject([{ event: 'hang' }])
  })

  it('replay what was kept, edited, to another server', async () => {
    const target = await startTarget((_request, reply) => reply.end('{}'))
    const bodies: unknown[] = []
    const other = await startTarget((_request, reply, body) => {
      bodies.push(JSON.parse(body.toString()))
      reply.end('{}')
    })
    const cwd = temporaryFolder()
    const relay = await listen(['-f', String(target.port)], { cwd })
    await send(relay.port, { body: hang })
    await relay.stop()
    const again = await vapi(
      ['listen', 'replay', '--last', '1', '--set', 'call.id=other', '--to', `127.0.0.1:${other.port}`],
      { cwd },
    )
    expect([again.code, bodies]).toEqual([0, [{ message: { type: 'hang', call: { id: 'other' } } }]])
  })

  it('leave out what --events does not name; names of old pages are read as what they mean', async () => {
    const target = await startTarget((_request, reply) => reply.end('relayed'))
    const relay = await listen(['-f', String(target.port), '--events', 'call-ended,tool-*'])
    expect((await send(relay.port, { body: hang })).body.toString()).toContain('ignored')
    const update = (status: string) => JSON.stringify({ message: { type: 'status-update', status } })
    expect((await send(relay.port, { body: update('in-progress') })).body.toString()).toContain('ignored')
    await send(relay.port, { body: update('ended') })
    await relay.next(({ type }) => type === 'reply')
    expect(relay.lines.filter(({ type }) => type === 'event')).toMatchObject([
      { event: 'status-update', summary: 'ended' },
    ])
    expect(relay.lines).toContainEqual(
      expect.objectContaining({ type: 'note', message: expect.stringContaining('call-ended') }),
    )
  })
})

describe('vapi listen --inspect', () => {
  const missing = requires('chromium')
  it.skipIf(missing)(
    `shows events in a browser and sends them again${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      const replays: unknown[] = []
      let replayed: () => void = () => {}
      const again = new Promise<void>(resolve => {
        replayed = resolve
      })
      const target = await startTarget((request, reply) => {
        if (request.headers['x-vapi-replay'] !== undefined) {
          replays.push(request.headers['x-vapi-replay'])
          replayed()
        }
        reply.end('{}')
      })
      const relay = await listen(['-f', String(target.port), '--inspect', '--no-open'])
      const browser = await openBrowser()
      onTestFinished(() => browser.close())
      const page = inspectorPage(browser)
      await browser.open(String(relay.ready.inspector))
      await send(relay.port, { body: hang })
      const { id } = await relay.next(({ type }) => type === 'reply')
      await page.until(`document.querySelector('#row-${id} .type')?.textContent === 'hang'`)
      await page.click(`#row-${id}`)
      await page.until(`document.querySelector('.event-head code')?.textContent === '${id}'`)
      await page.click('#send-again')
      await again
      expect(replays).toEqual([id])
      expect(browser.complaints).toEqual([])
    },
  )
})

describe('vapi listen --tunnel --set-server', () => {
  it('points an assistant’s server to the tunnel and sets it back at the end', async () => {
    const home = temporaryFolder()
    const api = await startResourceServer(home)
    const server = { url: 'https://example.com/old', timeoutSeconds: 7 }
    const { id } = api.put('/assistant', { name: 'Desk', server })
    const bin = temporaryFolder()
    const tool = join(bin, 'ngrok')
    const record = {
      addr: 'x',
      lvl: 'info',
      msg: 'started tunnel',
      name: 'command_line',
      obj: 'tunnels',
      url: 'https://here.example',
    }
    writeFileSync(tool, `#!/bin/sh\necho '${JSON.stringify(record)}'\nexec sleep 1000\n`)
    chmodSync(tool, 0o755)
    const env = { ...api.env, PATH: [bin, process.env.PATH].join(delimiter) }
    const target = await startTarget((_request, reply) => reply.end('{}'))
    const args = ['-f', String(target.port), '--tunnel', 'ngrok', '--set-server', 'assistant:Desk']
    const relay = await listen(args, { env })
    expect(relay.ready).toMatchObject({ publicUrl: 'https://here.example' })
    const present = () => api.rows('/assistant').find(row => row.id === id)?.server
    expect(present()).toEqual({ ...server, url: 'https://here.example' })
    expect((await relay.stop()).code).toBe(0)
    expect(present()).toEqual(server)
  })

  it('wants an address that the platform can reach', async () => {
    const { code, stderr } = await vapi([
      'listen',
      '-f',
      '3000',
      '--port',
      '0',
      '--set-server',
      'assistant:Desk',
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--public-url')])
  })
})
