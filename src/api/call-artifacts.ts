import { open } from 'node:fs/promises'

/** What is kept of a call that is over, with its place below `/call/{id}` and the endings that its file may have. */
export const callArtifacts = {
  mono: { path: 'mono-recording', extensions: ['wav', 'mp3'], what: 'recording' },
  stereo: {
    path: 'stereo-recording',
    extensions: ['wav', 'mp3'],
    what: 'recording, customer and assistant apart',
  },
  customer: { path: 'customer-recording', extensions: ['wav', 'mp3'], what: 'recording of the customer' },
  assistant: { path: 'assistant-recording', extensions: ['wav', 'mp3'], what: 'recording of the assistant' },
  video: { path: 'video-recording', extensions: ['mp4', 'webm'], what: 'video recording' },
  logs: { path: 'call-logs', extensions: ['jsonl.gz', 'jsonl'], what: 'log' },
  pcap: { path: 'pcap', extensions: ['pcap', 'pcapng'], what: 'SIP packet capture' },
} as const satisfies Readonly<
  Record<string, { path: string; extensions: readonly [string, string]; what: string }>
>

export type ArtifactKind = keyof typeof callArtifacts
export const recordingKinds = ['mono', 'stereo', 'customer', 'assistant', 'video'] as const

/** First bytes of the kinds of files that come, in hexadecimal. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^52494646/, 'wav'],
  [/^(494433|ff[ef][23ab])/, 'mp3'],
  [/^.{8}66747970/, 'mp4'],
  [/^1a45dfa3/, 'webm'],
  [/^1f8b/, 'jsonl.gz'],
  [/^7b/, 'jsonl'],
  [/^(d4c3b2a1|a1b2c3d4|4d3cb2a1|a1b23c4d)/, 'pcap'],
  [/^0a0d0d0a/, 'pcapng'],
]

/**
 * The ending for a file of this kind: by its first bytes, as storage often gives everything one type; where they say nothing, the
 * kind's usual one.
 */
export function extensionOf(kind: ArtifactKind, firstBytes: Uint8Array): string {
  const start = Buffer.from(firstBytes.subarray(0, 12)).toString('hex')
  const { extensions } = callArtifacts[kind]
  const found = beginnings.find(([pattern]) => pattern.test(start))?.[1]
  return extensions.find(extension => extension === found) ?? extensions[0]
}

/** The first bytes of a file. */
export async function firstBytesOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
