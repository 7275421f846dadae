/**
 * A local server with Anthropic's Messages API, after its public documentation (platform.claude.com: "Create a Message",
 * "Streaming messages", "Errors", "Tool use", "Extended thinking"): it answers as scripted, and refuses, as the real one
 * does, what the documentation says is refused.
 */
import {
  eventReply,
  type FakeReply,
  type FakeRequest,
  type FakeStep,
  jsonReply,
  startFakeOpenAi,
} from '../fake-openai.ts'

export interface AnthropicServer {
  /** Without a version, as the vendor's client wants it. */
  readonly url: string
  readonly requests: FakeRequest[]
  script(...replies: FakeReply[]): void
  request(index: number): Promise<FakeRequest>
  close(): Promise<void>
}

export const ANTHROPIC_KEY = 'sk-ant-test-1'

export async function startAnthropic(): Promise<AnthropicServer> {
  const server = await startFakeOpenAi()
  const scripted: FakeReply[] = []
  server.answerWith(request => refusalOf(request) ?? scripted.shift() ?? messageReply([textBlock(['ok'])]))
  const { url, requests, request, close } = server
  return { url, requests, request, close, script: (...replies) => void scripted.push(...replies) }
}

/** A content block of an answer: how it starts, what follows, and nothing else. */
export interface Block {
  start: object
  deltas: object[]
}

export const textBlock = (pieces: string[]): Block => ({
  start: { type: 'text', text: '' },
  deltas: pieces.map(text => ({ type: 'text_delta', text })),
})

export function toolBlock(id: string, name: string, input: unknown, characters = 7): Block {
  const json = typeof input === 'string' ? input : JSON.stringify(input)
  const pieces = json.match(new RegExp(`[\\s\\S]{1,${characters}}`, 'g')) ?? []
  return {
    start: { type: 'tool_use', id, name, input: {} },
    // The real stream begins with an empty piece.
    deltas: ['', ...pieces].map(partial_json => ({ type: 'input_json_delta', partial_json })),
  }
}

export const thinkingBlock = (pieces: string[], signature: string): Block => ({
  start: { type: 'thinking', thinking: '', signature: '' },
  deltas: [
    ...pieces.map(thinking => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature },
  ],
})

export const redactedBlock = (data: string): Block => ({
  start: { type: 'redacted_thinking', data },
  deltas: [],
})

export interface MessageOptions {
  stopReason?: string | null
  usage?: { start?: object; end?: object }
  bytesPerWrite?: number
  /** False leaves out `message_stop`. */
  stop?: boolean
  afterwards?: FakeStep[]
  delayMs?: number
}

/** A streamed message of these blocks. */
export function messageReply(blocks: Block[], options: MessageOptions = {}): FakeReply {
  const { stopReason = 'end_turn', usage = {}, bytesPerWrite, stop = true, afterwards = [] } = options
  const events: string[] = [
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [],
        model: 'claude-test',
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 25, output_tokens: 1, ...usage.start },
      },
    }),
    event('ping', {}),
  ]
  blocks.forEach(({ start, deltas }, index) => {
    events.push(event('content_block_start', { index, content_block: start }))
    for (const delta of deltas) events.push(event('content_block_delta', { index, delta }))
    events.push(event('content_block_stop', { index }))
  })
  if (stopReason !== null)
    events.push(
      event('message_delta', {
        delta: { stop_reason: stopReason, stop_sequence: null },
        usage: { output_tokens: 15, ...usage.end },
      }),
    )
  if (stop) events.push(event('message_stop', {}))
  const steps: FakeStep[] = bytesPerWrite === undefined ? events : cut(events.join(''), bytesPerWrite)
  return eventReply([...steps, ...afterwards], options.delayMs)
}

export function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

/** An error in Anthropic's form. */
export function errorOf(status: number, type: string, message: string): FakeReply {
  return jsonReply({ type: 'error', error: { type, message }, request_id: 'req_1' }, status)
}

/** The same within a stream. */
export const errorEvent = (type: string, message: string): string =>
  event('error', { error: { type, message }, request_id: 'req_1' })

function cut(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, place) =>
    bytes.subarray(place * size, (place + 1) * size),
  )
}

interface SentBlock {
  type: string
  text?: string
  id?: string
  tool_use_id?: string
}

