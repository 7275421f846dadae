/** The made-up call that the samples of `samples.ts` tell of. */
import { callObject, envelope } from './envelope.ts'

type JsonObject = Record<string, unknown>

/** What a sample is about; whatever is absent is made up. */
export interface SampleSubject {
  /** Wall clock of the message, in milliseconds since 1970. */
  nowMs: number
  call?: JsonObject
  assistant?: JsonObject
  customer?: JsonObject
  phoneNumber?: JsonObject
  /** The call of a `tool-calls` message. */
  tool?: { definition: JsonObject; name: string; arguments: JsonObject; callId?: string }
  /** The id of that call, where `tool` gives none. */
  callId?: string
  /** Fields laid over the message. */
  fields?: JsonObject
}

export const ids = {
  org: '5b2c0f0e-9d1e-4f51-8a53-0c3b6d1a7e01',
  call: '0199a1c2-7b3d-7e4f-8a5b-6c7d8e9f0a1b',
  assistant: '8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a',
  phoneNumber: '3c59dc04-8e88-4502-93a5-1f0e2d3c4b5a',
  customer: 'c4ca4238-a0b9-4382-8dcc-509a6f75849b',
  chat: '45c48cce-2e2d-4fbd-aa1a-fc51c7c6ad26',
  session: 'd3d94468-02a4-4259-b55d-38e6d163e820',
  campaign: '6512bd43-d9ca-46e0-a990-b0a82652dca0',
  contact: 'c20ad4d7-6fe9-4759-aa27-a0c99bff6710',
} as const

/** The id of the one tool call of a sample. */
export const SAMPLE_TOOL_CALL_ID = 'call_9sZ2mBvQ4tLk'

/** Since when the sample's call runs, before the message. */
const CALL_AGE_MS = 42_000

interface Line {
  role: 'bot' | 'user'
  message: string
  /** Since the call began. */
  atMs: number
  lastsMs: number
}

const conversation: readonly Line[] = [
  { role: 'bot', message: 'Riverside Dental, how can I help you?', atMs: 600, lastsMs: 2300 },
  { role: 'user', message: 'I would like an appointment on Friday.', atMs: 3800, lastsMs: 2100 },
  { role: 'bot', message: 'Nine thirty is free. Shall I book it for you?', atMs: 7000, lastsMs: 2900 },
  { role: 'user', message: 'Yes, please.', atMs: 10_800, lastsMs: 900 },
]

const PROMPT = 'You book appointments for a dental practice. Be brief.'

/** The conversation in both forms that messages carry. */
export function sampleHistory(nowMs: number): {
  messages: JsonObject[]
  messagesOpenAIFormatted: JsonObject[]
} {
  const beganMs = nowMs - CALL_AGE_MS
  const spoken = conversation.map(({ role, message, atMs, lastsMs }) => ({
    role,
    message,
    time: beganMs + atMs,
    endTime: beganMs + atMs + lastsMs,
    secondsFromStart: atMs / 1000,
    duration: lastsMs,
  }))
  return {
    messages: [{ role: 'system', message: PROMPT, time: beganMs, secondsFromStart: 0 }, ...spoken],
    messagesOpenAIFormatted: [
      { role: 'system', content: PROMPT },
      ...conversation.map(({ role, message }) => ({
        role: role === 'bot' ? 'assistant' : 'user',
        content: message,
      })),
    ],
  }
}

/** `artifact` as it stands during the call. */
export function sampleArtifact(nowMs: number): JsonObject {
  const transcript = conversation
    .map(({ role, message }) => `${role === 'bot' ? 'AI' : 'User'}: ${message}\n`)
    .join('')
  return { ...sampleHistory(nowMs), transcript, variableValues: {} }
}

/** The fields that every message of a call carries. */
export function sampleEnvelope(subject: SampleSubject): JsonObject {
  const { nowMs } = subject
  const created = new Date(nowMs - CALL_AGE_MS).toISOString()
  const stamps = { orgId: ids.org, createdAt: created, updatedAt: created }
  const customer = { number: '+15550100123', name: 'Ann Example', ...subject.customer }
  const assistant = {
    id: ids.assistant,
    ...stamps,
    name: 'Riverside Reception',
    firstMessage: conversation[0]?.message,
    model: { provider: 'openai', model: 'gpt-4o', messages: [{ role: 'system', content: PROMPT }] },
    voice: { provider: 'vapi', voiceId: 'Elliot' },
    ...subject.assistant,
  }
  const phoneNumber = {
    id: ids.phoneNumber,
    ...stamps,
    provider: 'vapi',
    number: '+15550100199',
    status: 'active',
    ...subject.phoneNumber,
  }
  const callId = String(subject.call?.id ?? ids.call)
  const call = callObject({
    id: callId,
    orgId: ids.org,
    type: 'inboundPhoneCall',
    status: 'in-progress',
    createdMs: nowMs - CALL_AGE_MS,
    updatedMs: nowMs - CALL_AGE_MS,
    startedMs: nowMs - CALL_AGE_MS,
    more: {
      phoneCallTransport: 'pstn',
      assistantId: assistant.id,
      phoneNumberId: phoneNumber.id,
      customer,
      monitor: {
        listenUrl: `wss://calls.example.com/${callId}/listen`,
        controlUrl: `https://calls.example.com/${callId}/control`,
      },
      ...subject.call,
    },
  })
  const artifact = sampleArtifact(nowMs)
  return envelope({ timestampMs: nowMs, call, phoneNumber, customer, assistant, artifact })
}

/** A chat as the API gives it. */
export function sampleChat(nowMs: number): JsonObject {
  const created = new Date(nowMs).toISOString()
  return {
    id: ids.chat,
    orgId: ids.org,
    assistantId: ids.assistant,
    createdAt: created,
    updatedAt: created,
    input: [{ role: 'user', content: 'When are you open?' }],
    output: [{ role: 'assistant', content: 'From eight to five, Monday to Friday.' }],
    messages: [
      { role: 'user', content: 'When are you open?' },
      { role: 'assistant', content: 'From eight to five, Monday to Friday.' },
    ],
  }
}

/** A session as the API gives it. */
export function sampleSession(nowMs: number, status: 'active' | 'completed'): JsonObject {
  const created = new Date(nowMs).toISOString()
  return {
    id: ids.session,
    orgId: ids.org,
    assistantId: ids.assistant,
    createdAt: created,
    updatedAt: created,
    name: 'Front desk',
    status,
    expirationSeconds: 86_400,
    messages: [],
  }
}
