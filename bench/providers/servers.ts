/**
 * The providers' side, in a process of its own, so that what it costs is not counted as ours: local servers of their protocols, each
 * behind a way with a known delay that keeps what passed when. It is asked by messages (`peers.ts`).
 */
import { startFakeOpenAi } from '../../test/support/fake-openai.ts'
import { messageReply, startAnthropic, textBlock } from '../../test/support/providers/anthropic.ts'
import { ASSEMBLY_KEY, startAssemblyAi } from '../../test/support/providers/assembly-ai.ts'
import { startAzureSpeech } from '../../test/support/providers/azure-speech.ts'
import { AZURE_KEY, azureVoiceProtocol } from '../../test/support/providers/azure-voice.ts'
import { startCartesiaStt } from '../../test/support/providers/cartesia-stt.ts'
import { CARTESIA_KEY, cartesiaProtocol } from '../../test/support/providers/cartesia-voice.ts'
import { mannerOf } from '../../test/support/providers/chat-vendors.ts'
import { startCustomVoice } from '../../test/support/providers/custom-voice-server.ts'
import { DEEPGRAM_KEY, startDeepgram } from '../../test/support/providers/deepgram.ts'
import {
  DEEPGRAM_KEY as DEEPGRAM_VOICE_KEY,
  deepgramVoiceProtocol,
} from '../../test/support/providers/deepgram-voice.ts'
import { startElevenLabsScribe } from '../../test/support/providers/elevenlabs-scribe.ts'
import { ELEVENLABS_KEY, elevenLabsProtocol } from '../../test/support/providers/elevenlabs-voice.ts'
import { startGladiaLive } from '../../test/support/providers/gladia-live.ts'
import { contentReply, startGoogle } from '../../test/support/providers/google.ts'
import { HUME_KEY, humeProtocol } from '../../test/support/providers/hume-voice.ts'
import { INWORLD_KEY, inworldProtocol } from '../../test/support/providers/inworld-voice.ts'
import { LMNT_KEY, lmntProtocol } from '../../test/support/providers/lmnt-voice.ts'
import { MINIMAX_KEY, miniMaxProtocol } from '../../test/support/providers/minimax-voice.ts'
import { NEUPHONIC_KEY, neuphonicProtocol } from '../../test/support/providers/neuphonic-voice.ts'
import { startOpenAiTranscription } from '../../test/support/providers/openai-transcription.ts'
import { OPENAI_KEY, openAiVoiceProtocol } from '../../test/support/providers/openai-voice.ts'
import { PLAYHT_KEY, playHtProtocol } from '../../test/support/providers/playht-voice.ts'
import { RIME_KEY, rimeProtocol } from '../../test/support/providers/rime-voice.ts'
import { SMALLEST_KEY, smallestProtocol } from '../../test/support/providers/smallest-voice.ts'
import { startSonioxRealtime } from '../../test/support/providers/soniox-realtime.ts'
import { type SpeechProtocol, startSpeechServer } from '../../test/support/providers/speech-server.ts'
import { startSpeechmaticsRealtime } from '../../test/support/providers/speechmatics-realtime.ts'
import { startTranscriberPeer, words } from '../../test/support/providers/transcriber-peer.ts'
import { KEY } from '../../test/support/providers/transcription-server.ts'
import { startXaiStt } from '../../test/support/providers/xai-stt.ts'
import { XAI_KEY, xaiProtocol } from '../../test/support/providers/xai-voice.ts'
import type { Access, Answer, Question } from './peers.ts'
import { openTap, type Tap } from './tap.ts'

const TEXT = 'We open at nine in the morning, and we close at five in the afternoon.'
/** More answers than are asked for. */
const ANSWERS = 2000

interface Server {
  readonly url: string
  close(): Promise<void>
}

/** A server, and how it is spoken to: its path (none unless given), key, voice or model. */
type Row = { start(): Promise<Server> } & Partial<Access>

const voice = (protocol: SpeechProtocol, key: string, more: Partial<Access> = {}): Row => ({
  start: () => startSpeechServer(prepared(protocol)),
  key,
  voiceId: 'somebody',
  ...more,
})

const chat = (id: string): Row => ({
  start: async () => {
    const server = await startFakeOpenAi()
    server.answerWith(() => mannerOf(id, TEXT.split(/(?<= )/)))
    return server
  },
  path: '/v1',
  key: 'key',
  model: 'gpt-4o',
})

