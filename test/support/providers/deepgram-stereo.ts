/**
 * A server that speaks Deepgram's live protocol with two channels (developers.deepgram.com: Live Streaming Audio, Multichannel):
 * `Results` with `channel_index`, interim ones before the final one, `Metadata` at the end. Who understands is up to the test.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { SIDES, type Side, Utterances } from './two-sides.ts'

export interface DeepgramStereo {
  /** `ws://…` */
  url: string
  /** Of the connections, in their order. */
  readonly queries: readonly URLSearchParams[]
  close(): Promise<void>
}

export async function startDeepgramStereo(
  key: string,
  understand: (side: Side, samples: Int16Array) => Promise<string>,
): Promise<DeepgramStereo> {
  const queries: URLSearchParams[] = []
  const server = createServer((_request, response) => response.writeHead(404).end())
  const sockets = new WebSocketServer({
    server,
    path: '/v1/listen',
    verifyClient: ({ req }: { req: IncomingMessage }) => isKnown(req, key),
  })
  sockets.on('connection', (client, request) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    queries.push(query)
    serve(client, query, understand)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}`,
    queries,
    close: async () => {
      for (const client of sockets.clients) client.terminate()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

/** The key comes in a header, or from clients that cannot set one as a subprotocol. */
function isKnown({ headers }: IncomingMessage, key: string): boolean {
  return headers.authorization === `Token ${key}` || headers['sec-websocket-protocol'] === `token, ${key}`
}

function serve(
  client: WebSocket,
  query: URLSearchParams,
  understand: (side: Side, samples: Int16Array) => Promise<string>,
): void {
  const requestId = randomUUID()
  const pending: Promise<void>[] = []
  const tell = (side: Side, transcript: string, startMs: number, lastsMs: number, isFinal: boolean) =>
    client.send(
      JSON.stringify({
        type: 'Results',
        channel_index: [SIDES.indexOf(side), SIDES.length],
        duration: lastsMs / 1000,
        start: startMs / 1000,
        is_final: isFinal,
        speech_final: isFinal,
        channel: { alternatives: [{ transcript, confidence: 0.98, words: [] }] },
        metadata: { request_id: requestId, model_uuid: requestId, model_info: { name: query.get('model') } },
        from_finalize: false,
      }),
    )
  const utterances = new Utterances(Number(query.get('endpointing')) || 300, (side, samples, startMs) => {
    const lastsMs = samples.length / 16
    const told = understand(side, samples).then(text => {
      const [first] = text.split(' ')
      if (query.get('interim_results') === 'true' && first !== undefined && first !== text)
        tell(side, first, startMs, lastsMs / 2, false)
      tell(side, text, startMs, lastsMs, true)
    })
    pending.push(told)
  })
  client.on('error', () => {})
  client.on('message', async (data, isBinary) => {
    if (isBinary) {
      utterances.push(data as Buffer)
      return
    }
    const { type } = JSON.parse(data.toString()) as { type?: string }
    if (type === 'Finalize' || type === 'CloseStream') utterances.flush()
    if (type !== 'CloseStream') return
    await Promise.allSettled(pending)
    client.send(JSON.stringify({ type: 'Metadata', request_id: requestId, channels: SIDES.length }))
    client.close(1000)
  })
}
