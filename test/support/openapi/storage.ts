import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

/** A download from the storage host. */
export interface StorageRequest {
  path: string
  /** The Authorization header that came along; a client must not send one here. */
  authorization: string | undefined
  range: string | undefined
}

export interface Storage {
  /** Under another host name and port than the API. */
  url: string
  requests: StorageRequest[]
  close(): Promise<void>
}

/** The host to which binary downloads are redirected. Serves a small file of the kind that the path's end names. */
export async function startStorage(noticeAuthorization: (path: string) => void): Promise<Storage> {
  const requests: StorageRequest[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const { authorization, range } = request.headers
    requests.push({ path, authorization, range })
    if (authorization !== undefined) noticeAuthorization(path)
    const { type, bytes } = contentOf(path.slice(path.lastIndexOf('/') + 1))
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? Number.NaN)
    const isPart = start < bytes.length
    const sent = isPart ? bytes.subarray(start) : bytes
    response.writeHead(isPart ? 206 : 200, {
      'content-type': type,
      'content-length': sent.length,
      'accept-ranges': 'bytes',
      ...(isPart && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    })
    response.end(sent)
  })
  server.keepAliveTimeout = 0
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What a download of a kind (`mono-recording`, `call-logs` …) holds. */
export function contentOf(kind: string): { type: string; bytes: Buffer } {
  if (kind === 'call-logs') return { type: 'application/gzip', bytes: gzipSync(callLogLines.join('\n')) }
  if (kind === 'pcap') return { type: 'application/vnd.tcpdump.pcap', bytes: PCAP_HEADER }
  if (kind === 'video-recording') return { type: 'video/mp4', bytes: MP4_HEADER }
  return { type: 'audio/wav', bytes: silentWav(kind === 'stereo-recording' ? 2 : 1) }
}

export const callLogLines: readonly string[] = [
  JSON.stringify({ time: 1_767_603_600_000, level: 'info', body: 'Call started' }),
  JSON.stringify({ time: 1_767_603_601_000, level: 'error', body: 'Voice provider did not answer' }),
]

const PCAP_HEADER = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')
const MP4_HEADER = Buffer.from('000000186674797069736f6d0000020069736f6d6d703432', 'hex')
const SAMPLE_RATE = 16_000

/** A tenth of a second of silence, 16-bit. */
function silentWav(channels: number): Buffer {
  const data = Buffer.alloc((SAMPLE_RATE / 10) * 2 * channels)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(SAMPLE_RATE, 24)
  header.writeUInt32LE(SAMPLE_RATE * 2 * channels, 28)
  header.writeUInt16LE(2 * channels, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}
