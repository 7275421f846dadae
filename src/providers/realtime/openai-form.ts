/**
 * The messages of OpenAI's Realtime API (developers.openai.com: Realtime conversations; Realtime prompting; API reference: Realtime
 * client events, Realtime server events), in its two forms: the current one, and that before it (`OpenAI-Beta: realtime=v1`;
 * guide "Beta to GA migration"), for which the preview models were made.
 */
import type { ModelTool, TokenUsage } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'
import { confidenceOf } from '../transcribers/wire.ts'
import type { AnswerRequest, ItemContent, SessionSettings, Told } from './events.ts'

/** The only rate of its PCM sound, in hertz. */
export const REALTIME_RATE = 24_000

type Message = Readonly<Record<string, unknown>>

/** One form of the protocol. */
export interface RealtimeForm {
  headers: Readonly<Record<string, string>>
  /** All settings of the session. */
  session(settings: SessionSettings): object
  /** Only what changes in the middle. */
  update(change: Pick<SessionSettings, 'instructions' | 'tools'>): object
  temperature(value: number): object
  item(content: ItemContent, id: string): object
  answer(request: AnswerRequest, settings: SessionSettings): object
}

const instructionsFor = (words: string): string =>
  `Say the words between the marks to the caller, exactly as they stand, in their language. Add nothing, leave nothing out, answer nothing.\n<<<\n${words}\n>>>`

export const currentForm: RealtimeForm = {
  headers: {},
  session: ({ model: _model, instructions, tools, voice, transcription, maxTokens }) => ({
    type: 'realtime',
    output_modalities: [voice === null ? 'text' : 'audio'],
    instructions,
    audio: {
      input: {
        format: { type: 'audio/pcm', rate: REALTIME_RATE },
        transcription,
        // Our plans decide about turns.
        turn_detection: null,
      },
      ...(voice !== null && {
        output: {
          format: { type: 'audio/pcm', rate: REALTIME_RATE },
          voice: voice.voiceId,
          ...(voice.speed !== undefined && { speed: voice.speed }),
        },
      }),
    },
    tools: tools.map(toolOf),
    tool_choice: 'auto',
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(transcription?.model.startsWith('gpt-4o') && {
      include: ['item.input_audio_transcription.logprobs'],
    }),
  }),
  update: ({ instructions, tools }) => ({ type: 'realtime', instructions, tools: tools.map(toolOf) }),
  temperature: temperature => ({ type: 'realtime', temperature }),
  item: (content, id) => itemOf(content, id, 'output_text'),
  answer: ({ key, words }) => ({
    metadata: { key },
    ...(words !== null && {
      conversation: 'none',
      output_modalities: ['audio'],
      input: [],
      instructions: instructionsFor(words),
      tools: [],
      tool_choice: 'none',
    }),
  }),
}

export const previewForm: RealtimeForm = {
  headers: { 'openai-beta': 'realtime=v1' },
  session: ({ model: _model, instructions, tools, voice, transcription, maxTokens }) => ({
    modalities: voice === null ? ['text'] : ['text', 'audio'],
    instructions,
    input_audio_format: 'pcm16',
    output_audio_format: 'pcm16',
    input_audio_transcription: transcription,
    turn_detection: null,
    ...(voice !== null && { voice: voice.voiceId }),
    ...(voice?.speed !== undefined && { speed: voice.speed }),
    tools: tools.map(toolOf),
    tool_choice: 'auto',
    ...(maxTokens !== undefined && { max_response_output_tokens: maxTokens }),
  }),
  update: ({ instructions, tools }) => ({ instructions, tools: tools.map(toolOf) }),
  temperature: temperature => ({ temperature: Math.min(1.2, Math.max(0.6, temperature)) }),
  item: (content, id) => itemOf(content, id, 'text'),
  answer: ({ key, words }, { voice }) => ({
    metadata: { key },
    modalities: voice === null ? ['text'] : ['text', 'audio'],
    ...(words !== null && {
      conversation: 'none',
      input: [],
      instructions: instructionsFor(words),
      tools: [],
      tool_choice: 'none',
    }),
  }),
}

function toolOf({ function: { name, description, parameters } }: ModelTool): object {
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  }
}

