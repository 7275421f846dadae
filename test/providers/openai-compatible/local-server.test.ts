import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { findLocalServer } from '../../../src/providers/openai-compatible/local-server.ts'
import {
  type FakeOpenAi,
  type FakeReply,
  jsonReply,
  rawReply,
  startFakeOpenAi,
} from '../../support/fake-openai.ts'

let http: HttpClient
let servers: FakeOpenAi[]
let nowhere: string

beforeEach(async () => {
  http = createHttpClient()
  servers = []
  const unused = await startFakeOpenAi()
  nowhere = unused.baseUrl
  await unused.close()
})

afterEach(async () => {
  http.close()
  for (const server of servers) await server.close()
})

async function serving(reply: FakeReply): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi()
  server.answerWith(() => reply)
  servers.push(server)
  return server
}

const models = (...ids: string[]): FakeReply =>
  jsonReply({ object: 'list', data: ids.map(id => ({ id, object: 'model' })) })

/** No address of this machine but those of the test. */
function environment(addresses: { ollama?: string; lmstudio?: string; llamaCpp?: string }) {
  return {
    OLLAMA_HOST: addresses.ollama ?? nowhere,
    LMSTUDIO_BASE_URL: addresses.lmstudio ?? nowhere,
    LLAMACPP_BASE_URL: addresses.llamaCpp ?? nowhere,
  }
}

const signal = new AbortController().signal
/** Far more than a busy machine needs; the program's limit is shorter. */
const LIMIT_MS = 2000

describe('looking for a local model server', () => {
  it('finds none where none runs', async () => {
    expect(await findLocalServer(http, environment({}), signal, LIMIT_MS)).toBeNull()
  })

  it('finds one, and its first model by name that chats', async () => {
    const server = await serving(models('nomic-embed-text', 'qwen3:4b', 'llama3.2', 'bge-m3', 'whisper-1'))
    const found = await findLocalServer(
      http,
      environment({ ollama: server.url.replace('http://', '') }),
      signal,
      LIMIT_MS,
    )
    expect(found).toMatchObject({ provider: { id: 'ollama' }, baseUrl: server.baseUrl, model: 'llama3.2' })
    expect(server.requests).toMatchObject([{ method: 'GET', path: '/v1/models' }])
  })

  it('takes the first of the table when several run, the slowest as well', async () => {
    const slow = await serving({ ...models('a'), delayMs: 100 })
    const fast = await serving(models('b'))
    const found = await findLocalServer(
      http,
      environment({ lmstudio: slow.baseUrl, llamaCpp: fast.baseUrl }),
      signal,
      LIMIT_MS,
    )
    expect(found).toMatchObject({ provider: { id: 'lmstudio' }, model: 'a' })
  })

  it.each<[string, FakeReply]>([
    ['another program uses the port', rawReply('<html>hello</html>', 'text/html')],
    ['it answers another JSON', jsonReply({ data: { id: 'x' } })],
    ['it wants a key', jsonReply({ error: 'key' }, 401)],
    ['it has only models that do not chat', models('text-embedding-3-small', 'bge-reranker')],
    ['it is late', { ...models('a'), delayMs: 60_000 }],
  ])('passes over a server when %s', async (_name, reply) => {
    const wrong = await serving(reply)
    const right = await serving(models('good'))
    const found = await findLocalServer(
      http,
      environment({ ollama: wrong.url, llamaCpp: right.baseUrl }),
      signal,
      LIMIT_MS,
    )
    expect(found).toMatchObject({ provider: { id: 'llama.cpp' }, model: 'good' })
  })

  it('ends when it is aborted', async () => {
    const late = await serving({ ...models('a'), delayMs: 60_000 })
    const controller = new AbortController()
    const search = findLocalServer(http, environment({ ollama: late.url }), controller.signal, LIMIT_MS)
    await late.request(0)
    controller.abort(new Error('enough'))
    await expect(search).rejects.toThrow('enough')
    await late.requests[0].abandoned
  })
})
