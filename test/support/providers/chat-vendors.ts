/**
 * Answers in the manner of each vendor behind OpenAI's chat completions, and what each refuses, after the vendors' pages:
 * OpenAI and Azure ("Chat completions"), Groq ("API reference"), Together ("Chat"), OpenRouter ("Streaming"), Perplexity
 * ("Sonar API"), xAI ("Inference API"), Cerebras ("OpenAI compatibility"), Mistral ("Chat completion"), DeepSeek ("Thinking
 * mode", "Context caching"), MiniMax ("OpenAI compatible API"), Baseten and Runpod (vLLM workers).
 */
import { chunkEvent, errorReply, eventReply, type FakeReply, type FakeRequest } from '../fake-openai.ts'

export interface Sent {
  model: string
  messages: {
    role: string
    content?: string | null
    tool_calls?: { id: string }[]
    tool_call_id?: string
    reasoning_content?: string
  }[]
  temperature?: number
  stream_options?: object
  tools?: { function: { strict?: boolean; parameters?: unknown } }[]
}

const counts = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 }
const delta = (content: string, more: object = {}): string =>
  chunkEvent({ choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }] })
const role = chunkEvent({
  choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
})
const finish = (more: object = {}): string =>
  chunkEvent({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...more })
const usage = chunkEvent({ choices: [], usage: counts })
const DONE = 'data: [DONE]\n\n'
const plain = (texts: string[]): string[] => [role, ...texts.map(text => delta(text)), finish(), usage, DONE]

const manners: Readonly<Record<string, (texts: string[]) => string[]>> = {
  'azure-openai': texts => [
    chunkEvent({
      choices: [],
      model: '',
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
    }),
    role,
    ...texts.map(text =>
      delta(text, { content_filter_results: { hate: { filtered: false } }, logprobs: null }),
    ),
    finish(),
    usage,
    DONE,
  ],
  groq: texts => [
    chunkEvent({
      choices: [{ index: 0, delta: { role: 'assistant', content: '' } }],
      x_groq: { id: 'req_1' },
    }),
    ...texts.map(text => delta(text)),
    finish({ x_groq: { id: 'req_1', usage: counts } }),
    usage,
    DONE,
  ],
  'together-ai': texts => [
    ...texts.map(text =>
      chunkEvent({
        choices: [{ index: 0, text, delta: { token_id: 1, role: 'assistant', content: text } }],
        usage: null,
      }),
    ),
    finish({ usage: counts }),
    DONE,
  ],
  openrouter: texts => [
    ': OPENROUTER PROCESSING\n\n',
    ': OPENROUTER PROCESSING\n\n',
    ...texts.map(text => delta(text, { native_finish_reason: null })),
    finish(),
    usage,
    DONE,
  ],
  'perplexity-ai': texts =>
    texts
      .map((text, place) =>
        chunkEvent({
          citations: ['https://example.com'],
          search_results: [],
          usage: { ...counts, search_context_size: 'low' },
          choices: [
            {
              index: 0,
              finish_reason: place === texts.length - 1 ? 'stop' : null,
              message: { role: 'assistant', content: texts.slice(0, place + 1).join('') },
              delta: { role: 'assistant', content: text },
            },
          ],
        }),
      )
      .map(event => event.replaceAll('\n', '\r\n')),
  xai: texts => [
    chunkEvent({
      choices: [{ index: 0, delta: { role: 'assistant', reasoning_content: 'Let me see.' } }],
      usage: counts,
    }),
    ...texts.map(text => delta(text)),
    finish({ usage: counts, system_fingerprint: 'fp' }),
    DONE,
  ],
  cerebras: texts => [
    role,
    ...texts.map(text => delta(text)),
    finish({ usage: counts, time_info: { queue_time: 0.1 } }),
    DONE,
  ],
  mistral: texts => [
    role,
    ...texts.slice(0, 1).map(text =>
      chunkEvent({
        choices: [
          {
            index: 0,
            delta: {
              content: [
                { type: 'thinking', thinking: [{ type: 'text', text: 'Let me see.' }] },
                { type: 'text', text },
              ],
            },
            finish_reason: null,
          },
        ],
      }),
    ),
    ...texts.slice(1).map(text => delta(text)),
    finish({ usage: counts }),
    DONE,
  ],
  'deep-seek': texts => [
    ': keep-alive\n\n',
    chunkEvent({
      choices: [{ index: 0, delta: { role: 'assistant', content: null, reasoning_content: 'Hm.' } }],
    }),
    ...texts.map(text => delta(text, { delta: { content: text, reasoning_content: null } })),
    finish(),
    chunkEvent({
      choices: [],
      usage: { ...counts, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 3 },
    }),
    DONE,
  ],
  minimax: texts => [
    delta('<think>\nLet me'),
    delta(' see.\n</think>\n\n'),
    ...texts.map(text => delta(text)),
    finish({ usage: counts, base_resp: { status_code: 0, status_msg: '' } }),
    DONE,
  ],
}