function itemOf(content: ItemContent, id: string, assistantText: string): object {
  switch (content.type) {
    case 'message':
      return {
        id,
        type: 'message',
        role: content.role,
        content: [{ type: content.role === 'assistant' ? assistantText : 'input_text', text: content.text }],
      }
    case 'call':
      return {
        id,
        type: 'function_call',
        call_id: content.callId,
        name: content.name,
        arguments: content.arguments,
      }
    case 'result':
      return { id, type: 'function_call_output', call_id: content.callId, output: content.output }
  }
}

/** Reads a message of the session, in either form; null for one that says nothing to us. Throws where it is not as documented. */
export function readEvent(message: Message): Told | null {
  const itemId = String(message.item_id)
  const answerId = String(message.response_id)
  switch (message.type) {
    case 'session.created':
      return { type: 'opened' }
    case 'session.updated':
      return { type: 'configured' }
    case 'input_audio_buffer.committed':
      return { type: 'committed', itemId }
    case 'conversation.item.input_audio_transcription.delta':
      return { type: 'hearing', itemId, delta: textIn(message.delta) }
    case 'conversation.item.input_audio_transcription.completed': {
      const parts = Array.isArray(message.logprobs) ? message.logprobs : []
      const confidence = confidenceOf(parts.map(part => (isObject(part) ? part.logprob : null)))
      const text = textIn(message.transcript).trim()
      return { type: 'heard', itemId, text, ...(confidence !== undefined && { confidence }) }
    }
    case 'conversation.item.input_audio_transcription.failed':
      return { type: 'unheard', itemId, message: textIn(objectIn(message.error).message) }
    case 'response.created': {
      const { id, metadata } = objectIn(message.response)
      const { key } = objectIn(metadata)
      return { type: 'answer', answerId: String(id), key: typeof key === 'string' ? key : null }
    }
    case 'response.output_item.added': {
      const { id, type } = objectIn(message.item)
      return type === 'message' ? { type: 'message', answerId, itemId: String(id) } : null
    }
    case 'response.output_item.done': {
      const item = objectIn(message.item)
      if (item.type !== 'function_call') return null
      const { id, call_id: callId, name, arguments: values } = item
      return {
        type: 'call',
        answerId,
        itemId: String(id),
        callId: String(callId),
        name: String(name),
        arguments: textIn(values),
      }
    }
    case 'response.output_audio_transcript.delta':
    case 'response.audio_transcript.delta':
    case 'response.output_text.delta':
    case 'response.text.delta':
      return { type: 'text', answerId, itemId, delta: textIn(message.delta) }
    case 'response.output_audio.delta':
    case 'response.audio.delta':
      return { type: 'sound', answerId, itemId, bytes: Buffer.from(textIn(message.delta), 'base64') }
    case 'response.done':
      return readAnswered(objectIn(message.response))
    case 'error': {
      const { code, type, message: said, event_id: eventId } = objectIn(message.error)
      return {
        type: 'error',
        code: typeof code === 'string' ? code : '',
        kind: typeof type === 'string' ? type : '',
        message: typeof said === 'string' ? said : '',
        eventId: typeof eventId === 'string' ? eventId : null,
      }
    }
    default:
      return null
  }
}

const STATUSES = ['completed', 'cancelled', 'incomplete', 'failed'] as const

function readAnswered(response: Message): Told {
  const details = isObject(response.status_details) ? response.status_details : {}
  const error = isObject(details.error) ? details.error : {}
  const status = STATUSES.find(known => known === response.status) ?? 'completed'
  return {
    type: 'answered',
    answerId: String(response.id),
    status,
    reason: String(error.code ?? error.type ?? details.reason ?? ''),
    message: typeof error.message === 'string' ? error.message : '',
    usage: isObject(response.usage) ? usageOf(response.usage) : null,
  }
}

function usageOf(usage: Message): TokenUsage {
  const input = isObject(usage.input_token_details) ? usage.input_token_details : {}
  const output = isObject(usage.output_token_details) ? usage.output_token_details : {}
  const cached = isObject(input.cached_tokens_details) ? input.cached_tokens_details : {}
  return {
    promptTokens: countIn(usage.input_tokens),
    completionTokens: countIn(usage.output_tokens),
    cachedPromptTokens: countIn(input.cached_tokens),
    reasoningTokens: countIn(output.reasoning_tokens),
    audio: {
      promptTokens: countIn(input.audio_tokens),
      completionTokens: countIn(output.audio_tokens),
      cachedPromptTokens: countIn(cached.audio_tokens),
    },
  }
}

function objectIn(value: unknown): Message {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw new TypeError('no object where there has to be one')
  return value
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function countIn(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0
}
