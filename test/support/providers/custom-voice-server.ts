/** A voice server of a user, as the platform's contract has it: bare 16-bit mono samples at the rate that was asked for. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bytesOf, pieces, toneFor } from './speech-server.ts'

export interface VoiceRequestSeen {
  headers: IncomingHttpHeaders
  /** As it came. */
  text: string
  message: Record<string, unknown>
}

export interface CustomVoiceServer {
  readonly url: string
  readonly requests: VoiceRequestSeen[]
  close(): Promise<void>
}

type Answer = (request: VoiceRequestSeen, response: ServerResponse) => void | Promise<void>

/** Without `answer` it speaks a tone. */
export async function startCustomVoice(answer: Answer = speakTone): Promise<CustomVoiceServer> {
  const requests: VoiceRequestSeen[] = []
  const server = createServer(async (incoming, response) => {
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part)
    const text = Buffer.concat(parts).toString()
    const request = { headers: incoming.headers, text, message: JSON.parse(text).message }
    requests.push(request)
    await answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/voice`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The sound of a message, at the rate that it asks for. */
export function soundFor({ text, sampleRate }: Record<string, unknown>): Buffer {
  return bytesOf(toneFor(String(text), Number(sampleRate)))
}

async function speakTone({ message }: VoiceRequestSeen, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  for (const piece of pieces(soundFor(message), 4001)) response.write(piece)
  response.end()
}
