import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Command } from '../../src/cli/definition.ts'
import { callSay } from '../../src/commands/call-control.ts'
import callExplain from '../../src/commands/call-explain.ts'
import callListen from '../../src/commands/call-listen.ts'
import callLocal from '../../src/commands/call-local.ts'
import callSimulate from '../../src/commands/call-simulate.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'

const assistant = { model: { provider: 'openai', model: 'gpt-4o' }, voice: { provider: 'embedded' } }

// biome-ignore lint/suspicious/noExplicitAny: commands differ in their options' types
async function errorOf(command: Command<any>, ...argv: string[]) {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'folder'))
  writeFileSync(join(cwd, 'assistant.json'), JSON.stringify(assistant))
  writeFileSync(
    join(cwd, 'a.yaml'),
    'assistant: {}\ncaller: [{ at: 0, say: Hello. }]\nmodel: [{ reply: Hi. }]',
  )
  const { error, exit } = await runCommand(command, argv, { baseUrl: 'http://127.0.0.1:9', cwd }).finished
  return { message: error?.message, hint: error?.hint, exit }
}

async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

describe('vapi call local', () => {
  it('refuses one standard input for the assistant and the typed lines', async () => {
    expect(await errorOf(callLocal, '-', '--in', 'text')).toMatchObject({
      exit: 2,
      message: 'standard input cannot be both the assistant and the typed lines',
    })
  })

  it('tells without a key what works without one', async () => {
    const { hint, exit } = await errorOf(callLocal, 'assistant.json', '--in', 'text')
    expect(exit).toBe(4)
    for (const way of ['OPENAI_API_KEY', '--model', '--offline', 'vapi call demo'])
      expect(hint).toContain(way)
  })

  it.each(['.', './folder'])('says that %s is a folder', async target => {
    const { message, exit } = await errorOf(callLocal, target, '--in', 'text')
    expect({ message, exit }).toEqual({ message: expect.stringMatching(/ is a folder$/), exit: 2 })
  })

  it('names --from where its number is wrong', async () => {
    const { message } = await errorOf(callLocal, 'assistant.json', '--in', 'text', '--from', '555')
    expect(message).toMatch(/^--from: /)
  })
})

describe('vapi call simulate', () => {
  it('says in plain words why a file cannot be written', async () => {
    const junit = await errorOf(callSimulate, 'a.yaml', '--junit', 'nowhere/x.xml')
    expect(junit.message).toMatch(/^--junit .* cannot be written: there is no such file or folder$/)
    const folder = await errorOf(callSimulate, 'a.yaml', '--junit', 'folder')
    expect(folder.message).toMatch(/cannot be written: it is a folder$/)
  })
})

describe('a call that is over', () => {
  it('is told where nothing listens at its address', async () => {
    const at = `127.0.0.1:${await unusedPort()}`
    const message = `no call listens at ${at} (is it over?)`
    expect(await errorOf(callSay, `http://${at}/abc/control`, 'Hello.')).toMatchObject({ exit: 1, message })
    expect(await errorOf(callListen, `ws://${at}/abc/listen`, '--out', 'x.wav')).toMatchObject({
      exit: 1,
      message,
    })
  })

  it('of this machine is not asked of the platform by its id', async () => {
    for (const command of [
      await errorOf(callSay, '20261123-011500-4f3a', 'Hello.'),
      await errorOf(callListen, '20261123-011500-4f3a', '--out', 'x.wav'),
    ])
      expect(command).toMatchObject({
        exit: 2,
        message: expect.stringContaining('is a call on this machine'),
        hint: expect.stringContaining('--control'),
      })
  })
})

describe('vapi call explain --json', () => {
  it('has the values of advice as JSON values', async () => {
    const cwd = temporaryFolder()
    writeFileSync(
      join(cwd, 'a.yaml'),
      `
assistant:
  firstMessageMode: assistant-waits-for-user
  startSpeakingPlan: { waitSeconds: 2, smartEndpointingPlan: { provider: livekit, waitFunction: "3000" } }
caller: [{ at: 0, say: "Hello there.", lasts: 1 }]
model: [{ reply: "Hi." }]`,
    )
    const where = { baseUrl: 'http://127.0.0.1:9', cwd }
    const { stdout } = await runCommand(callSimulate, ['a.yaml', '--json'], where).finished
    writeFileSync(join(cwd, 'events.jsonl'), stdout)
    const told = await runCommand(callExplain, ['events.jsonl', '--json'], where).finished
    const advice = (JSON.parse(told.stdout) as { advice: Record<string, unknown>[] }).advice
    expect(advice.find(({ setting }) => String(setting).endsWith('waitSeconds'))).toMatchObject({
      from: 2,
      to: 0,
    })
    const waitFunction = advice.find(({ setting }) => String(setting).endsWith('waitFunction'))
    expect(waitFunction).toMatchObject({ from: '3000', to: expect.not.stringMatching(/^"/) })
  })
})

describe('a server that does not answer who takes the call', () => {
  it('is not said to have answered', async () => {
    const url = `http://127.0.0.1:${await unusedPort()}/who`
    const cwd = temporaryFolder()
    const argv = ['--server-url', url, '--in', 'text', '--voice', 'silent']
    const { stdout } = await runCommand(callLocal, argv, { baseUrl: 'http://127.0.0.1:9', cwd }).finished
    expect(stdout).toMatch(/nobody takes the call: nothing answers at .* was asked, \d+ ms\)/)
    expect(stdout).not.toContain('answered after')
  })
})
