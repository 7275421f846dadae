import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import callLocal from '../../src/commands/call-local.ts'
import callSimulate from '../../src/commands/call-simulate.ts'
import { jsonReply, startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'

const SECRET = 'secret-of-the-number'

async function twoServers() {
  const [server, model] = [await startFakeOpenAi(), await startFakeOpenAi()]
  onTestFinished(() => server.close())
  onTestFinished(() => model.close())
  server.answerWith(() => jsonReply({}))
  model.answerWith(() => textReply(['true']))
  const assistant = {
    firstMessage: 'Hello, {{phoneNumber.name}}{{phoneNumber.server.url}}.',
    model: { provider: 'custom-llm', url: model.baseUrl, model: 'test' },
  }
  const folder = temporaryFolder()
  const write = (document: object) => writeFileSync(join(folder, 'document.json'), JSON.stringify(document))
  return { server, model, assistant, folder, write }
}

const told = (requests: readonly { json: unknown }[]) =>
  requests.map(({ json }) => (json as { message: Record<string, unknown> }).message)

describe('the server of the called number', () => {
  it('of --server-url gets the messages of a live call whose assistant has none', async () => {
    const { server, model, assistant, folder, write } = await twoServers()
    write(assistant)
    const argv = ['document.json', '--in', 'text', '--json', '--server-url', `${server.url}/number`]
    const { exit, stdout } = await runCommand(callLocal, argv, { baseUrl: model.url, cwd: folder }).finished
    expect(exit).toBe(0)
    const messages = told(server.requests)
    expect(messages[0]).toMatchObject({ type: 'status-update', status: 'in-progress' })
    expect(messages.at(-1)).toMatchObject({ type: 'end-of-call-report' })
    expect(server.requests.every(({ path }) => path === '/number')).toBe(true)
    expect(stdout.match(/"type":"message.sent"/g)).toHaveLength(messages.length)
  })

  it('is signed with its secret, which stands in no message, event or prompt', async () => {
    const { server, model, assistant, folder, write } = await twoServers()
    const phoneNumber = { name: 'Desk', server: { url: server.url, secret: SECRET } }
    write({ assistant, phoneNumber })
    const argv = ['document.json', '--in', 'text', '--json']
    const { exit, stdout } = await runCommand(callLocal, argv, { baseUrl: model.url, cwd: folder }).finished
    expect(exit).toBe(0)
    expect(server.requests[0]?.headers['x-vapi-secret']).toBe(SECRET)
    expect(told(server.requests).at(-1)).toMatchObject({ phoneNumber: { name: 'Desk' } })
    const bodies = [...server.requests, ...model.requests].map(({ body }) => body).join('\n')
    for (const text of [bodies, stdout]) expect(text).not.toContain(SECRET)
    expect(bodies).not.toContain(server.url)
  })

  it('comes after that of the assistant', async () => {
    const { server, model, assistant, folder, write } = await twoServers()
    write({ ...assistant, server: { url: `${server.url}/assistant` } })
    const argv = ['document.json', '--in', 'text', '--server-url', `${server.url}/number`]
    await runCommand(callLocal, argv, { baseUrl: model.url, cwd: folder }).finished
    expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(['/assistant']))
  })

  it('gets those of a simulated call as events', async () => {
    const { folder } = await twoServers()
    writeFileSync(
      join(folder, 'a.yaml'),
      `
assistant: { firstMessage: Hello. }
phoneNumber: { server: { url: "https://number.example/messages" } }
caller: [{ after: assistant, say: "Bye." }]
model: [{ reply: "Bye." }]
expect:
  - { event: message.sent, messageType: status-update }
  - { event: message.sent, messageType: conversation-update }`,
    )
    const { exit, stderr } = await runCommand(callSimulate, ['a.yaml'], {
      baseUrl: 'http://127.0.0.1:9',
      cwd: folder,
    }).finished
    expect({ exit, stderr }).toMatchObject({ exit: 0 })
  })
})
