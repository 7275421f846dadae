import { ActivityHandling, GoogleGenAI, type LiveServerMessage, Modality, type Session } from '@google/genai'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type GeminiBehaviour,
  type GeminiServer,
  startGeminiLive,
} from '../../support/providers/gemini-live.ts'
import { until } from '../../support/providers/realtime-talk.ts'
import { KEY } from '../../support/providers/transcription-server.ts'
import { soundOf } from '../../support/providers/words.ts'

let server: GeminiServer
let client: Session | undefined
afterEach(async () => {
  client?.close()
  client = undefined
  await server.close()
})

/** Google's own client, with its address redirected to the local server. */
async function connect(behaviour: GeminiBehaviour, more: object = {}) {
  server = await startGeminiLive(behaviour)
  const messages: LiveServerMessage[] = []
  const google = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: server.url } })
  const session = await google.live.connect({
    model: 'gemini-2.0-flash-live-001',
    config: {
      responseModalities: [Modality.AUDIO],
      systemInstruction: 'Be kind.',
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      realtimeInputConfig: {
        automaticActivityDetection: { disabled: true },
        activityHandling: ActivityHandling.NO_INTERRUPTION,
      },
      contextWindowCompression: { slidingWindow: {} },
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
      tools: [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: { type: 'object' } }] }],
      temperature: 0.5,
      ...more,
    },
    callbacks: { onmessage: message => void messages.push(message) },
  })
  client = session
  const turns = () => messages.filter(({ serverContent }) => serverContent?.turnComplete).length
  return { session, messages, turns }
}

function speak(session: Session): void {
  session.sendRealtimeInput({ activityStart: {} })
  for (const { samples } of soundOf(['one', 'two', 300]))
    session.sendRealtimeInput({
      audio: { data: Buffer.from(samples.buffer).toString('base64'), mimeType: 'audio/pcm;rate=16000' },
    })
  session.sendRealtimeInput({ activityEnd: {} })
}

describe('Google’s own live client, at our local server', () => {
  it('sets up, is heard, gets words, sound, calls and counts', async () => {
    const { session, messages, turns } = await connect({
      answers: [{ calls: [{ name: 'look', args: { day: 'today' } }] }, { text: 'It is free.' }],
    })
    speak(session)
    await until(() => messages.some(({ toolCall }) => toolCall !== undefined))
    const [call] = messages.flatMap(({ toolCall }) => toolCall?.functionCalls ?? [])
    expect(call).toMatchObject({ name: 'look', args: { day: 'today' } })
    session.sendToolResponse({
      functionResponses: [{ id: call.id, name: 'look', response: { output: 'free' } }],
    })
    await until(() => turns() === 1)
    const contents = messages.map(({ serverContent }) => serverContent)
    expect(contents.map(content => content?.inputTranscription?.text ?? '').join('')).toBe('one two')
    expect(contents.map(content => content?.outputTranscription?.text ?? '').join('')).toBe('It is free.')
    const bytes = messages.reduce((sum, { data }) => sum + Buffer.from(data ?? '', 'base64').length, 0)
    expect(bytes).toBe((9 * 60 * 24_000 * 2) / 1000)
    expect(messages.at(-1)?.usageMetadata).toMatchObject({ promptTokenCount: 100 })
    expect(server.sessions[0].setup).toMatchObject({ model: 'models/gemini-2.0-flash-live-001' })
    expect(server.sessions[0].errors).toEqual([])
  })

  it('tells it parts of the conversation and has its turn answered', async () => {
    const { session, turns } = await connect({ answers: [{ text: 'Monday.' }] })
    session.sendClientContent({
      turns: [{ role: 'model', parts: [{ text: 'Hello.' }] }],
      turnComplete: false,
    })
    session.sendClientContent({ turns: [{ role: 'user', parts: [{ text: 'When?' }] }], turnComplete: true })
    await until(() => turns() === 1)
    expect(server.sessions[0].contents.map(({ role, text }) => [role, text])).toEqual([
      ['model', 'Hello.'],
      ['user', 'When?'],
      ['model', 'Monday.'],
    ])
  })

  it('is interrupted by a start of activity unless it is told otherwise', async () => {
    const { session, messages, turns } = await connect(
      { answers: [{ text: 'This goes on for a very long time.' }], wordMs: 50 },
      { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } },
    )
    session.sendClientContent({ turns: [{ role: 'user', parts: [{ text: 'Go on.' }] }] })
    await until(() => messages.some(({ serverContent }) => serverContent?.modelTurn))
    session.sendRealtimeInput({ activityStart: {} })
    await until(() => turns() === 1)
    expect(messages.some(({ serverContent }) => serverContent?.interrupted)).toBe(true)
  })
})
