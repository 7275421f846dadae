/** Our share of what voices and models take to their first sound or word: before the request is out, and after the answer came. */

import type { VoicePiece } from '../../src/engine/ports/voice.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { MODELS } from '../../src/providers/models/table.ts'
import { findVendor } from '../../src/providers/vendors.ts'
import { createCustomVoice } from '../../src/providers/voices/custom-voice.ts'
import { VOICES } from '../../src/providers/voices/table.ts'
import { type FakeReply, startFakeOpenAi } from '../../test/support/fake-openai.ts'
import { messageReply, startAnthropic, textBlock } from '../../test/support/providers/anthropic.ts'
import { AZURE_KEY, azureVoiceProtocol } from '../../test/support/providers/azure-voice.ts'
import { CARTESIA_KEY, cartesiaProtocol } from '../../test/support/providers/cartesia-voice.ts'
import { mannerOf } from '../../test/support/providers/chat-vendors.ts'
import { startCustomVoice } from '../../test/support/providers/custom-voice-server.ts'
import { DEEPGRAM_KEY, deepgramVoiceProtocol } from '../../test/support/providers/deepgram-voice.ts'
import { ELEVENLABS_KEY, elevenLabsProtocol } from '../../test/support/providers/elevenlabs-voice.ts'
import { contentReply, startGoogle } from '../../test/support/providers/google.ts'
import { HUME_KEY, humeProtocol } from '../../test/support/providers/hume-voice.ts'
import { INWORLD_KEY, inworldProtocol } from '../../test/support/providers/inworld-voice.ts'
import { LMNT_KEY, lmntProtocol } from '../../test/support/providers/lmnt-voice.ts'
import { MINIMAX_KEY, miniMaxProtocol } from '../../test/support/providers/minimax-voice.ts'
import { NEUPHONIC_KEY, neuphonicProtocol } from '../../test/support/providers/neuphonic-voice.ts'
import { OPENAI_KEY, openAiVoiceProtocol } from '../../test/support/providers/openai-voice.ts'
import { PLAYHT_KEY, PLAYHT_USER, playHtProtocol } from '../../test/support/providers/playht-voice.ts'
import { RIME_KEY, rimeProtocol } from '../../test/support/providers/rime-voice.ts'
import { SMALLEST_KEY, smallestProtocol } from '../../test/support/providers/smallest-voice.ts'
import { type SpeechProtocol, startSpeechServer } from '../../test/support/providers/speech-server.ts'
import { XAI_KEY, xaiProtocol } from '../../test/support/providers/xai-voice.ts'
import { openTap, type Tap } from './tap.ts'

const TEXT = 'We open at nine in the morning, and we close at five in the afternoon.'
const DELAY_MS = 5
const WARM_UP = 30

interface VoiceRow {
  protocol: SpeechProtocol
  key: string
  voiceId?: string
  path?: string
}

const VOICE_ROWS: Readonly<Record<string, VoiceRow>> = {
  openai: { protocol: openAiVoiceProtocol(), key: OPENAI_KEY, path: '/v1' },
  '11labs': { protocol: elevenLabsProtocol(), key: ELEVENLABS_KEY },
  cartesia: { protocol: cartesiaProtocol(), key: CARTESIA_KEY },
  deepgram: { protocol: deepgramVoiceProtocol(), key: DEEPGRAM_KEY },
  azure: { protocol: azureVoiceProtocol(), key: AZURE_KEY },
  microsoft: { protocol: azureVoiceProtocol(), key: AZURE_KEY },
  playht: { protocol: playHtProtocol(), key: PLAYHT_KEY, voiceId: 'jennifer' },
  'rime-ai': { protocol: rimeProtocol(), key: RIME_KEY },
  lmnt: { protocol: lmntProtocol(), key: LMNT_KEY },
  hume: { protocol: humeProtocol(), key: HUME_KEY },
  neuphonic: { protocol: neuphonicProtocol(), key: NEUPHONIC_KEY },
  inworld: { protocol: inworldProtocol(), key: INWORLD_KEY },
  minimax: { protocol: miniMaxProtocol(), key: MINIMAX_KEY },
  'smallest-ai': { protocol: smallestProtocol(), key: SMALLEST_KEY },
  xai: { protocol: xaiProtocol(), key: XAI_KEY, path: '/v1' },
}

/** One answer: asks, and tells when the first piece came, with the CPU that the process had used by then. */
type Ask = () => Promise<{ firstMs: number; cpuMs: number }>

/** In milliseconds, one for each answer. */
export interface Shares {
  /** By the clock, on the way to the network and back from it. */
  wallMs: number[]
  /** CPU of the process until the first piece, the local server's included: what other programs take is not in it. */
  cpuMs: number[]
}

