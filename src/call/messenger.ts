import type { Json } from '../assistant/overrides.ts'
import { makeArtifact } from '../engine/artifact.ts'
import type { Input } from '../engine/inputs.ts'
import type { Observation } from '../engine/observations.ts'
import type { CallPlan } from '../engine/plan.ts'
import type { MessageRecipient, MessageSink } from '../engine/ports/message-sink.ts'
import type { CallState } from '../engine/state.ts'
import { type DeliveryPlan, readDeliveryPlan } from '../messages/delivery-plan.ts'
import { callObject, envelope, withoutSecrets } from '../messages/envelope.ts'
import { listedType } from '../messages/events.ts'
import { artifactUpload, endOfCallReport, type ReportFields } from '../messages/fields.ts'
import {
  type AssistantFacts,
  type Draft,
  type Happening,
  initialTranslator,
  type TranslatorState,
  translate,
} from '../messages/outgoing.ts'

/** What messages say of a call that runs on this machine. */
export interface CallIdentity {
  id: string
  /** `webCall`, `inboundPhoneCall`, `outboundPhoneCall`. */
  type: string
  epochMs: number
  customer: Json
  phoneNumber: Json
  /** Where it is steered and heard while it runs (API: `call.monitor`). */
  monitor?: Json
}

/** A local call belongs to no organisation; the field is required. */
const ORG_ID = 'local'

/** Where a call stands at its end. */
export interface EndedCall {
  atMs: number
  endedAtMs: number
  endedReason: string
  member: number
  artifact: Json
}

/** Makes the messages of a call from what happens in it, and hands them to a sink. */
export class Messenger {
  private readonly identity: CallIdentity
  private readonly sink: MessageSink
  private readonly assistants: readonly AssistantFacts[]
  private readonly deliveries: readonly DeliveryPlan[]
  private translator: TranslatorState = initialTranslator
  private latest: { atMs: number; state: Readonly<CallState>; plan: CallPlan } | null = null

  /** `configurations`: those of the call's assistants, in their order. */
  constructor(identity: CallIdentity, configurations: readonly Json[], sink: MessageSink) {
    this.identity = identity
    this.sink = sink
    this.deliveries = configurations.map(configuration => readDeliveryPlan(configuration))
    this.assistants = configurations.map(configuration => ({
      id: textOrNull(configuration.id),
      name: textOrNull(configuration.name),
      configuration: withoutSecrets(configuration),
    }))
  }

  /** Takes one step of the call. */
  stepped(
    input: Input,
    observations: readonly Observation[],
    state: Readonly<CallState>,
    plan: CallPlan,
  ): void {
    const happening: Happening = { input, observations, state }
    const { state: after, drafts } = translate(this.translator, happening, plan, this.assistants)
    this.translator = after
    this.latest = { atMs: input.atMs, state, plan }
    for (const draft of drafts) {
      const status = statusOf(draft, state)
      this.send(draft, input.atMs, status, () => ({
        ...makeArtifact(plan.members[draft.member] ?? plan.members[0], state),
      }))
    }
  }

  /** The common fields of a message at this moment, for requests that others send. */
  currentEnvelope(): Json {
    if (this.latest === null) return this.envelope(this.identity.epochMs, 0, {}, undefined)
    const { atMs, state, plan } = this.latest
    const { member } = state.squad
    const artifact = { ...makeArtifact(plan.members[member] ?? plan.members[0], state) }
    return this.envelope(this.identity.epochMs + atMs, member, {}, artifact)
  }

  /** Tells that the call is over and everything about it is known. */
  report(
    ended: EndedCall,
    fields: Omit<ReportFields, 'startedAt' | 'endedAt' | 'endedReason' | 'artifact'>,
  ): void {
    const { endedReason, artifact } = ended
    const times = { startedAt: this.time(0), endedAt: this.time(ended.endedAtMs) }
    const draft = this.after('end-of-call-report', ended.member, () =>
      endOfCallReport({ ...fields, ...times, endedReason, artifact }),
    )
    this.send(draft, ended.atMs, this.endedStatus(ended), () => artifact)
  }

  /** Tells which files of the call were stored. */
  uploaded(ended: EndedCall, stored: readonly { type: string; success: boolean }[]): void {
    const draft = this.after('call.artifact.upload', ended.member, () => artifactUpload(stored))
    this.send(draft, ended.atMs, this.endedStatus(ended), () => ended.artifact)
  }

  /** Resolves when all messages were delivered or given up. */
  close(signal: AbortSignal): Promise<void> {
    return this.sink.close(signal)
  }

  private after(type: string, member: number, fields: Draft['fields']): Draft {
    return { type, fields, member, for: 'server', isFinal: true }
  }

  private endedStatus({ endedReason, endedAtMs }: EndedCall): Json {
    return { status: 'ended', endedReason, endedAt: this.time(endedAtMs) }
  }

  private send(draft: Draft, atMs: number, status: Json, artifact: () => Json): void {
    for (const recipient of recipientsOf(draft)) {
      // An assistant that joined later sends as the one that opened the call.
      const delivery = this.deliveries[draft.member] ?? this.deliveries[0]
      if (delivery === undefined || !this.sink.reaches(recipient, draft.member)) continue
      const list = recipient === 'server' ? delivery.serverMessages : delivery.clientMessages
      const type = listedType(list, draft.type, draft.isFinal)
      if (type === null) continue
      const timestamp = this.identity.epochMs + atMs
      const body =
        recipient === 'client'
          ? { timestamp, type, ...draft.fields() }
          : { ...this.envelope(timestamp, draft.member, status, artifact()), type, ...draft.fields() }
      this.sink.send({ recipient, member: draft.member, type, body })
    }
  }

  private envelope(timestampMs: number, member: number, status: Json, artifact: Json | undefined): Json {
    const { id, type, epochMs, customer, phoneNumber, monitor } = this.identity
    const number = withoutSecrets(phoneNumber)
    const assistant = this.assistants[member]
    const call = callObject({
      id,
      orgId: ORG_ID,
      type,
      status: 'in-progress',
      createdMs: epochMs,
      updatedMs: timestampMs,
      startedMs: epochMs,
      more: {
        ...(assistant?.id != null && { assistantId: assistant.id }),
        ...(isFilled(customer) && { customer }),
        ...(monitor !== undefined && { monitor }),
        ...status,
      },
    })
    return envelope({
      timestampMs,
      call,
      assistant: assistant?.configuration,
      customer: isFilled(customer) ? customer : undefined,
      phoneNumber: isFilled(number) ? number : undefined,
      artifact,
    })
  }

  private time(atMs: number): string {
    return new Date(this.identity.epochMs + atMs).toISOString()
  }
}

/** The call's own status goes with that which a message tells. */
function statusOf(draft: Draft, { lifecycle }: Readonly<CallState>): Json {
  if (draft.type === 'status-update') {
    const { status, endedReason } = draft.fields()
    return { status, ...(endedReason !== undefined && { endedReason }) }
  }
  return lifecycle.phase === 'ended' ? { status: 'ended', endedReason: lifecycle.endedReason } : {}
}

function recipientsOf({ for: wanted }: Draft): MessageRecipient[] {
  return wanted === 'both' ? ['server', 'client'] : [wanted]
}

function isFilled(object: Json): boolean {
  return Object.keys(object).length > 0
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
