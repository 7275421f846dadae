import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CommandDefinition } from '../../src/cli/definition.ts'
import { commands } from '../../src/commands/manifest.ts'
import { runCommand } from '../support/run-command.ts'

const ID = '8f14e45f-ceea-4e7a-9c1d-2b7f6a1d5c3e'
const definitions = await Promise.all(Object.values(commands).map(async load => (await load()).definition))

/** What a proxy, a wrong address or a broken server may give in place of an object. */
const wrong: Readonly<Record<string, string | null>> = {
  text: '"hi"',
  null: 'null',
  'a number': '5',
  'an empty list': '[]',
  'a list': '[{"id":5,"name":{"a":1}}]',
  'an object without an id': '{"name":"x"}',
  nothing: null,
}

/** A server that answers everything like that, and the methods that it was asked with. */
async function startServer(body: string | null, status = 200) {
  const methods: string[] = []
  const server = createServer((request, response) => {
    methods.push(request.method ?? '')
    request.resume()
    response.writeHead(body === null ? 204 : status, { 'content-type': 'application/json' })
    response.end(body ?? undefined)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { methods, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function run(words: string, argv: readonly string[], baseUrl: string) {
  const command = await commands[words]?.()
  if (command === undefined) throw new Error(`there is no ${words}`)
  return runCommand(command, argv, { baseUrl }).finished
}

/** Arguments of the commands that name one thing and do something to it. */
function argumentsOf({ name, args, options }: CommandDefinition): string[] {
  return [
    ...args.filter(({ required }) => required).map(() => ID),
    ...('yes' in options ? ['--yes'] : []),
    ...(/ update$/.test(name) ? ['--set', 'name=y'] : []),
    ...(name.startsWith('pronunciation') ? ['--provider', '11labs'] : []),
  ]
}

const ofOne = definitions.filter(({ name }) => / (get|update|delete|clone|end|cancel)$/.test(name))

describe.each(Object.entries(wrong))('a server that gives %s in place of an object', (_, body) => {
  it('is told so by every command that reads one first, and nothing is changed', {
    timeout: 60_000,
  }, async () => {
    const { methods, baseUrl } = await startServer(body)
    for (const definition of ofOne.filter(
      ({ name }) => !/^(auth|config|docs|webhook|simulation run)/.test(name),
    )) {
      const { error } = await run(definition.name, argumentsOf(definition), baseUrl)
      expect(error, definition.name).toMatchObject({ code: 'not-an-object', exit: 1 })
    }
    expect(new Set(methods)).toEqual(new Set(['GET']))
  })
})

describe('a create whose answer is no object', () => {
  it.each(Object.entries(wrong).filter(([name]) => name !== 'an object without an id'))(
    'is no success (%s), and says where to look',
    async (_, body) => {
      const { baseUrl } = await startServer(body, 201)
      const { error } = await run('session create', ['--set', 'name=x'], baseUrl)
      expect(error).toMatchObject({
        code: 'not-an-object',
        hint: expect.stringContaining('vapi session list'),
      })
    },
  )
})

describe('a delete', () => {
  it('is done whatever the body of its answer is', async () => {
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(request.method === 'DELETE' ? '"gone"' : JSON.stringify({ id: ID, name: 'Desk' }))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { error, stdout } = await run('assistant delete', [ID, '--yes', '-o', 'id'], baseUrl)
    expect({ error, stdout }).toEqual({ error: null, stdout: `${ID}\n` })
  })
})

describe('a row of another type', () => {
  it('does not break the lists that read it', async () => {
    const { baseUrl } = await startServer(
      '[{"id":5,"name":{"a":1},"createdAt":12,"status":[1],"customer":"x"}]',
    )
    for (const words of ['assistant list', 'call list', 'logs list', 'logs errors', 'webhook list'])
      expect((await run(words, [], baseUrl)).error, words).toBeNull()
  })
})
