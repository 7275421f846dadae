/** Our share of what voices and models take to their first sound or word: before the request is out, and after the answer came. */
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { MODELS } from '../../src/providers/models/table.ts'
import { findVendor } from '../../src/providers/vendors.ts'
import { createCustomVoice } from '../../src/providers/voices/custom-voice.ts'
import { VOICES } from '../../src/providers/voices/table.ts'
import { PLAYHT_USER } from '../../test/support/providers/playht-voice.ts'
import { later } from './listening.ts'
import type { Peer, Peers } from './peers.ts'
import { nowMs } from './tap.ts'

const TEXT = 'We open at nine in the morning, and we close at five in the afternoon.'
const DELAY_MS = 5
const WARM_UP = 30
const PAUSE_MS = 25

/** Asks once: the pieces of the answer. */
type Ask = () => AsyncIterable<unknown>

/** In milliseconds, one for each answer: by the clock, and the CPU of this process from the asking to the last piece. */
export interface Shares {
  wallMs: number[]
  cpuMs: number[]
}

async function sharesOf(ask: Ask, peer: Peer, runs: number): Promise<Shares> {
  const shares: Shares = { wallMs: [], cpuMs: [] }
  for (let run = -WARM_UP; run < runs; run++) {
    const beforeMs = usedMs()
    const startMs = nowMs()
    let firstMs: number | null = null
    for await (const _piece of ask()) firstMs ??= nowMs()
    const cpuMs = usedMs() - beforeMs
    // The answer's end passes too, and answers of a call do not come one on the other.
    await later(PAUSE_MS)
    const passed = await peer.log()
    if (run < 0) continue
    const answer = passed.findIndex(({ kind }) => kind !== 'sent')
    const asked = passed[answer - 1]
    const body = passed.find(({ kind }) => kind === 'body')
    if (firstMs === null || asked === undefined || body === undefined)
      throw new Error('there was no answer to measure')
    shares.wallMs.push(asked.atMs - startMs + (firstMs - body.atMs))
    shares.cpuMs.push(cpuMs)
  }
  return shares
}

function usedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export async function* voiceShares(peers: Peers, runs: number): AsyncGenerator<[string, Shares]> {
  const { signal } = new AbortController()
  const request = { text: TEXT, settings: {} }
  for (const provider of VOICES) {
    const vendor = findVendor(provider.id)
    if (vendor === undefined) throw new Error(`there is no ${provider.id}`)
    yield await measured(peers, 'voice', provider.id, runs, (http, { url, path, key, voiceId = '' }) => {
      const voice = provider.create({
        vendor,
        access: { baseUrl: url + path, key: key ?? '', account: PLAYHT_USER },
        http,
        name: provider.id,
        voiceId,
        settings: {},
        language: null,
      })
      return () => voice.speak(request, signal)
    })
  }
  yield await measured(peers, 'voice', 'custom-voice', runs, (http, { url, path }) => {
    const voice = createCustomVoice({
      name: 'custom-voice',
      voiceId: null,
      url: url + path,
      timeoutMs: 20_000,
      http,
      envelope: () => ({}),
      now: () => Date.now(),
      headers: async () => ({}),
    })
    return () => voice.speak(request, signal)
  })
}

export async function* modelShares(peers: Peers, runs: number): AsyncGenerator<[string, Shares]> {
  const { signal } = new AbortController()
  const request = { messages: [{ role: 'user', content: 'When do you open?' } as const], tools: [] }
  for (const provider of MODELS)
    yield await measured(peers, 'model', provider.id, runs, (http, { url, path, key, model = '' }) => {
      const chat = provider.create({
        access: { baseUrl: url + path, key },
        http,
        model,
        settings: { temperature: 0.5, maxTokens: 250, configured: {} },
        ...(provider.id === 'custom-llm' && {
          own: { extraBody: () => ({}), headers: {}, firstTokenMs: 20_000 },
        }),
      })
      return () => chat.respond(request, signal)
    })
}

async function measured(
  peers: Peers,
  kind: 'voice' | 'model',
  id: string,
  runs: number,
  create: (http: HttpClient, peer: Peer) => Ask,
): Promise<[string, Shares]> {
  const peer = await peers.open(kind, id, DELAY_MS)
  const http = createHttpClient()
  const shares = await sharesOf(create(http, peer), peer, runs)
  http.close()
  await peer.close()
  return [id, shares]
}
