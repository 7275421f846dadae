/** What each message has beyond the common fields (vapi-api.md 3.2). Samples and calls are made by the same functions. */
type JsonObject = Record<string, unknown>
type Side = 'assistant' | 'user'

export function statusUpdate(status: string, endedReason?: string): JsonObject {
  return { status, ...(endedReason !== undefined && { endedReason }) }
}

/** `turn`: from 0; another begins whenever another side begins to speak. */
export function speechUpdate(status: 'started' | 'stopped', role: Side, turn: number): JsonObject {
  return { status, role, turn }
}

export interface TranscriptFields {
  role: Side
  transcriptType: 'partial' | 'final'
  transcript: string
  /** The assistant that said it. */
  assistantId?: string
  assistantName?: string
}
export function transcript(fields: TranscriptFields): JsonObject {
  return { ...fields }
}

export function conversationUpdate(history: {
  messages: readonly unknown[]
  messagesOpenAIFormatted: readonly unknown[]
}): JsonObject {
  const { messages, messagesOpenAIFormatted } = history
  return { messages, messagesOpenAIFormatted }
}

/** `output`: a piece of text, or a tool call. */
export function modelOutput(output: unknown, turnId: string): JsonObject {
  return { output, turnId }
}

export function voiceInput(input: string): JsonObject {
  return { input }
}

/** `turnId`: that of the model's answer that was interrupted; null where no model had spoken. */
export function userInterrupted(turnId: string | null): JsonObject {
  return turnId === null ? {} : { turnId }
}

export interface SpeechStartedFields {
  /** All of the turn so far. */
  text: string
  turn: number
  source: 'model' | 'force-say' | 'custom-voice'
  /** Words that were heard, of those that were given to the voice; `segment` is the latest piece. */
  timing: {
    type: 'word-progress'
    wordsSpoken: number
    totalWords: number
    segment: string
    segmentDurationMs?: number
  }
}
export function assistantSpeechStarted(fields: SpeechStartedFields): JsonObject {
  return { ...fields }
}

export function languageChangeDetected(language: string): JsonObject {
  return { language }
}

export interface TransferFields {
  destination?: Readonly<JsonObject>
  fromAssistant?: Readonly<JsonObject>
  toAssistant?: Readonly<JsonObject>
}
export function transferUpdate(fields: TransferFields): JsonObject {
  return { ...fields }
}

export function assistantStarted(newAssistant: Readonly<JsonObject>): JsonObject {
  return { newAssistant }
}

export interface ReportFields {
  endedReason: string
  startedAt: string
  endedAt: string
  cost: number
  costs: readonly unknown[]
  analysis: JsonObject
  artifact: JsonObject
  destination?: JsonObject
}
export function endOfCallReport(fields: ReportFields): JsonObject {
  return { ...fields }
}

export function artifactUpload(stored: readonly { type: string; success: boolean }[]): JsonObject {
  return { artifacts: stored }
}
