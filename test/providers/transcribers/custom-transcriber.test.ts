import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'
import { createServerHeaders } from '../../../src/messages/server-headers.ts'
import { createHttpClient, type HttpTrace } from '../../../src/net/http.ts'
import { customTranscriber } from '../../../src/providers/transcribers/custom-transcriber.ts'
import { counted, Ear, pushCounted } from '../../support/providers/transcriber-ear.ts'
import {
  type PeerOptions,
  startTranscriberPeer,
  type TranscriberPeer,
  words,
} from '../../support/providers/transcriber-peer.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function peer(options: PeerOptions = {}): Promise<TranscriberPeer> {
  const started = await startTranscriberPeer(options)
  open.push(() => started.close())
  return started
}

interface Setting {
  ear: Ear
  transcriber: Transcriber
  warnings: string[]
  traces: HttpTrace[]
}

function transcriberAt(url: string, server: object = {}, credentials: unknown[] = []): Setting {
  const [ear, warnings, traces]: [Ear, string[], HttpTrace[]] = [new Ear(), [], []]
  const http = createHttpClient({ traceRequest: trace => traces.push(trace) })
  open.push(() => http.close())
  const settings = { provider: 'custom-transcriber', server: { url, ...server } }
  const headers = createServerHeaders(settings.server, {
    credentials,
    path: 'transcriber.server',
    http,
    now: () => 1_700_000_000_000,
    warn: message => warnings.push(message),
  })
  const { vendor } = customTranscriber
  if (vendor === undefined) throw new Error('it is no vendor')
  const transcriber = customTranscriber.create({
    vendor,
    access: { baseUrl: url, key: null },
    http,
    name: 'custom-transcriber/default',
    model: null,
    language: 'en',
    settings,
    serverHeaders: signal => headers({ method: 'GET', body: '' }, signal),
  })
  open.push(() => transcriber.close())
  return { ear, transcriber, warnings, traces }
}

async function connected(options: PeerOptions = {}, server: object = {}) {
  const started = await peer(options)
  const setting = transcriberAt(started.url, server)
  await setting.transcriber.start(setting.ear)
  return { ...setting, peer: started, connection: await started.connection(0) }
}

const credential = (plan: object) => [
  { provider: 'custom-credential', name: 'mine', authenticationPlan: plan },
]

