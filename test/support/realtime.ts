/** Live calls of assistants with a realtime model, at the local server. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { joinSamples } from '../../src/audio/samples.ts'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import type { CallRequest, CustomerChoice } from '../../src/call/live/prepare.ts'
import { callLive } from './live.ts'
import { temporaryFolder } from './program.ts'
import { type GeminiBehaviour, startGeminiLive } from './providers/gemini-live.ts'
import { type RealtimeBehaviour, startOpenAiRealtime } from './providers/openai-realtime.ts'
import { KEY } from './providers/transcription-server.ts'
import { synthesise } from './speech.ts'

const silence = (ms: number) => new Int16Array(ms * 16)

/** A caller's sound: texts are spoken, numbers are silence in milliseconds. */
export async function callerFile(...parts: (string | number)[]): Promise<string> {
  const path = join(temporaryFolder(), 'customer.wav')
  const sounds = await Promise.all(
    parts.map(part => (typeof part === 'number' ? silence(part) : synthesise(part))),
  )
  writeFileSync(path, encodeWav(joinSamples(sounds), { sampleRate: 16_000, channels: 1 }))
  return path
}

/** Calls the assistant, whose answers are those of `behaviour`; `customer` is a file's path, or somebody else. */
export async function callRealtime(
  behaviour: RealtimeBehaviour,
  assistant: { model?: object; squad?: object; [field: string]: unknown },
  customer: string | CustomerChoice,
  more: Partial<CallRequest> = {},
) {
  const server = await startOpenAiRealtime(behaviour)
  onTestFinished(() => server.close())
  const { model, ...rest } = assistant
  const seen = await callLive(
    {
      model: {
        provider: 'openai',
        model: 'gpt-realtime-2025-08-28',
        messages: [{ role: 'system', content: 'You are kind.' }],
        ...model,
      },
      voice: { provider: 'openai', voiceId: 'alloy' },
      transcriber: undefined,
      ...rest,
    },
    typeof customer === 'string' ? { type: 'file', path: customer } : customer,
    [],
    { script: null, output: { type: 'file', path: 'assistant.wav' }, ...more },
    { OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: KEY },
  )
  return { ...seen, server, session: server.sessions[0] }
}

/** The same with Gemini. */
export async function callGemini(
  behaviour: GeminiBehaviour,
  assistant: { model?: object; [field: string]: unknown },
  customer: string | CustomerChoice,
  more: Partial<CallRequest> = {},
) {
  const server = await startGeminiLive(behaviour)
  onTestFinished(() => server.close())
  const { model, ...rest } = assistant
  const seen = await callLive(
    {
      model: {
        provider: 'google',
        model: 'gemini-2.0-flash-realtime-exp',
        messages: [{ role: 'system', content: 'You are kind.' }],
        ...model,
      },
      voice: undefined,
      transcriber: undefined,
      ...rest,
    },
    typeof customer === 'string' ? { type: 'file', path: customer } : customer,
    [],
    { script: null, output: { type: 'file', path: 'assistant.wav' }, ...more },
    { GEMINI_BASE_URL: server.url, GEMINI_API_KEY: KEY },
  )
  return { ...seen, server }
}