/** The shares of so many answers; `tap` is on the way to the server. */
async function sharesOf(ask: Ask, tap: Tap, runs: number): Promise<Shares> {
  const shares: Shares = { wallMs: [], cpuMs: [] }
  for (let run = -WARM_UP; run < runs; run++) {
    const beforeMs = usedMs()
    const startMs = performance.now()
    const { firstMs, cpuMs } = await ask()
    if (run < 0) continue
    shares.wallMs.push(tap.askedMs - startMs + (firstMs - tap.bodyMs))
    shares.cpuMs.push(cpuMs - beforeMs)
  }
  return shares
}

function usedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The first piece; the rest is heard. */
async function firstOf(pieces: AsyncIterable<unknown>): ReturnType<Ask> {
  let first: Awaited<ReturnType<Ask>> | null = null
  for await (const _piece of pieces) first ??= { firstMs: performance.now(), cpuMs: usedMs() }
  if (first === null) throw new Error('there was no answer')
  return first
}

export async function* voiceShares(runs: number): AsyncGenerator<[string, Shares]> {
  const { signal } = new AbortController()
  for (const provider of VOICES) {
    const row = VOICE_ROWS[provider.id]
    const vendor = findVendor(provider.id)
    if (row === undefined || vendor === undefined) throw new Error(`no server speaks for ${provider.id}`)
    const server = await startSpeechServer(prepared(row.protocol))
    yield [
      provider.id,
      await measured(server.url, runs, (http, url) => {
        const voice = provider.create({
          vendor,
          access: { baseUrl: `${url}${row.path ?? ''}`, key: row.key, account: PLAYHT_USER },
          http,
          name: provider.id,
          voiceId: row.voiceId ?? 'somebody',
          settings: {},
          language: null,
        })
        return () => firstOf(voice.speak({ text: TEXT, settings: {} }, signal))
      }),
    ]
    await server.close()
  }
  const server = await startCustomVoice()
  yield [
    'custom-voice',
    await measured(server.url, runs, (http, url) => {
      const voice = createCustomVoice({
        name: 'custom-voice',
        voiceId: null,
        url: `${url}/voice`,
        timeoutMs: 20_000,
        http,
        envelope: () => ({}),
        now: () => Date.now(),
        headers: async () => ({}),
      })
      return () => firstOf(voice.speak({ text: TEXT, settings: {} }, signal) as AsyncIterable<VoicePiece>)
    }),
  ]
  await server.close()
}

export async function* modelShares(runs: number): AsyncGenerator<[string, Shares]> {
  const { signal } = new AbortController()
  const request = { messages: [{ role: 'user', content: 'When do you open?' } as const], tools: [] }
  for (const provider of MODELS) {
    const server = await modelServer(provider.id)
    yield [
      provider.id,
      await measured(server.url, runs, (http, url) => {
        const model = provider.create({
          access: { baseUrl: `${url}${server.path}`, key: server.key },
          http,
          model: server.model,
          settings: { temperature: 0.5, maxTokens: 250, configured: {} },
          ...(provider.id === 'custom-llm' && {
            own: { extraBody: () => ({}), headers: {}, firstTokenMs: 20_000 },
          }),
        })
        return () => firstOf(model.respond(request, signal))
      }),
    ]
    await server.close()
  }
}

interface ModelServer {
  url: string
  path: string
  key: string
  model: string
  close(): Promise<void>
}

async function modelServer(id: string): Promise<ModelServer> {
  const texts = TEXT.split(/(?<= )/)
  const always = (script: (reply: FakeReply) => void, reply: FakeReply, count = 2000) => {
    for (let place = 0; place < count; place++) script(reply)
  }
  if (id === 'anthropic') {
    const server = await startAnthropic()
    always(reply => server.script(reply), messageReply([textBlock(texts)]))
    return {
      url: server.url,
      path: '/v1',
      key: 'sk-ant-test-1',
      model: 'claude-haiku-4-5',
      close: server.close,
    }
  }
  if (id === 'google') {
    const server = await startGoogle()
    always(reply => server.script(reply), contentReply(texts.map(text => [{ text }])))
    return {
      url: server.url,
      path: '/v1beta',
      key: 'AIza-test-1',
      model: 'gemini-2.5-flash',
      close: server.close,
    }
  }
  const server = await startFakeOpenAi()
  server.answerWith(() => mannerOf(id, texts))
  return { url: server.url, path: '/v1', key: 'key', model: 'gpt-4o', close: server.close }
}

async function measured(
  serverUrl: string,
  runs: number,
  create: (http: HttpClient, url: string) => Ask,
): Promise<Shares> {
  const tap = await openTap(serverUrl, DELAY_MS)
  const http = createHttpClient()
  const shares = await sharesOf(create(http, tap.url), tap, runs)
  http.close()
  tap.close()
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
