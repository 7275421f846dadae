import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApi } from '../../src/api/client.ts'
import { VapiError } from '../../src/errors.ts'
import { createHttpClient } from '../../src/net/http.ts'

async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An API that answers every request with these bytes, and what a request to it comes to. */
async function answering(encoding: string, bytes: Uint8Array, status = 200) {
  const url = await listen(
    createHttpServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': encoding })
      response.end(bytes)
    }),
  )
  return request(url)
}

async function request(baseUrl: string): Promise<unknown> {
  const http = createHttpClient()
  onTestFinished(() => http.close())
  const api = createApi({ http, baseUrl, key: 'some-key', timeoutMs: 10_000, retries: 0 })
  return api.request({ method: 'GET', path: '/assistant' }).catch((error: unknown) => error)
}

const list = [{ id: '1', name: 'Zoë' }]
const packed = Buffer.from(JSON.stringify(list))

describe('a server that packs its replies although nobody asked for it', () => {
  it.each([
    ['gzip', gzipSync(packed)],
    ['x-gzip', gzipSync(packed)],
    ['deflate', deflateSync(packed)],
    ['br', brotliCompressSync(packed)],
  ])('is understood with %s', async (encoding, bytes) => {
    expect(await answering(encoding, bytes)).toEqual(list)
  })

  it('is understood in its errors too', async () => {
    const body = gzipSync(JSON.stringify({ message: ['name must be shorter'], statusCode: 400 }))
    expect(await answering('gzip', body, 400)).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('name must be shorter'),
    })
  })

  it('is told apart from one whose bytes are broken or packed in an unknown way', async () => {
    expect(await answering('gzip', packed)).toMatchObject({ code: 'broken-encoding' })
    expect(await answering('gzip', gzipSync(packed).subarray(0, 20))).toMatchObject({
      code: 'broken-encoding',
    })
    expect(await answering('zstd', packed)).toMatchObject({
      code: 'not-json',
      message: expect.stringContaining('zstd'),
    })
  })

  it('cannot fill the memory with a small reply that unpacks to a huge one', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1_048_576, ' '))
    expect(bomb.length).toBeLessThan(200_000)
    expect(await answering('gzip', bomb)).toMatchObject({ code: 'reply-too-large' })
  })
})

it('a server that changes the protocol in place of an answer is a fault at once', async () => {
  const url = await listen(
    createServer(socket => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      )
    }),
  )
  const error = await request(url)
  expect(error).toBeInstanceOf(VapiError)
  expect(error).toMatchObject({ code: 'not-http', message: expect.stringContaining('101') })
})
