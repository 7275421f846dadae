/** A realistic sample of every server message whose fields are documented (vapi-api.md 3.2). */
import { serverMessageTypes } from './events.ts'
import {
  artifactUpload,
  assistantSpeechStarted,
  conversationUpdate,
  endOfCallReport,
  languageChangeDetected,
  modelOutput,
  speechUpdate,
  statusUpdate,
  transcript,
  transferUpdate,
  userInterrupted,
  voiceInput,
} from './fields.ts'
import {
  ids,
  SAMPLE_TOOL_CALL_ID,
  type SampleSubject,
  sampleArtifact,
  sampleChat,
  sampleEnvelope,
  sampleHistory,
  sampleSession,
} from './sample-call.ts'
import { toolCallsMessage } from './tool-calls.ts'

type JsonObject = Record<string, unknown>

/** The types that have a sample. */
export const sampleTypes: readonly string[] = serverMessageTypes
  .filter(({ documented }) => documented)
  .map(({ type }) => type)

/**
 * The `message` of that type; null where its fields are not documented. The same subject always gives the same message.
 */
export function sampleMessage(type: string, subject: SampleSubject): JsonObject | null {
  const build = Object.hasOwn(builders, type) ? builders[type] : undefined
  if (build === undefined) return null
  return { ...build(subject), ...subject.fields }
}

type Builder = (subject: SampleSubject) => JsonObject

/** A message of the running call. */
function ofCall(type: string, fields: (subject: SampleSubject) => JsonObject = () => ({})): Builder {
  return subject => ({ ...sampleEnvelope(subject), type, ...fields(subject) })
}

/** A message that belongs to no call. */
function alone(type: string, fields: (subject: SampleSubject) => JsonObject): Builder {
  return subject => ({ timestamp: subject.nowMs, type, ...fields(subject) })
}

const transferTarget = {
  type: 'number',
  number: '+15550100150',
  message: 'I am connecting you with the front desk.',
  description: 'the front desk',
}

const defaultTool: NonNullable<SampleSubject['tool']> = {
  name: 'bookAppointment',
  arguments: { day: 'Friday', time: '09:30' },
  definition: {
    type: 'function',
    function: {
      name: 'bookAppointment',
      description: 'Books an appointment',
      parameters: {
        type: 'object',
        properties: { day: { type: 'string' }, time: { type: 'string' } },
        required: ['day', 'time'],
      },
    },
    server: { url: 'https://example.com/tools' },
  },
}

function toolCalls(subject: SampleSubject): JsonObject {
  const { name, arguments: values, definition, callId } = subject.tool ?? defaultTool
  const call = { id: callId ?? subject.callId ?? SAMPLE_TOOL_CALL_ID, name, arguments: values }
  return toolCallsMessage(call, definition, sampleEnvelope(subject), subject.nowMs)
}

/** An inbound call before anything of it is decided. */
function assistantRequest(subject: SampleSubject): JsonObject {
  const { assistant: _assistant, artifact: _artifact, call, ...envelope } = sampleEnvelope(subject)
  const { assistantId: _id, startedAt: _startedAt, monitor: _monitor, ...ringing } = call as JsonObject
  return { ...envelope, type: 'assistant-request', call: { ...ringing, status: 'ringing' } }
}

/** The fields of a call that is over. */
function ended({ nowMs, call }: SampleSubject): JsonObject {
  return endOfCallReport({
    endedReason: 'customer-ended-call',
    startedAt: new Date(nowMs - 42_000).toISOString(),
    endedAt: new Date(nowMs - 2000).toISOString(),
    cost: 0.0612,
    costs: [
      {
        type: 'transcriber',
        transcriber: { provider: 'deepgram', model: 'nova-3' },
        minutes: 0.67,
        cost: 0.007,
      },
      {
        type: 'model',
        model: { provider: 'openai', model: 'gpt-4o' },
        promptTokens: 812,
        completionTokens: 64,
        cost: 0.0027,
      },
      { type: 'voice', voice: { provider: 'vapi', voiceId: 'Elliot' }, characters: 184, cost: 0.0148 },
      { type: 'vapi', subType: 'normal', minutes: 0.67, cost: 0.0333 },
    ],
    analysis: {
      summary: 'The customer booked an appointment on Friday at 9:30.',
      successEvaluation: 'true',
    },
    artifact: {
      ...sampleArtifact(nowMs),
      recording: {
        mono: { combinedUrl: `https://storage.example.com/${String(call?.id ?? ids.call)}-mono.wav` },
      },
    },
  })
}

