/**
 * A local server with Google's Gemini API, after its public documentation (ai.google.dev: "Generating content", "Function
 * calling", "Thought signatures", "API errors"): it answers `streamGenerateContent` as scripted, and refuses, as the real
 * one does, what the documentation says is refused.
 */
import {
  eventReply,
  type FakeReply,
  type FakeRequest,
  type FakeStep,
  jsonReply,
  startFakeOpenAi,
} from '../fake-openai.ts'

export interface GoogleServer {
  /** Without a version, as the vendor's client wants it. */
  readonly url: string
  readonly requests: FakeRequest[]
  script(...replies: FakeReply[]): void
  close(): Promise<void>
}

export const GOOGLE_KEY = 'AIza-test-1'

export async function startGoogle(): Promise<GoogleServer> {
  const server = await startFakeOpenAi()
  const scripted: FakeReply[] = []
  server.answerWith(request => refusalOf(request) ?? scripted.shift() ?? contentReply([[{ text: 'ok' }]]))
  const { url, requests, close } = server
  return { url, requests, close, script: (...replies) => void scripted.push(...replies) }
}

export interface ContentOptions {
  /** Of the last response; null leaves it out. */
  finishReason?: string | null
  usage?: object
  bytesPerWrite?: number
  afterwards?: FakeStep[]
}

/** A streamed answer: each list of parts is one response. */
export function contentReply(parts: object[][], options: ContentOptions = {}): FakeReply {
  const { finishReason = 'STOP', usage = {}, bytesPerWrite, afterwards = [] } = options
  const responses = parts.map((content, place) =>
    responseEvent({
      candidates: [
        {
          content: { role: 'model', parts: content },
          index: 0,
          ...(place === parts.length - 1 && finishReason !== null && { finishReason }),
        },
      ],
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 10, totalTokenCount: 14, ...usage },
      modelVersion: 'gemini-test',
      responseId: 'r-1',
    }),
  )
  const steps: FakeStep[] = bytesPerWrite === undefined ? responses : cut(responses.join(''), bytesPerWrite)
  return eventReply([...steps, ...afterwards])
}

/** Google ends lines with CR LF. */
export const responseEvent = (response: object): string => `data: ${JSON.stringify(response)}\r\n\r\n`

/** An error in Google's form. */
export function errorOf(code: number, status: string, message: string, details: object[] = []): FakeReply {
  return jsonReply({ error: { code, message, status, details } }, code)
}

export const WRONG_KEY = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'API_KEY_INVALID',
  domain: 'googleapis.com',
}

function cut(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, place) =>
    bytes.subarray(place * size, (place + 1) * size),
  )
}

interface Part {
  text?: string
  functionCall?: { name: string; id?: string }
  functionResponse?: { name: string; id?: string; response?: unknown }
  thoughtSignature?: string
}

interface Sent {
  contents?: { role?: string; parts?: Part[] }[]
  tools?: {
    functionDeclarations?: { name: string; parameters?: unknown; parametersJsonSchema?: unknown }[]
  }[]
  generationConfig?: { thinkingConfig?: { thinkingBudget?: number; thinkingLevel?: string } }
}

/** What the real one would not take of this request. */
function refusalOf({ method, path, headers, json }: FakeRequest): FakeReply | null {
  const invalid = (message: string) => errorOf(400, 'INVALID_ARGUMENT', message)
  const { pathname, searchParams } = new URL(path, 'http://server')
  if ((headers['x-goog-api-key'] ?? searchParams.get('key')) !== GOOGLE_KEY)
    return errorOf(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [WRONG_KEY])
  if (method === 'GET' && pathname === '/v1beta/models') return jsonReply({ models: [] })
  const model = /^\/v1beta\/models\/([^/:]+):streamGenerateContent$/.exec(pathname)?.[1]
  if (method !== 'POST' || model === undefined) return errorOf(404, 'NOT_FOUND', 'Not found')
  if (searchParams.get('alt') !== 'sse') return invalid('this server streams events alone')
  const { contents = [], tools = [], generationConfig } = json as Sent
  const { thinkingConfig } = generationConfig ?? {}
  if (thinkingConfig?.thinkingBudget !== undefined && thinkingConfig.thinkingLevel !== undefined)
    return invalid('thinkingBudget and thinkingLevel cannot be used together')
  if (/2\.5-pro/.test(model) && thinkingConfig?.thinkingBudget === 0)
    return invalid('Budget 0 is invalid. This model only works in thinking mode.')
  for (const { name, parameters, parametersJsonSchema } of tools.flatMap(
    ({ functionDeclarations = [] }) => functionDeclarations,
  )) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]*$/.test(name)) return invalid('Invalid function name')
    if (parameters !== undefined && parametersJsonSchema !== undefined) return invalid('parameters twice')
  }
  return refusedContents(contents, model, invalid)
}

function refusedContents(
  contents: NonNullable<Sent['contents']>,
  model: string,
  invalid: (message: string) => FakeReply,
): FakeReply | null {
  if (contents.length === 0) return invalid('contents is not specified')
  if (contents[0]?.role === 'model') return invalid('contents: multiturn requests begin with the user')
  if (contents.at(-1)?.role === 'model') return invalid('contents: multiturn requests end with the user')
  for (const [place, { role, parts = [] }] of contents.entries()) {
    if (role !== 'user' && role !== 'model') return invalid('Please use a valid role: user, model.')
    if (parts.length === 0) return invalid('contents.parts must not be empty')
    if (parts.some(part => part.text === '')) return invalid('text must not be empty')
    const calls = parts.filter(({ functionCall }) => functionCall !== undefined)
    if (calls.length === 0) continue
    if (contents[place - 1]?.role !== 'user')
      return invalid(
        'function call turn comes immediately after a user turn or after a function response turn',
      )
    if (/gemini-3/.test(model) && calls[0]?.thoughtSignature === undefined)
      return invalid('Function call is missing a thought_signature in functionCall parts.')
    const responses = (contents[place + 1]?.parts ?? []).flatMap(
      ({ functionResponse }) => functionResponse ?? [],
    )
    if (responses.length !== calls.length)
      return invalid('the number of function response parts is equal to the number of function call parts')
    for (const { response } of responses)
      if (typeof response !== 'object' || response === null || Array.isArray(response))
        return invalid('functionResponse.response must be a Struct')
  }
  return null
}
