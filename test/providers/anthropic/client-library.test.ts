import Anthropic, { APIError } from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  ANTHROPIC_KEY,
  type AnthropicServer,
  errorEvent,
  errorOf,
  messageReply,
  startAnthropic,
  textBlock,
  thinkingBlock,
  toolBlock,
} from '../../support/providers/anthropic.ts'

let server: AnthropicServer
beforeEach(async () => {
  server = await startAnthropic()
})
afterEach(() => server.close())

/** Version and key as the client has them by itself, or as ours has them. */
type Manner = '2026-10-21, bearer' | '2023-06-01, x-api-key'
let manner: Manner = '2026-10-21, bearer'

function client(apiKey = ANTHROPIC_KEY): Anthropic {
  const options = { apiKey, baseURL: server.url, maxRetries: 0 }
  if (manner === '2026-10-21, bearer') return new Anthropic(options)
  const defaultHeaders = { 'anthropic-version': '2023-06-01', 'x-api-key': apiKey, authorization: null }
  return new Anthropic({ ...options, defaultHeaders })
}

const question = {
  model: 'claude-haiku-4-5',
  max_tokens: 3000,
  messages: [{ role: 'user' as const, content: 'Hi' }],
}

describe.each<Manner>(['2026-10-21, bearer', '2023-06-01, x-api-key'])(
  'Anthropic’s own client, asking our local server (%s)',
  way => {
    beforeEach(() => {
      manner = way
    })

    it('gets text, thoughts, tool calls and counts', async () => {
      server.script(
        messageReply(
          [
            thinkingBlock(['Let me see.'], 'sig-1'),
            textBlock(['One ', 'moment.']),
            toolBlock('toolu_1', 'book', { day: 'tomorrow' }),
          ],
          { stopReason: 'tool_use', bytesPerWrite: 11 },
        ),
      )
      const stream = client().messages.stream({
        ...question,
        thinking: { type: 'enabled', budget_tokens: 1024 },
        tools: [{ name: 'book', input_schema: { type: 'object' } }],
      })
      const texts: string[] = []
      stream.on('text', text => texts.push(text))
      const message = await stream.finalMessage()
      expect(texts).toEqual(['One ', 'moment.'])
      expect(message.content).toMatchObject([
        { type: 'thinking', thinking: 'Let me see.', signature: 'sig-1' },
        { type: 'text', text: 'One moment.' },
        { type: 'tool_use', id: 'toolu_1', name: 'book', input: { day: 'tomorrow' } },
      ])
      expect(message).toMatchObject({
        stop_reason: 'tool_use',
        usage: { input_tokens: 25, output_tokens: 15 },
      })
    })

    it('gets its errors, as a status and within a stream', async () => {
      await expect(client('wrong').messages.create(question)).rejects.toThrow(Anthropic.AuthenticationError)
      server.script(errorOf(529, 'overloaded_error', 'Overloaded'))
      await expect(client().messages.create({ ...question, stream: true })).rejects.toMatchObject({
        status: 529,
        error: { error: { type: 'overloaded_error' } },
      })
      const started = messageReply([textBlock(['Hel'])], { stopReason: null, stop: false })
      server.script({ ...started, steps: [...started.steps, errorEvent('overloaded_error', 'Overloaded')] })
      const stream = client().messages.stream(question)
      await expect(stream.finalMessage()).rejects.toThrow(APIError)
    })

    it('is refused what the documentation says is refused', async () => {
      const asked = client().messages.create({
        ...question,
        messages: [{ role: 'assistant', content: 'Hi' }],
      })
      await expect(asked).rejects.toThrow(Anthropic.BadRequestError)
    })

    it('tells by a list of models whether a key is taken', async () => {
      await expect(client().models.list()).resolves.toMatchObject({ data: [] })
      await expect(client('wrong').models.list()).rejects.toThrow(Anthropic.AuthenticationError)
    })
  },
)
