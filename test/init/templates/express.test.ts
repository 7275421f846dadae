import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  everyEvent,
  linkPackages,
  rewrite,
  SECRET,
  startServer,
  trigger,
  typeErrors,
  unanswered,
  writtenProject,
} from './written-project.ts'

/** Answers that a webhook gives for features which have a server of their own. */
const OWN_SERVERS = ['voice-request', 'call.endpointing.request', 'campaign.predial']
const PORT = /port: (\d+)/
const WEBHOOK = '/api/vapi/webhook'

const esModules = (root: string) => toJavaScript(root, 'module', "import express from 'express';\n")
const commonJs = (root: string) => toJavaScript(root, 'commonjs', "const express = require('express');\n")

/** The project in JavaScript, its program in the top folder, as the oldest tutorials have it. */
function toJavaScript(root: string, type: string, head: string): void {
  rmSync(join(root, 'tsconfig.json'))
  renameSync(join(root, 'src/index.ts'), join(root, 'index.js'))
  const body = `${head}\nconst app = express();\n\nconst server = app.listen(process.env.PORT, () => console.log(server.address()));\n`
  writeFileSync(join(root, 'index.js'), body)
  rewrite(root, 'package.json', text =>
    JSON.stringify({ ...JSON.parse(text), type, main: 'index.js', devDependencies: {}, scripts: {} }),
  )
}

describe('vapi init in an Express project', () => {
  it('compiles with the strictest TypeScript as an ES module', async () => {
    const { root, report, text } = await writtenProject('express')
    expect(report.byHand).toEqual([])
    expect(text('src/index.ts')).toContain(
      "} from 'node:http';\nimport { vapiRouter } from './vapi/router.js';\n\nconst app = express();\napp.use('/api/vapi', vapiRouter);\n",
    )
    expect(typeErrors(root)).toBe('')
  })

  it('compiles as CommonJS', async () => {
    const common = await writtenProject('express', {
      prepare: folder => {
        rewrite(folder, 'package.json', text => text.replace('"type": "module",', ''))
        rewrite(folder, 'tsconfig.json', text =>
          text
            .replace('"module": "nodenext"', '"module": "commonjs", "esModuleInterop": true')
            .replace(/,\s*"verbatimModuleSyntax": true/, ''),
        )
      },
    })
    expect(common.text('src/vapi/router.ts')).toContain("from './vapi-webhook';")
    expect(typeErrors(common.root)).toBe('')
  })

  it.each([
    ['ES modules', esModules],
    ['CommonJS', commonJs],
  ])('answers every message of the platform, in JavaScript of %s', async (_name, prepare) => {
    const { root, report, text } = await writtenProject('express', { prepare })
    expect(report.byHand).toEqual([])
    expect(text('vapi/router.js')).not.toContain(': unknown')
    linkPackages(root)
    const address = (await startServer(root, [process.execPath, 'index.js'], PORT)) + WEBHOOK
    const events = (await everyEvent()).filter(event => !OWN_SERVERS.includes(event))
    expect(events.length).toBeGreaterThan(20)
    expect(await unanswered(events, address)).toEqual([])
    const { stdout } = await trigger('tool-calls', address)
    expect(stdout).toContain('Booked for Friday at 09:30.')
  })

  it('refuses a wrong secret, and everything where none is set', async () => {
    const { root } = await writtenProject('express', { prepare: esModules })
    linkPackages(root)
    const start = (env: NodeJS.ProcessEnv) => startServer(root, [process.execPath, 'index.js'], PORT, env)
    const [guarded, open] = await Promise.all([start({}), start({ VAPI_WEBHOOK_SECRET: '' })])
    const status = async (address: string, headers: Record<string, string>, body = '{"message":{}}') => {
      const request = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
      return (await fetch(address + WEBHOOK, request)).status
    }
    expect(await status(guarded, { 'x-vapi-secret': SECRET })).toBe(200)
    expect(await status(guarded, { 'x-vapi-secret': `${SECRET}.` })).toBe(401)
    expect(await status(guarded, {})).toBe(401)
    expect(await status(guarded, { 'x-vapi-secret': SECRET }, '{}')).toBe(400)
    expect(await status(open, {})).toBe(500)
    expect(await status(open, { 'x-vapi-secret': '' })).toBe(500)
  })

  it('tells an assistant that a tool is unknown or failed, and goes on', async () => {
    const { root } = await writtenProject('express', { prepare: esModules })
    rewrite(root, 'vapi/vapi-tools.js', text =>
      text.replace(
        'export const tools = {',
        "export const tools = {\n  fails() {\n    throw new Error('no\\nluck');\n  },",
      ),
    )
    linkPackages(root)
    const address = (await startServer(root, [process.execPath, 'index.js'], PORT)) + WEBHOOK
    const called = (id: string, name: string, values: unknown) => ({
      id,
      function: { name, arguments: values },
    })
    const toolCallList = [
      called('1', 'fails', {}),
      called('2', 'constructor', {}),
      called('3', 'bookAppointment', '{"day":"Monday","time":"8"}'),
    ]
    const reply = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-vapi-secret': SECRET },
      body: JSON.stringify({ message: { type: 'tool-calls', toolCallList } }),
    })
    expect(await reply.json()).toEqual({
      results: [
        { toolCallId: '1', error: 'no luck' },
        { toolCallId: '2', error: 'There is no tool constructor.' },
        { toolCallId: '3', result: 'Booked for Monday at 8.' },
      ],
    })
  })

  it('says what is to be added by hand where the application is made in another way', async () => {
    const { report, text } = await writtenProject('express', {
      prepare: root => rewrite(root, 'src/index.ts', code => code.replace('const app =', 'const api =')),
    })
    expect(report.byHand).toMatchObject([{ path: 'src/index.ts', text: "app.use('/api/vapi', vapiRouter);" }])
    expect(text('src/index.ts')).not.toContain('vapiRouter);')
  })
})