describe('what is said of itself', () => {
  async function headersOf(server: object, credentials: unknown[] = []) {
    const started = await peer()
    const setting = transcriberAt(started.url, server, credentials)
    await setting.transcriber.start(setting.ear)
    const { headers } = await started.connection(0)
    return { headers, url: started.url, ...setting }
  }

  it('are the headers of the server, the secret and a bearer token; an Authorization of its headers wins', async () => {
    const bearer = credential({ type: 'bearer', token: 'tk-1234567' })
    const { headers, traces } = await headersOf(
      { headers: { 'X-Tenant': 'acme' }, secret: 's3cret-value', credentialId: 'mine' },
      bearer,
    )
    expect(headers).toMatchObject({
      'x-tenant': 'acme',
      'x-vapi-secret': 's3cret-value',
      authorization: 'Bearer tk-1234567',
    })
    expect(JSON.stringify(traces)).not.toMatch(/tk-1234567|s3cret-value/)
    const own = await headersOf({ headers: { Authorization: 'Basic x' }, credentialId: 'mine' }, bearer)
    expect(own.headers.authorization).toBe('Basic x')
  })

  it('is the signature of an empty body by an HMAC', async () => {
    const plan = { type: 'hmac', secretKey: 'key', payloadFormat: '{timestamp}.{method}.{url}.{body}' }
    const { headers, url } = await headersOf({ credentialId: 'mine' }, credential(plan))
    expect(headers['x-timestamp']).toBe('1700000000')
    expect(headers['x-signature']).toBe(
      createHmac('sha256', 'key').update(`1700000000.GET.${url}.`).digest('hex'),
    )
  })

  it('is a token of the token server, asked for once', async () => {
    const asked: string[] = []
    const tokens = await tokenServer((body, reply) => {
      asked.push(body)
      reply.end(JSON.stringify({ access_token: 'at-7654321', token_type: 'bearer', expires_in: 3600 }))
    })
    const plan = { type: 'oauth2', url: tokens, clientId: 'me', clientSecret: 'hush-hush', scope: 'a b' }
    const started = await peer()
    const { ear, transcriber } = transcriberAt(started.url, { credentialId: 'mine' }, credential(plan))
    await transcriber.start(ear)
    ;(await started.connection(0)).drop()
    const again = await started.connection(1)
    expect(again.headers.authorization).toBe('Bearer at-7654321')
    expect(asked).toEqual(['grant_type=client_credentials&client_id=me&client_secret=hush-hush&scope=a+b'])
  })

  it('is nothing where the token server refuses: the transcriber does not start, and no secret is shown', async () => {
    const tokens = await tokenServer((body, reply) => reply.writeHead(401).end(body))
    const plan = { type: 'oauth2', url: tokens, clientId: 'me', clientSecret: 'hush-hush' }
    const started = await peer()
    const { ear, transcriber } = transcriberAt(started.url, { credentialId: 'mine' }, credential(plan))
    await expect(transcriber.start(ear)).rejects.toMatchObject({
      code: 'token-refused',
      message: expect.stringMatching(
        /^the custom transcriber failed: the token server .* answered 401 Unauthorized$/,
      ),
    })
    expect(started.connections).toEqual([])
  })

  it('is told where a credential is not at hand', async () => {
    const { warnings } = await headersOf({ credentialId: 'stored' })
    expect(warnings).toEqual([expect.stringContaining('transcriber.server.credentialId stored')])
  })

  async function tokenServer(
    answer: (body: string, reply: import('node:http').ServerResponse) => void,
  ): Promise<string> {
    const server = createServer(async (request, reply) => {
      let body = ''
      for await (const piece of request) body += piece
      answer(body, reply)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    open.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  }
})

describe('a good server', () => {
  it('gets the start, then every frame at once with both sides in whole samples', async () => {
    const { transcriber, connection } = await connected()
    pushCounted(transcriber, 0, 3)
    transcriber.push({ samples: new Int16Array(320).fill(7), audioMs: 60 })
    await transcriber.close()
    await connection.closed
    expect(connection.received[0]).toMatchObject({
      text: '{"type":"start","encoding":"linear16","container":"raw","sampleRate":16000,"channels":2}',
    })
    expect(connection.pieces().map(({ length }) => length)).toEqual([1280, 1280, 1280, 1280])
    const customer = [...connection.side('customer')]
    expect(customer).toEqual([...counted(3), ...Array<number>(320).fill(7)])
    // Without a sound of the assistant there is silence.
    expect([...connection.side('assistant')]).toEqual([
      ...counted(3).map(sample => -sample || 0),
      ...Array<number>(320).fill(0),
    ])
  })

  it('gives partial and final transcripts of the customer; those of the assistant are nobody’s', async () => {
    const { ear, connection } = await connected()
    connection.reply(words('where is', { channel: 'customer', transcriptType: 'partial' }))
    connection.reply(words('I am the assistant', { channel: 'assistant' }))
    connection.reply(words('where is my order', { channel: 'customer', transcriptType: 'final' }))
    connection.reply(words('   '))
    connection.reply(words('thanks'))
    await ear.until(() => ear.transcripts.length === 3)
    expect(ear.texts()).toEqual(['partial: where is', 'final: where is my order', 'final: thanks'])
    expect(ear.warnings).toEqual([])
  })
})

describe('a bad server', () => {
  it('is told of once for each kind of message that is not understood', async () => {
    const { ear, connection } = await connected()
    for (let time = 0; time < 2; time++) {
      connection.reply('no JSON {')
      connection.reply('[1]')
      connection.reply({ type: 'pong', large: 'x'.repeat(100_000) })
      connection.reply({ transcription: 'no type' })
      connection.reply({ type: 'transcriber-response', channel: 'customer' })
      connection.reply(words('the other', { channel: 'agent' }))
      connection.reply(words('no channel', {}))
    }
    await ear.until(() => ear.transcripts.length === 2)
    expect(ear.texts()).toEqual(['final: no channel', 'final: no channel'])
    expect(ear.warnings).toEqual([
      'the custom transcriber sent something that is no JSON object: no JSON {',
      'the custom transcriber sent a message of a type that is not known: pong',
      'the custom transcriber sent a transcriber-response without a transcription',
      'the custom transcriber sent a transcription of the channel agent',
      'the custom transcriber names no channel with its transcriptions; they count as the customer’s',
    ])
    expect(ear.failures).toEqual([])
  })

  it('fails with its error message, without another attempt and without the secret that it repeats', async () => {
    const { ear, connection, peer: started } = await connected({}, { secret: 's3cret-value' })
    connection.reply({ type: 'error', error: 'no account for s3cret-value' })
    await ear.until(() => ear.failures.length === 1)
    expect(ear.failures[0]).toMatchObject({
      code: 'transcriber-server-error',
      message: 'the custom transcriber answered with an error: no account for ***',
      retryable: false,
    })
    await connection.closed
    expect(started.connections).toHaveLength(1)
  })

  it('that lets go of the connection is connected to again, and gets the sound since the last transcript once more', async () => {
    const { ear, transcriber, connection, peer: started } = await connected()
    pushCounted(transcriber, 0, 50)
    transcriber.speech('started', 200)
    await connection.gotPieces(30)
    const lostMs = performance.now()
    connection.drop()
    const second = await started.connection(1)
    expect(performance.now() - lostMs).toBeLessThan(500)
    pushCounted(transcriber, 50, 10)
    await second.gotPieces(60)
    second.reply(words('all of it'))
    await ear.until(() => ear.transcripts.length === 1)
    await transcriber.close()
    await second.closed
    expect(second.texts()).toEqual(connection.texts())
    expect([...second.side('customer')]).toEqual(counted(60))
    expect(ear.failures).toEqual([])
    expect(ear.texts()).toEqual(['final: all of it'])
  })

  it('fails where it closes every connection', async () => {
    const { ear, peer: started } = await connected({
      connected: it => setImmediate(() => it.end(1011, 'out of order')),
    })
    await ear.until(() => ear.failures.length === 1)
    expect(ear.failures[0]?.message).toBe('the custom transcriber closed the connection (1011 out of order)')
    expect(started.connections.length).toBeLessThan(8)
  })

  it('that refuses says so, with what to look at and without the secret', async () => {
    const started = await peer({ refuse: () => ({ status: 401, said: 'wrong secret: s3cret-value' }) })
    const { ear, transcriber } = transcriberAt(started.url, { secret: 's3cret-value' })
    const refused = transcriber.start(ear)
    await expect(refused).rejects.toMatchObject({
      code: 'transcriber-unauthorized',
      message: 'the custom transcriber answered with 401 Unauthorized: wrong secret: ***',
      hint: 'look at the credential, secret and headers of transcriber.server',
    })
  })

  it('that opens no connection in time is given up after timeoutSeconds', async () => {
    const silent = createServer().on('upgrade', () => {})
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    open.push(() => silent.close())
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`
    const { ear, transcriber } = transcriberAt(url, { timeoutSeconds: 0.05 })
    await expect(transcriber.start(ear)).rejects.toThrow(/the custom transcriber .*0\.05 s|in time/)
  })

  it('that never answers is no failure, and holds up no end', async () => {
    const { ear, transcriber, connection } = await connected()
    pushCounted(transcriber, 0, 100)
    const closingMs = performance.now()
    await transcriber.close()
    expect(performance.now() - closingMs).toBeLessThan(1000)
    expect(await connection.closed).toBe(1000)
    expect([ear.texts(), ear.failures, ear.warnings]).toEqual([[], [], []])
  })
})