const ROWS: Readonly<Record<Question['kind'], Readonly<Record<string, Row>>>> = {
  voice: {
    openai: voice(openAiVoiceProtocol(), OPENAI_KEY, { path: '/v1' }),
    '11labs': voice(elevenLabsProtocol(), ELEVENLABS_KEY),
    cartesia: voice(cartesiaProtocol(), CARTESIA_KEY),
    deepgram: voice(deepgramVoiceProtocol(), DEEPGRAM_VOICE_KEY),
    azure: voice(azureVoiceProtocol(), AZURE_KEY),
    microsoft: voice(azureVoiceProtocol(), AZURE_KEY),
    playht: voice(playHtProtocol(), PLAYHT_KEY, { voiceId: 'jennifer' }),
    'rime-ai': voice(rimeProtocol(), RIME_KEY),
    lmnt: voice(lmntProtocol(), LMNT_KEY),
    hume: voice(humeProtocol(), HUME_KEY),
    neuphonic: voice(neuphonicProtocol(), NEUPHONIC_KEY),
    inworld: voice(inworldProtocol(), INWORLD_KEY),
    minimax: voice(miniMaxProtocol(), MINIMAX_KEY),
    'smallest-ai': voice(smallestProtocol(), SMALLEST_KEY),
    xai: voice(xaiProtocol(), XAI_KEY, { path: '/v1' }),
    'custom-voice': { start: startCustomVoice, path: '/voice' },
  },
  model: {
    anthropic: {
      start: async () => {
        const server = await startAnthropic()
        times(ANSWERS, () => server.script(messageReply([textBlock(TEXT.split(/(?<= )/))])))
        return server
      },
      path: '/v1',
      key: 'sk-ant-test-1',
      model: 'claude-haiku-4-5',
    },
    google: {
      start: async () => {
        const server = await startGoogle()
        const texts = TEXT.split(/(?<= )/).map(text => [{ text }])
        times(ANSWERS, () => server.script(contentReply(texts)))
        return server
      },
      path: '/v1beta',
      key: 'AIza-test-1',
      model: 'gemini-2.5-flash',
    },
  },
  transcriber: {
    deepgram: { start: startDeepgram, key: DEEPGRAM_KEY },
    'assembly-ai': { start: startAssemblyAi, key: ASSEMBLY_KEY },
    openai: { start: startOpenAiTranscription, path: '/v1', key: KEY },
    '11labs': { start: startElevenLabsScribe, key: KEY },
    gladia: { start: startGladiaLive, key: KEY },
    speechmatics: { start: startSpeechmaticsRealtime, key: KEY },
    soniox: { start: startSonioxRealtime, key: KEY },
    cartesia: { start: startCartesiaStt, key: KEY },
    azure: { start: startAzureSpeech, key: KEY },
    xai: { start: startXaiStt, path: '/v1', key: KEY },
    'custom-transcriber': {
      start: () =>
        startTranscriberPeer({
          heard: (side, samples, connection) => {
            if (side === 'customer' && samples.some(sample => sample !== 0)) connection.reply(words('one'))
          },
        }),
      path: '/api/custom-transcriber',
    },
  },
}

/** The sound is made once: the pace of its making is not ours. */
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

function times(count: number, action: () => void): void {
  for (let time = 0; time < count; time++) action()
}

/** Answers the process that started this one, until that one is gone. */
export function serve(): void {
  const open = new Map<number, { server: Server; tap: Tap }>()
  const answer = (of: Question, more: Partial<Answer> = {}) => process.send?.({ id: of.id, ...more })

  process.on('message', async (question: Question) => {
    const { peer, ask, kind, name, delayMs } = question
    if (ask === 'open') {
      const row = ROWS[kind][name] ?? (kind === 'model' ? chat(name) : undefined)
      if (row === undefined) throw new Error(`no server speaks for ${kind} ${name}`)
      const { start, path = '', key = null, ...more } = row
      const server = await start()
      const tap = await openTap(server.url, delayMs)
      open.set(peer, { server, tap })
      answer(question, { access: { url: tap.url, path, key, ...more } })
      return
    }
    const found = open.get(peer)
    if (found === undefined) throw new Error(`${ask}: no such peer`)
    if (ask === 'break') found.tap.breakOff()
    if (ask === 'close') {
      found.tap.close()
      await found.server.close()
      open.delete(peer)
    }
    answer(question, ask === 'log' ? { passed: found.tap.log() } : {})
  })
  process.on('disconnect', () => process.exit(0))
}
