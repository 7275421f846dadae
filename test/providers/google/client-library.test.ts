import { ApiError, GoogleGenAI } from '@google/genai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  contentReply,
  errorOf,
  GOOGLE_KEY,
  type GoogleServer,
  startGoogle,
} from '../../support/providers/google.ts'

let server: GoogleServer
beforeEach(async () => {
  server = await startGoogle()
})
afterEach(() => server.close())

const client = (apiKey = GOOGLE_KEY) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: server.url, retryOptions: { attempts: 1 } } })
const question = { model: 'gemini-2.5-flash', contents: 'Hi' }

describe('Google’s own client, asking our local server', () => {
  it('gets text, calls, signatures and counts', async () => {
    server.script(
      contentReply(
        [
          [{ text: 'One ' }],
          [{ text: 'moment.' }],
          [{ functionCall: { name: 'book', args: { day: 'tomorrow' } }, thoughtSignature: 'c2ln' }],
        ],
        { bytesPerWrite: 11 },
      ),
    )
    const texts: string[] = []
    const calls: unknown[] = []
    let last: unknown
    for await (const response of await client().models.generateContentStream({
      ...question,
      config: {
        systemInstruction: 'Be brief.',
        thinkingConfig: { thinkingBudget: 0 },
        tools: [{ functionDeclarations: [{ name: 'book', parametersJsonSchema: { type: 'object' } }] }],
      },
    })) {
      last = response
      const parts = response.candidates?.[0]?.content?.parts ?? []
      texts.push(...parts.flatMap(({ text }) => text ?? []))
      calls.push(...parts.filter(({ functionCall }) => functionCall !== undefined))
    }
    expect(texts).toEqual(['One ', 'moment.'])
    expect(calls).toEqual([
      { functionCall: { name: 'book', args: { day: 'tomorrow' } }, thoughtSignature: 'c2ln' },
    ])
    expect(last).toMatchObject({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 10 },
    })
  })

  it('sends our server the history of a chat with a tool as ours is sent', async () => {
    const asked = await client().models.generateContentStream({
      ...question,
      contents: [
        { role: 'user', parts: [{ text: 'Book.' }] },
        { role: 'model', parts: [{ functionCall: { name: 'book', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'book', response: { result: 'done' } } }] },
      ],
    })
    const texts: string[] = []
    for await (const response of asked) texts.push(response.candidates?.[0]?.content?.parts?.[0]?.text ?? '')
    expect(texts).toEqual(['ok'])
  })

  it('gets its errors', async () => {
    await expect(client('wrong').models.generateContentStream(question)).rejects.toThrow(/API_KEY_INVALID/)
    server.script(errorOf(503, 'UNAVAILABLE', 'overloaded'))
    await expect(client().models.generateContentStream(question)).rejects.toThrow(ApiError)
  })

  it('tells by a list of models whether a key is taken', async () => {
    await expect(client().models.list({ config: { pageSize: 1 } })).resolves.toBeDefined()
    await expect(client('wrong').models.list()).rejects.toThrow(ApiError)
  })
})
