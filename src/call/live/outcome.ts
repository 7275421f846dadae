import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Json } from '../../assistant/overrides.ts'
import { splitRecording } from '../../audio/wav/split.ts'
import type { LanguageModel } from '../../engine/ports/language-model.ts'
import type { MessageSink } from '../../engine/ports/message-sink.ts'
import { createClientFileSink, joinSinks } from '../../messages/client-sink.ts'
import { type DeliveryServer, readDeliveryPlan } from '../../messages/delivery-plan.ts'
import { createServerSink } from '../../messages/server-sink.ts'
import type { HttpClient } from '../../net/http.ts'
import type { Recordings } from '../after.ts'
import { type Analyst, createModelAnalyst } from '../analysis/analyst.ts'
import { loadPrices, type PriceTable } from '../costs/prices.ts'
import type { CallIdentity } from '../messenger.ts'
import { type Environment, isLoopback } from './parts/choices.ts'

/** What the user chose for what a call leaves. */
export interface OutcomeRequest {
  /** A file for what a client would get, or null. */
  clientMessages: string | null
  /** The user's own price table, or null for that of the home folder. */
  prices: string | null
  /** False: no model is asked after the call. */
  analyse: boolean
}

interface SinkListener {
  delivered(type: string, status: number): void
  warn(message: string): void
}

/** What is made of a live call while it runs and after its end. */
export interface LiveOutcome {
  identity: CallIdentity
  configurations: readonly Json[]
  /** Opens the way of the messages; it is empty where nobody gets any. */
  openSink: (listener: SinkListener) => MessageSink
  /** The common fields of messages at this moment of the call; null before it. */
  current: { envelope: (() => Json) | null }
  /** By the places of the assistant and of its model; null where no model may be asked. */
  analystOf: (member: number, model: number) => Analyst | null
  prices: PriceTable
  /** Null where nobody listens. */
  transcribers: readonly { provider: string; model: string | null }[] | null
  /** False: the configuration wants no recording. */
  recording: boolean
  warnings: string[]
}

export interface OutcomeParts extends OutcomeRequest {
  identity: CallIdentity
  configurations: readonly Json[]
  /** The server of the phone number: for assistants without one of their own. */
  numberServer: Json
  /** Parallel to them; null: no model of them may be asked. */
  models: readonly (readonly LanguageModel[])[] | null
  transcribers: LiveOutcome['transcribers']
  recording: boolean
  offline: boolean
  http: HttpClient
  env: Environment
  workingDirectory: string
}

/** Prepares what a call leaves. Opens nothing. Throws a usage error for a price table with a fault. */
export async function prepareOutcome(parts: OutcomeParts): Promise<LiveOutcome> {
  const { identity, configurations, models, workingDirectory } = parts
  const warnings: string[] = []
  const servers = configurations.map(configuration => {
    const plan = readDeliveryPlan(configuration, parts.numberServer)
    warnings.push(...plan.warnings)
    if (plan.server !== null && parts.offline && !isLoopback(plan.server.url)) {
      warnings.push('offline: the server of the assistant is not on this machine and gets no messages')
      return null
    }
    return plan.server
  })
  const client = parts.clientMessages === null ? null : resolve(workingDirectory, parts.clientMessages)
  return {
    identity,
    configurations,
    current: { envelope: null },
    openSink: sinkOpener(parts.http, servers, client),
    analystOf: (member, place) => {
      const model = parts.analyse ? models?.[member]?.[place] : undefined
      return model === undefined ? null : createModelAnalyst(model)
    },
    prices: await loadPrices(
      parts.prices === null ? null : resolve(workingDirectory, parts.prices),
      parts.env,
    ),
    transcribers: parts.transcribers,
    recording: parts.recording,
    warnings: [...new Set(warnings)],
  }
}

function sinkOpener(
  http: HttpClient,
  servers: readonly (DeliveryServer | null)[],
  clientFile: string | null,
): LiveOutcome['openSink'] {
  const [first = null] = servers
  return ({ delivered, warn }) => {
    const serverOf = (member: number): DeliveryServer | null => servers[member] ?? first
    const sinks: MessageSink[] = [
      createServerSink({ http, serverOf, now: () => Date.now(), delivered, warn }),
    ]
    if (clientFile !== null) sinks.push(createClientFileSink(clientFile, warn))
    return joinSinks(sinks)
  }
}

/** Writes the mono files beside the others of the call, and names all. */
export async function keepRecordings(stereo: string, folder: string): Promise<Recordings> {
  const mono = {
    combined: join(folder, 'recording-mono.wav'),
    assistant: join(folder, 'recording-assistant.wav'),
    customer: join(folder, 'recording-customer.wav'),
  }
  await splitRecording(stereo, mono)
  const urlOf = (path: string): string => pathToFileURL(path).href
  return {
    stereoUrl: urlOf(stereo),
    mono: {
      combinedUrl: urlOf(mono.combined),
      assistantUrl: urlOf(mono.assistant),
      customerUrl: urlOf(mono.customer),
    },
  }
}
