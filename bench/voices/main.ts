import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Voice } from '../../src/engine/ports/voice.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { CARTESIA_KEY, cartesiaProtocol } from '../../test/support/providers/cartesia-voice.ts'
import { DEEPGRAM_KEY, deepgramVoiceProtocol } from '../../test/support/providers/deepgram-voice.ts'
import { ELEVENLABS_KEY, elevenLabsProtocol } from '../../test/support/providers/elevenlabs-voice.ts'
import { OPENAI_KEY, openAiVoiceProtocol } from '../../test/support/providers/openai-voice.ts'
import { voiceAt } from '../../test/support/providers/speak.ts'
import { type SpeechProtocol, startSpeechServer } from '../../test/support/providers/speech-server.ts'

const TEXT = 'We open at nine in the morning, and we close at five in the afternoon.'
/** Each way, in milliseconds. */
const WAY_MS = 20
const MAKING_MS = 100

/** From the request to the first sound, in milliseconds; the rest is heard unless it is cancelled. */
export async function firstSound(voice: Voice, cancel = false): Promise<number> {
  const controller = new AbortController()
  const start = performance.now()
  let first: number | null = null
  for await (const _piece of voice.speak({ text: TEXT, settings: {} }, controller.signal)) {
    first ??= performance.now() - start
    if (cancel) controller.abort()
  }
  return first ?? Number.NaN
}

const VENDORS: [id: string, protocol: SpeechProtocol, key: string, path: string][] = [
  ['11labs', elevenLabsProtocol(), ELEVENLABS_KEY, ''],
  ['openai', openAiVoiceProtocol(), OPENAI_KEY, '/v1'],
  ['cartesia', cartesiaProtocol(), CARTESIA_KEY, ''],
  ['deepgram', deepgramVoiceProtocol(), DEEPGRAM_KEY, ''],
]

/** Our share: request to first sound at a server of this machine that makes it at once. */
export async function ownShare(runs: number): Promise<[string, number[]][]> {
  const shares: [string, number[]][] = []
  for (const [id, protocol, key, path] of VENDORS) {
    const server = await startSpeechServer(prepared(protocol))
    const http = createHttpClient()
    const voice = voiceAt(id, `${server.url}${path}`, key, http, 'nova')
    const times: number[] = []
    for (let run = 0; run < runs + 20; run++) {
      const time = await firstSound(voice)
      if (run >= 20) times.push(time)
    }
    http.close()
    await server.close()
    shares.push([id, times])
  }
  return shares
}

/** The sound is made once: its making is not ours. */
function prepared(protocol: SpeechProtocol): SpeechProtocol {
  let made: Buffer[] | null = null
  return {
    ...protocol,
    speak: (request, silent) => {
      made ??= protocol.speak(request, silent)
      return made
    },
  }
}

export interface Transports {
  /** HTTP, on a connection that is made for it, and on one that is kept. */
  httpNew: number[]
  httpKept: number[]
  /** The text after one that was cancelled, with its leftover read and with the connection closed at once. */
  afterLeftover: number[]
  afterClosing: number[]
  /** WebSocket, opened for each text, and kept with a context for each. */
  socketNew: number[]
  socketKept: number[]
}

/** Over TLS, 20 ms away, at a server that takes 100 ms to the first sound. */
export async function transports(runs: number, keyFile: string, certFile: string): Promise<Transports> {
  const tls = { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  const server = await startSpeechServer(prepared(cartesiaProtocol()), listener =>
    createTlsServer(tls, (request, response) => setTimeout(() => listener(request, response), MAKING_MS)),
  )
  const far = await distant(Number(new URL(server.url).port))
  const url = `https://localhost:${far.port}`
  const voiceOf = (http: HttpClient) => voiceAt('cartesia', url, CARTESIA_KEY, http, 'nova')
  const result: Transports = {
    httpNew: [],
    httpKept: [],
    afterLeftover: [],
    afterClosing: [],
    socketNew: [],
    socketKept: [],
  }
  for (let run = 0; run < runs; run++) {
    const http = createHttpClient()
    const voice = voiceOf(http)
    result.httpNew.push(await firstSound(voice))
    result.httpKept.push(await firstSound(voice))
    await firstSound(voice, true)
    // The customer speaks, the model answers.
    await later(500)
    result.afterLeftover.push(await firstSound(voice))
    http.close()
    await later(50)
    result.afterClosing.push(await firstSound(voiceOf(http)))
    http.close()
  }
  await server.close()

  const socketServer = createTlsServer(tls)
  new WebSocketServer({ server: socketServer }).on('connection', socket =>
    socket.on('message', () => setTimeout(() => socket.send('sound'), MAKING_MS)),
  )
  await new Promise<void>(resolve => socketServer.listen(0, '127.0.0.1', resolve))
  const farSocket = await distant((socketServer.address() as AddressInfo).port)
  const http = createHttpClient()
  for (let run = 0; run < runs; run++) {
    let heard = () => {}
    const start = performance.now()
    const socket = await http.openSocket({
      url: `wss://localhost:${farSocket.port}`,
      listener: { text: () => heard(), closed: () => {} },
    })
    const ask = () =>
      new Promise<void>(resolve => {
        heard = resolve
        socket.send(TEXT)
      })
    await ask()
    result.socketNew.push(performance.now() - start)
    const again = performance.now()
    await ask()
    result.socketKept.push(performance.now() - again)
    socket.close()
  }
  http.close()
  socketServer.closeAllConnections()
  socketServer.close()
  far.close()
  farSocket.close()
  return result
}

/** The same port, some milliseconds away. */
async function distant(target: number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, near => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', data => setTimeout(() => to.write(data), WAY_MS))
      from.on('error', () => {})
      from.on('close', () => setTimeout(() => to.destroy(), WAY_MS))
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