/** An answer of these texts in the vendor's manner. */
export function mannerOf(id: string, texts: string[]): FakeReply {
  return eventReply((manners[id] ?? plain)(texts))
}

/** An error where the vendor would not take the request; null where it would. */
export function refusalOf(id: string, { headers, json }: FakeRequest, key: string): FakeReply | null {
  const sent = json as Sent
  const given = id === 'azure-openai' ? headers['api-key'] : headers.authorization?.replace('Bearer ', '')
  if (given !== key) return errorReply(401, 'no such key', 'invalid_api_key')
  const { messages, temperature, stream_options, tools = [] } = sent
  if (id === 'mistral' && stream_options !== undefined)
    return errorReply(422, 'Extra inputs are not permitted')
  if (id === 'minimax' && temperature !== undefined && (temperature <= 0 || temperature > 1))
    return errorReply(400, 'invalid params, temperature')
  if (
    /openai/.test(id) &&
    tools.some(tool => tool.function.strict && /"maxLength"/.test(JSON.stringify(tool)))
  )
    return errorReply(400, "Invalid schema: 'maxLength' is not permitted")
  if (id === 'perplexity-ai' || id === 'mistral') return refusedOrder(id, messages)
  if (id === 'deep-seek' && messages.some(message => message.reasoning_content !== undefined))
    for (const message of messages)
      if (message.tool_calls !== undefined && message.reasoning_content === undefined)
        return errorReply(400, 'The reasoning_content in the thinking mode must be passed back to the API.')
  return null
}

function refusedOrder(id: string, messages: Sent['messages']): FakeReply | null {
  const spoken = messages.slice(messages.findIndex(({ role: speaker }) => speaker !== 'system'))
  if (spoken.some(({ role: speaker }) => speaker === 'system'))
    return errorReply(400, "Unexpected role 'system' after role 'user'")
  if (!/^(user|tool)$/.test(spoken.at(-1)?.role ?? ''))
    return errorReply(400, 'Expected last role User or Tool')
  if (spoken[0]?.role !== 'user')
    return errorReply(400, 'After the system message, a user message is expected')
  for (const [place, { role: speaker, tool_calls = [], tool_call_id }] of spoken.entries()) {
    const before = spoken[place - 1]?.role
    if (speaker === before && speaker !== 'tool')
      return errorReply(400, 'user or tool message(s) should alternate with assistant message(s)')
    if (id === 'mistral' && speaker === 'user' && before === 'tool')
      return errorReply(400, "Unexpected role 'user' after role 'tool'")
    const ids = [...tool_calls.map(call => call.id), ...(tool_call_id === undefined ? [] : [tool_call_id])]
    if (id === 'mistral' && ids.some(callId => !/^[a-zA-Z0-9]{9}$/.test(callId)))
      return errorReply(400, 'Tool call id must be a-z, A-Z, 0-9, with a length of 9')
  }
  return null
}