function finalTranscript(): JsonObject {
  return transcript({ role: 'user', transcriptType: 'final', transcript: 'Yes, please.' })
}

const builders: Readonly<Record<string, Builder>> = {
  'assistant-request': assistantRequest,
  'tool-calls': toolCalls,
  'transfer-destination-request': ofCall('transfer-destination-request'),
  'handoff-destination-request': ofCall('handoff-destination-request', () => ({
    parameters: { destination: 'billing', reason: 'question about an invoice' },
  })),
  'knowledge-base-request': ofCall('knowledge-base-request', ({ nowMs }) => sampleHistory(nowMs)),
  'voice-request': ofCall('voice-request', () => ({
    text: 'Nine thirty is free. Shall I book it for you?',
    sampleRate: 24_000,
  })),
  'call.endpointing.request': ofCall('call.endpointing.request', ({ nowMs }) => sampleHistory(nowMs)),
  'campaign.predial': alone('campaign.predial', ({ nowMs }) => ({
    campaignId: ids.campaign,
    contact: {
      id: ids.contact,
      campaignId: ids.campaign,
      orgId: ids.org,
      number: '+15550100123',
      name: 'Ann Example',
      createdAt: new Date(nowMs).toISOString(),
    },
  })),
  'status-update': ofCall('status-update', () => statusUpdate('in-progress')),
  'end-of-call-report': ofCall('end-of-call-report', ended),
  'conversation-update': ofCall('conversation-update', ({ nowMs }) =>
    conversationUpdate(sampleHistory(nowMs)),
  ),
  'speech-update': ofCall('speech-update', () => speechUpdate('started', 'assistant', 2)),
  'user-interrupted': ofCall('user-interrupted', () => userInterrupted('turn_2')),
  hang: ofCall('hang'),
  transcript: ofCall('transcript', finalTranscript),
  'transcript[transcriptType="final"]': ofCall('transcript[transcriptType="final"]', finalTranscript),
  'model-output': ofCall('model-output', () => modelOutput('Nine', 'turn_2')),
  'voice-input': ofCall('voice-input', () => voiceInput('Nine thirty is free.')),
  'assistant.speechStarted': ofCall('assistant.speechStarted', () =>
    assistantSpeechStarted({
      text: 'Nine thirty is free.',
      turn: 1,
      source: 'model',
      timing: { type: 'word-progress', wordsSpoken: 2, totalWords: 4, segment: 'Nine thirty is free.' },
    }),
  ),
  'language-change-detected': ofCall('language-change-detected', () => languageChangeDetected('es')),
  'phone-call-control': ofCall('phone-call-control', () => ({
    request: 'forward',
    destination: transferTarget,
  })),
  'transfer-update': ofCall('transfer-update', () => transferUpdate({ destination: transferTarget })),
  'chat.created': alone('chat.created', ({ nowMs }) => ({ chat: sampleChat(nowMs) })),
  'chat.deleted': alone('chat.deleted', ({ nowMs }) => ({ chat: sampleChat(nowMs) })),
  'session.created': alone('session.created', ({ nowMs }) => ({ session: sampleSession(nowMs, 'active') })),
  'session.updated': alone('session.updated', ({ nowMs }) => ({
    session: sampleSession(nowMs, 'completed'),
  })),
  'session.deleted': alone('session.deleted', ({ nowMs }) => ({
    session: sampleSession(nowMs, 'completed'),
  })),
  'call.deleted': ofCall('call.deleted'),
  'call.delete.failed': ofCall('call.delete.failed'),
  'call.artifact.upload': ofCall('call.artifact.upload', () =>
    artifactUpload([
      { type: 'end-of-call-report', success: true },
      { type: 'recording-mono', success: true },
      { type: 'log', success: false },
    ]),
  ),
}
