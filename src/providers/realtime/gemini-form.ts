/**
 * The messages of Google's Live API (ai.google.dev: "Live API - WebSockets API reference", "Live API capabilities guide", "Tool use
 * with Live API", "Session management with Live API"): what a session is set up with and told, and what it says.
 */
import type { TokenUsage } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'
import { declarationOf } from '../google/request.ts'
import type { ItemContent, SessionSettings } from './events.ts'

/** The rate of the customer's sound, and that of the model's, in hertz. */
export const GEMINI_INPUT_RATE = 16_000
export const GEMINI_OUTPUT_RATE = 24_000

type Message = Readonly<Record<string, unknown>>

/** Settings of the assistant that are passed on under Google's own names (API: model.realtimeConfig). */
export interface GeminiSettings extends SessionSettings {
  temperature: number | null
  generation: Readonly<Record<string, unknown>>
}

/** One thing that a session says. */
export type GeminiTold =
  | { type: 'ready' }
  | { type: 'hearing'; delta: string; isOver: boolean }
  /** Words of the answer: as they are spoken, or as they are written. */
  | { type: 'said' | 'written'; delta: string }
  | { type: 'sound'; bytes: Uint8Array }
  | { type: 'calls'; calls: { id: string | null; name: string; arguments: Message }[] }
  | { type: 'callsCancelled' }
  /** `generated`: all of the answer is there, though the turn may go on. */
  | { type: 'generated' | 'interrupted' | 'over' }
  | { type: 'usage'; usage: TokenUsage }
  | { type: 'leaving' }

/** The first message of a session. */
export function setupOf(settings: GeminiSettings): object {
  const { model, instructions, tools, voice, transcription, maxTokens, temperature, generation } = settings
  const sounds = hasSound(settings)
  return {
    setup: {
      model: `models/${model.replace(/^models\//, '')}`,
      generationConfig: {
        ...generation,
        responseModalities: [sounds ? 'AUDIO' : 'TEXT'],
        ...(temperature !== null && { temperature }),
        ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
        ...(voice !== null && {
          speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice.voiceId } } },
        }),
      },
      ...(instructions !== '' && { systemInstruction: { parts: [{ text: instructions }] } }),
      ...(tools.length > 0 && { tools: [{ functionDeclarations: tools.map(declarationOf) }] }),
      realtimeInputConfig: {
        // Our plans decide about turns and about interruptions.
        automaticActivityDetection: { disabled: true },
        activityHandling: 'NO_INTERRUPTION',
      },
      ...(transcription !== null && { inputAudioTranscription: {} }),
      ...(sounds && { outputAudioTranscription: {} }),
      // Without it a session of sound ends after 15 minutes.
      contextWindowCompression: { slidingWindow: {} },
    },
  }
}

/** It answers with sound. Some models give nothing else: what they say in writing is what is written down of it. */
export function hasSound({ voice, model }: Pick<SessionSettings, 'voice' | 'model'>): boolean {
  return voice !== null || /native-audio/.test(model)
}

export const activityStart = { realtimeInput: { activityStart: {} } } as const
export const activityEnd = { realtimeInput: { activityEnd: {} } } as const

export function audioOf(base64: string): object {
  return { realtimeInput: { audio: { data: base64, mimeType: `audio/pcm;rate=${GEMINI_INPUT_RATE}` } } }
}

/** Parts of the conversation, and whether the model is to answer now. */
export function turnsOf(contents: readonly ItemContent[], answers: boolean): object {
  const turns: { role: 'user' | 'model'; parts: { text: string }[] }[] = []
  for (const content of contents) {
    const role = content.type === 'message' && content.role === 'assistant' ? 'model' : 'user'
    const last = turns.at(-1)
    const part = { text: textOf(content) }
    if (last?.role === role) last.parts.push(part)
    else turns.push({ role, parts: [part] })
  }
  // A model does not answer itself.
  if (answers && turns.at(-1)?.role !== 'user') turns.push({ role: 'user', parts: [{ text: YOUR_TURN }] })
  return { clientContent: { turns, turnComplete: answers } }
}

const YOUR_TURN = '(The caller is on the line and says nothing: it is your turn to speak.)'

/** Calls of a conversation that was had elsewhere have no message of their own. */
function textOf(content: ItemContent): string {
  switch (content.type) {
    case 'message':
      return content.role === 'system' ? `(Note: ${content.text})` : content.text
    case 'call':
      return `(You called the tool ${content.name} with ${content.arguments}.)`
    case 'result':
      return `(The tool answered: ${content.output})`
  }
}

export interface ToolResult {
  callId: string
  name: string
  output: string
  /** What the caller was told while it ran. */
  saidMeanwhile: readonly string[]
}

