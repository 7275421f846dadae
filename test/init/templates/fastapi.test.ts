import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { requiresFiles } from '../../support/requires.ts'
import {
  everyEvent,
  rewrite,
  SECRET,
  startServer,
  trigger,
  unanswered,
  writtenProject,
} from './written-project.ts'

const OWN_SERVERS = ['voice-request', 'call.endpointing.request', 'campaign.predial']
const PACKAGES = '/usr/lib/python3/dist-packages'
const missing = requiresFiles('/usr/bin/python3', `${PACKAGES}/fastapi`, `${PACKAGES}/uvicorn`)
const PORT = /Uvicorn running on http:\/\/127\.0\.0\.1:(\d+)/

function serve(root: string, application: string, env: NodeJS.ProcessEnv = {}) {
  const command = ['/usr/bin/python3', '-m', 'uvicorn', application, '--port', '0'] as const
  return startServer(root, command, PORT, { PYTHONDONTWRITEBYTECODE: '1', ...env })
}

describe('vapi init in a FastAPI project', () => {
  it('adds the router behind an application of several lines, and the SDK to the requirements', async () => {
    const { text, report } = await writtenProject('fastapi')
    expect(report.byHand).toEqual([])
    expect(text('main.py')).toContain(
      'from fastapi import FastAPI\nfrom vapi_webhook.webhook import router as vapi_router\n',
    )
    expect(text('main.py')).toContain(
      '    openapi_url="/openapi.json",\n)\napp.include_router(vapi_router)\n',
    )
    expect(text('requirements.txt')).toBe('fastapi>=0.92\nuvicorn>=0.17\nvapi_server_sdk>=1.11\n')
    expect(report.next).toContain('vapi listen -f localhost:8000/api/vapi/webhook')
  })

  it('leaves pyproject.toml to its package manager', async () => {
    const { report } = await writtenProject('fastapi', {
      prepare: root => {
        renameSync(join(root, 'requirements.txt'), join(root, 'uv.lock'))
        writeFileSync(
          join(root, 'pyproject.toml'),
          '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi"]\n',
        )
      },
    })
    expect(report.installs).toMatchObject([{ command: ['uv', 'add', 'vapi_server_sdk'] }])
    expect(report.files.map(({ path }) => path)).not.toContain('pyproject.toml')
  })

  describe.skipIf(missing)(`run by uvicorn${missing === false ? '' : ` (${missing})`}`, () => {
    it('answers every message of the platform', async () => {
      const { root } = await writtenProject('fastapi')
      const address = `${await serve(root, 'main:app')}/api/vapi/webhook`
      const events = (await everyEvent()).filter(event => !OWN_SERVERS.includes(event))
      expect(await unanswered(events, address)).toEqual([])
      expect((await trigger('tool-calls', address)).stdout).toContain('Booked for Friday at 09:30.')
    })

    it('works from inside a package', async () => {
      const { root, text } = await writtenProject('fastapi', {
        prepare: folder => {
          mkdirSync(join(folder, 'app'))
          cpSync(join(folder, 'main.py'), join(folder, 'app/main.py'))
          renameSync(join(folder, 'main.py'), join(folder, 'app/__init__.py'))
          writeFileSync(join(folder, 'app/__init__.py'), '')
        },
      })
      expect(text('app/main.py')).toContain('from app.vapi_webhook.webhook import router as vapi_router')
      const address = `${await serve(root, 'app.main:app')}/api/vapi/webhook`
      expect((await trigger('assistant-request', address)).code).toBe(0)
    })

    it('refuses a wrong secret, and everything where none is set; a failing tool is told', async () => {
      const { root } = await writtenProject('fastapi')
      rewrite(root, 'vapi_webhook/tools.py', text => `${text}\n\nTOOLS["broken"] = None\n`)
      const [guarded, open] = await Promise.all([
        serve(root, 'main:app'),
        serve(root, 'main:app', { VAPI_WEBHOOK_SECRET: '' }),
      ])
      const send = (address: string, secret: string, body: unknown) =>
        fetch(`${address}/api/vapi/webhook`, {
          method: 'POST',
          headers: { 'x-vapi-secret': secret },
          body: JSON.stringify(body),
        })
      const message = { type: 'status-update' }
      expect((await send(guarded, SECRET, { message })).status).toBe(200)
      expect((await send(guarded, 'another', { message })).status).toBe(401)
      expect((await send(guarded, '', { message })).status).toBe(401)
      expect((await send(guarded, SECRET, [])).status).toBe(400)
      expect((await send(open, '', { message })).status).toBe(500)
      const toolCallList = [
        { id: '1', function: { name: 'broken', arguments: {} } },
        { id: '2', function: { name: 'nothing', arguments: {} } },
        { id: '3', function: { name: 'bookAppointment', arguments: '{"day": "Monday", "time": "8"}' } },
      ]
      const reply = await send(guarded, SECRET, { message: { type: 'tool-calls', toolCallList } })
      expect(await reply.json()).toMatchObject({
        results: [
          { toolCallId: '1', error: expect.stringContaining('NoneType') },
          { toolCallId: '2', error: 'There is no tool nothing.' },
          { toolCallId: '3', result: 'Booked for Monday at 8.' },
        ],
      })
    })
  })
})
