import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/program.ts'
import { requires, requiresFiles } from '../../support/requires.ts'
import { javaStandIns } from './java-stand-ins.ts'
import { standInApi } from './stand-in-api.ts'
import { expectContract, expectEveryEvent, expectRefusal } from './webhook-contract.ts'
import { rewrite, startServer, writtenProject } from './written-project.ts'

const GSON = '/usr/share/java/gson.jar'
const PORT = /port: (\d+)/
const missing = requires('javac', 'java') || requiresFiles(GSON)
const missingJava = requires('java')

/** Compiles what was written with the stand-ins of the framework, and gives the command that serves it. */
function compiled(root: string, framework: 'spring-boot' | 'quarkus'): [string, ...string[]] {
  const folder = temporaryFolder()
  const own = Object.entries(javaStandIns(framework)).map(([path, text]) => {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  })
  const place = join(root, 'src/main/java/com/example/demo/vapi')
  const written = readdirSync(place).map(name => join(place, name))
  const classes = join(folder, 'classes')
  const flags = ['-Xlint:all', '-Werror', '-proc:none', '--release', '17', '-cp', GSON, '-d', classes]
  expect(spawnSync('javac', [...flags, ...own, ...written], { encoding: 'utf8' }).stderr).toBe('')
  return ['java', '-cp', `${GSON}:${classes}`, 'com.example.demo.vapi.Serve']
}

describe.each(['spring-boot', 'quarkus'] as const)('the Java for %s', framework => {
  it.skipIf(missing)(
    `compiles and answers every message of the platform${missing === false ? '' : ` (${missing})`}`,
    { timeout: 120_000 },
    async () => {
      const { root, report } = await writtenProject(framework)
      expect(report.byHand).toEqual([])
      const command = compiled(root, framework)
      const [guarded, open] = await Promise.all([
        startServer(root, command, PORT),
        startServer(root, command, PORT, { VAPI_WEBHOOK_SECRET: '' }),
      ])
      await expectEveryEvent(guarded)
      await expectContract(guarded)
      await expectRefusal(open)
    },
  )
})

it.skipIf(missingJava)(
  `the example of Java creates an assistant, and has it call${missingJava === false ? '' : ` (${missingJava})`}`,
  async () => {
    const { root } = await writtenProject('quarkus')
    const api = await standInApi()
    const path = 'src/main/java/com/example/demo/vapi/VapiExample.java'
    rewrite(root, path, text => text.replace('https://api.vapi.ai', api.address))
    const child = spawn('java', [path], { cwd: root, env: { PATH: process.env.PATH, ...api.environment } })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', piece => {
        text += piece
      })
    const [code] = await once(child, 'close')
    expect({ code, text }).toEqual({ code: 0, text: 'Assistant the-assistant\nCall the-call\n' })
    api.expectCall()
  },
)

describe('vapi init in a project of Spring Boot', () => {
  it("writes into the project's own package", async () => {
    const { text } = await writtenProject('spring-boot', {
      prepare: root => {
        const old = 'src/main/java/com/example/demo/DemoApplication.java'
        rewrite(root, old, java => java.replace('package com.example.demo;', 'package org.shop.desk;'))
      },
    })
    expect(text('src/main/java/org/shop/desk/vapi/VapiTools.java')).toMatch(
      /^package org\.shop\.desk\.vapi;\n/,
    )
  })
})