interface Sent {
  model?: string
  max_tokens?: number
  temperature?: number
  thinking?: { type: string; budget_tokens?: number }
  messages?: { role: string; content: string | SentBlock[] }[]
  tools?: { name: string; input_schema?: { type?: string } }[]
}

/** What the real one would not take of this request. */
function refusalOf({ method, path, headers, json }: FakeRequest): FakeReply | null {
  const invalid = (message: string) => errorOf(400, 'invalid_request_error', message)
  // The page "Authentication" has the key as a bearer token, which the client sends; older pages as x-api-key.
  if (headers['x-api-key'] !== ANTHROPIC_KEY && headers.authorization !== `Bearer ${ANTHROPIC_KEY}`)
    return errorOf(401, 'authentication_error', 'invalid x-api-key')
  const version = headers['anthropic-version']
  if (version !== '2023-06-01' && version !== '2026-10-21')
    return invalid('anthropic-version: header is required')
  if (method === 'GET' && path.startsWith('/v1/models')) return jsonReply({ data: [], has_more: false })
  if (method !== 'POST' || path !== '/v1/messages') return errorOf(404, 'not_found_error', 'Not Found')
  const { model, max_tokens, temperature, thinking, messages = [], tools = [] } = json as Sent
  if (model === undefined) return invalid('model: Field required')
  if (max_tokens === undefined) return invalid('max_tokens: Field required')
  if (temperature !== undefined && (temperature < 0 || temperature > 1))
    return invalid('temperature: range: 0..1')
  // The page "Versions": the later one has no temperature.
  if (version === '2026-10-21' && temperature !== undefined) return invalid('temperature: Extra inputs')
  const isNew = /sonnet-5|opus-4-7/.test(model)
  if (isNew && temperature !== undefined) return invalid('temperature: not supported by this model')
  if (thinking?.type === 'enabled') {
    if (isNew) return invalid('thinking.type: "enabled" is not supported by this model')
    if ((thinking.budget_tokens ?? 0) < 1024) return invalid('thinking.budget_tokens: at least 1024')
    if ((thinking.budget_tokens ?? 0) >= max_tokens)
      return invalid('max_tokens must be greater than thinking.budget_tokens')
    if (temperature !== undefined && temperature !== 1)
      return invalid('temperature may only be set to 1 when thinking is enabled')
  }
  for (const { input_schema } of tools)
    if (input_schema?.type !== 'object') return invalid('tools.0.input_schema.type: Field required')
  return refusedMessages(messages, tools.length > 0, thinking?.type === 'enabled', invalid)
}

function refusedMessages(
  messages: NonNullable<Sent['messages']>,
  hasTools: boolean,
  thinks: boolean,
  invalid: (message: string) => FakeReply,
): FakeReply | null {
  if (messages[0]?.role !== 'user') return invalid('messages: first message must use the "user" role')
  if (messages.at(-1)?.role !== 'user')
    return invalid('This model does not support assistant message prefill')
  for (const [place, { role, content }] of messages.entries()) {
    if (role !== 'user' && role !== 'assistant')
      return invalid(`messages.${place}.role: Input should be 'user'`)
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    if (blocks.length === 0) return invalid(`messages.${place}: all messages must have non-empty content`)
    if (blocks.some(({ type, text }) => type === 'text' && !text?.trim()))
      return invalid('messages: text content blocks must be non-empty')
    const uses = blocks.filter(({ type }) => type === 'tool_use')
    if (uses.some(({ id }) => !/^[a-zA-Z0-9_-]+$/.test(id ?? ''))) return invalid('tool_use.id: pattern')
    if (uses.length > 0 && !hasTools) return invalid('Requests which include tool blocks must define tools')
    if (thinks && uses.length > 0 && !/thinking$/.test(blocks[0]?.type ?? ''))
      return invalid('Expected `thinking` or `redacted_thinking`, but found `tool_use`')
    if (!thinks && blocks.some(({ type }) => /thinking$/.test(type)))
      return invalid('When `thinking` is disabled, an assistant message cannot contain `thinking`')
    const next = messages[place + 1]?.content
    const results = Array.isArray(next) ? next.slice(0, uses.length) : []
    if (uses.some(({ id }) => !results.some(({ tool_use_id }) => tool_use_id === id)))
      return invalid('`tool_use` ids were found without `tool_result` blocks immediately after')
  }
  return null
}
