import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writtenProject } from './written-project.ts'

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
})