export function resultsOf(results: readonly ToolResult[]): object {
  return {
    toolResponse: {
      functionResponses: results.map(({ callId, name, output, saidMeanwhile }) => ({
        id: callId,
        name,
        response: { output, ...(saidMeanwhile.length > 0 && { saidToTheCallerMeanwhile: saidMeanwhile }) },
      })),
    },
  }
}

/** Has these words said, and nothing else, by a session that does no more than that. */
export const READER_INSTRUCTIONS =
  'You are the voice of a caller’s assistant. Each message has words between the marks <<< and >>>. Say these words exactly as they stand, in their language. Add nothing, leave nothing out, answer nothing.'

export function wordsOf(words: string): object {
  return turnsOf([{ type: 'message', role: 'user', text: `<<<\n${words}\n>>>` }], true)
}

/** Reads a message of the session. Throws where it is not as documented. */
export function readGemini(message: Message): GeminiTold[] {
  const all: GeminiTold[] = []
  if (message.setupComplete !== undefined) all.push({ type: 'ready' })
  if (message.goAway !== undefined) all.push({ type: 'leaving' })
  if (message.toolCallCancellation !== undefined) all.push({ type: 'callsCancelled' })
  if (isObject(message.usageMetadata)) all.push({ type: 'usage', usage: usageOf(message.usageMetadata) })
  if (message.serverContent !== undefined) all.push(...readContent(objectIn(message.serverContent)))
  if (message.toolCall !== undefined) {
    const calls = listIn(objectIn(message.toolCall).functionCalls).map(call => {
      const { id, name, args } = objectIn(call)
      return { id: typeof id === 'string' ? id : null, name: String(name), arguments: objectIn(args) }
    })
    all.push({ type: 'calls', calls })
  }
  return all
}

function readContent(content: Message): GeminiTold[] {
  const all: GeminiTold[] = []
  const { inputTranscription, outputTranscription, modelTurn } = content
  if (inputTranscription !== undefined) {
    const { text, finished } = objectIn(inputTranscription)
    all.push({ type: 'hearing', delta: textIn(text), isOver: finished === true })
  }
  if (outputTranscription !== undefined) {
    const delta = textIn(objectIn(outputTranscription).text)
    if (delta !== '') all.push({ type: 'said', delta })
  }
  for (const part of listIn(objectIn(modelTurn).parts)) {
    const { text, inlineData, thought } = objectIn(part)
    if (thought === true) continue
    if (typeof text === 'string' && text !== '') all.push({ type: 'written', delta: text })
    if (inlineData !== undefined)
      all.push({ type: 'sound', bytes: Buffer.from(textIn(objectIn(inlineData).data), 'base64') })
  }
  if (content.interrupted === true) all.push({ type: 'interrupted' })
  if (content.generationComplete === true) all.push({ type: 'generated' })
  if (content.turnComplete === true) all.push({ type: 'over' })
  return all
}

function usageOf(usage: Message): TokenUsage {
  const soundIn = (details: unknown) =>
    listIn(details)
      .map(objectIn)
      .filter(({ modality }) => modality === 'AUDIO')
      .reduce((sum, { tokenCount }) => sum + countIn(tokenCount), 0)
  const thoughts = countIn(usage.thoughtsTokenCount)
  return {
    promptTokens: countIn(usage.promptTokenCount) + countIn(usage.toolUsePromptTokenCount),
    completionTokens: countIn(usage.responseTokenCount) + thoughts,
    cachedPromptTokens: countIn(usage.cachedContentTokenCount),
    reasoningTokens: thoughts,
    audio: {
      promptTokens: soundIn(usage.promptTokensDetails),
      completionTokens: soundIn(usage.responseTokensDetails),
      cachedPromptTokens: soundIn(usage.cacheTokensDetails),
    },
  }
}

/** Two counts as one. */
export function addUsage(one: TokenUsage | null, other: TokenUsage | null): TokenUsage | null {
  if (one === null || other === null) return one ?? other
  return {
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    cachedPromptTokens: one.cachedPromptTokens + other.cachedPromptTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    audio: {
      promptTokens: (one.audio?.promptTokens ?? 0) + (other.audio?.promptTokens ?? 0),
      completionTokens: (one.audio?.completionTokens ?? 0) + (other.audio?.completionTokens ?? 0),
      cachedPromptTokens: (one.audio?.cachedPromptTokens ?? 0) + (other.audio?.cachedPromptTokens ?? 0),
    },
  }
}

function objectIn(value: unknown): Message {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw new TypeError('no object where there has to be one')
  return value
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function countIn(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0
}
