import { describe, expect, it } from 'vitest'
import { mayHaveKey, webSocketBody } from '../../src/api/websocket-call.ts'

describe('the key of a WebSocket call', () => {
  it.each([
    ['https://api.vapi.ai', 'wss://api.vapi.ai/1/transport', true],
    ['https://api.vapi.ai', 'wss://calls.aws-us-west-2.vapi.ai/1/transport', true],
    ['https://api.vapi.ai', 'wss://vapi.ai.example.com/1', false],
    ['https://api.vapi.ai', 'wss://evilvapi.ai/1', false],
    ['https://example.co.uk', 'wss://other.co.uk/1', false],
    ['https://proxy.example.com', 'wss://api.vapi.ai/1', false],
    ['http://127.0.0.1:3000', 'ws://localhost:3001/1', true],
    ['http://127.0.0.1:3000', 'wss://api.vapi.ai/1', false],
  ])('of %s may go to %s: %s', (baseUrl, socketUrl, may) => {
    expect(mayHaveKey(baseUrl, socketUrl)).toBe(may)
  })
})

describe('the body of a WebSocket call', () => {
  const audioFormat = { format: 'mulaw', container: 'raw', sampleRate: 8000 }

  it('keeps the format that it has, unless another is asked for', () => {
    const body = { assistantId: 'a', transport: { provider: 'vapi.websocket', audioFormat, more: 1 } }
    expect(webSocketBody(body, null)).toEqual({
      body,
      format: { format: 'mulaw', sampleRate: 8000 },
    })
    expect(webSocketBody(body, { format: 'pcm_s16le', sampleRate: 24_000 }).body.transport).toEqual({
      provider: 'vapi.websocket',
      audioFormat: { format: 'pcm_s16le', container: 'raw', sampleRate: 24_000 },
      more: 1,
    })
  })

  it('is of 16 kHz PCM where nobody says anything', () => {
    expect(webSocketBody({ squadId: 's' }, null).format).toEqual({ format: 'pcm_s16le', sampleRate: 16_000 })
  })

  it.each(['phoneNumberId', 'phoneNumber', 'customers', 'schedulePlan'])('has no %s', name => {
    expect(() => webSocketBody({ assistantId: 'a', [name]: 'x' }, null)).toThrow(name)
  })
})
