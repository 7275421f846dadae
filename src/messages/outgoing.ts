import { makeArtifact } from '../engine/artifact.ts'
import type { Input } from '../engine/inputs.ts'
import type { Observation } from '../engine/observations.ts'
import type { CallPlan } from '../engine/plan.ts'
import type { CallState, HistoryEntry } from '../engine/state.ts'
import {
  assistantStarted,
  conversationUpdate,
  languageChangeDetected,
  modelOutput,
  speechUpdate,
  statusUpdate,
  transcript,
  transferUpdate,
  userInterrupted,
  voiceInput,
} from './fields.ts'
import { type SpokenSoFar, speechProgress } from './outgoing-speech.ts'
import { toolCallItem, toolCallsFields } from './tool-calls.ts'

type Side = 'assistant' | 'user'

/** One step of the call: what came in, what it gave, and where the call stands now. */
export interface Happening {
  input: Input
  observations: readonly Observation[]
  state: Readonly<CallState>
}

/** A message without its envelope. */
export interface Draft {
  type: string
  /** Who may get it; the lists of the configuration decide who does. */
  for: 'server' | 'client' | 'both'
  /** The assistant that it is of. */
  member: number
  /** Of a transcript that will not change any more. */
  isFinal: boolean
  /** Made only where somebody gets it. */
  fields: () => Record<string, unknown>
}

/** What the translator remembers from step to step; plain data. */
export interface TranslatorState {
  /** Turns of speech count from 0; another begins whenever the other side begins to speak. */
  turn: number
  speaker: Side | null
  turnOf: Readonly<Record<Side, number>>
  entries: readonly HistoryEntry[] | null
  member: number
  spoken: SpokenSoFar | null
}

export const initialTranslator: TranslatorState = {
  turn: -1,
  speaker: null,
  turnOf: { assistant: 0, user: 0 },
  entries: null,
  member: 0,
  spoken: null,
}

interface Named {
  id: string | null
  name: string | null
}

/** What the translator knows of the call's assistants beside the plan, parallel to its members. */
export interface AssistantFacts extends Named {
  /** As messages carry it, without secrets. */
  configuration: Readonly<Record<string, unknown>>
}

/**
 * The documented messages of one step, in their order. Pure. `tool-calls` for servers is not among them: it is a
 * request, sent by the tool runner; what is sent after the end is the business of whoever runs the call.
 */
export function translate(
  before: TranslatorState,
  happening: Happening,
  plan: CallPlan,
  assistants: readonly AssistantFacts[],
): { state: TranslatorState; drafts: Draft[] } {
  const { input, observations, state } = happening
  const drafts: Draft[] = []
  const { member } = state.squad
  const draft = (
    type: string,
    fields: Draft['fields'],
    options: Partial<Omit<Draft, 'type' | 'fields'>> = {},
  ): void => {
    drafts.push({ type, fields, for: 'both', member, isFinal: false, ...options })
  }
  const factsOf = (place: number): AssistantFacts =>
    assistants[place] ?? { id: null, name: null, configuration: {} }
  let after = before

  if (input.type === 'call.started') {
    draft('status-update', () => statusUpdate('in-progress'))
    draft('assistant.started', () => assistantStarted(factsOf(member).configuration))
  }
  if (before.member !== member) {
    const [from, to] = [factsOf(before.member).configuration, factsOf(member).configuration]
    draft('transfer-update', () => transferUpdate({ fromAssistant: from, toAssistant: to }))
    draft('assistant.started', () => assistantStarted(to))
    after = { ...after, member }
  }
  if (input.type === 'model.text' && state.reply.active?.workId === input.workId)
    draft('model-output', () => modelOutput(input.text, input.workId))

  // What was said last is in the history before the call is told as ended.
  const ending = observations.some(({ type }) => type === 'call.ended')
  if (ending) after = history(after)
  for (const observation of observations) after = observe(after, observation)
  if (!ending) after = history(after)
  const progress = speechProgress(after.spoken, state, input.atMs, plan)
  if (progress !== null) {
    if (progress.fields !== null) {
      const { fields } = progress
      draft('assistant.speechStarted', () => ({ ...fields, turn: after.turnOf.assistant }))
    }
    after = { ...after, spoken: progress.spoken }
  }
  return { state: after, drafts }

  function history(current: TranslatorState): TranslatorState {
    const { entries } = state.history
    if (current.entries === null || current.entries === entries) return { ...current, entries }
    const assistantPlan = plan.members[member] ?? plan.members[0]
    draft('conversation-update', () => conversationUpdate(makeArtifact(assistantPlan, state)))
    return { ...current, entries }
  }

  /** The call goes to somebody outside: the server is told what was said until then. */
  function forward(destination: Record<string, unknown>): void {
    const assistantPlan = plan.members[member] ?? plan.members[0]
    draft('transfer-update', () => transferUpdate({ destination }))
    draft('status-update', () => {
      const { messages, messagesOpenAIFormatted, transcript: text } = makeArtifact(assistantPlan, state)
      const said = { messages, messagesOpenAIFormatted, ...(text !== undefined && { transcript: text }) }
      return { ...statusUpdate('forwarding'), ...said, destination }
    })
  }

  function speech(current: TranslatorState, role: Side, status: 'started' | 'stopped'): TranslatorState {
    const begins = status === 'started' && current.speaker !== role
    const turn = begins ? current.turn + 1 : current.turn
    const turnOf = begins ? { ...current.turnOf, [role]: turn } : current.turnOf
    draft('speech-update', () => speechUpdate(status, role, turnOf[role]))
    return { ...current, turn, turnOf, speaker: begins ? role : current.speaker }
  }

  function observe(current: TranslatorState, observation: Observation): TranslatorState {
    switch (observation.type) {
      case 'customer.speech.started':
        return speech(current, 'user', 'started')
      case 'customer.speech.stopped':
        return speech(current, 'user', 'stopped')
      case 'assistant.speech.started':
        return speech(current, 'assistant', 'started')
      case 'assistant.speech.stopped':
        return speech(current, 'assistant', 'stopped')
      case 'transcript': {
        const { role, transcriptType, transcript: text } = observation
        const { id, name } = factsOf(member)
        const speaker =
          role === 'assistant'
            ? { ...(id !== null && { assistantId: id }), ...(name !== null && { assistantName: name }) }
            : {}
        draft('transcript', () => transcript({ role, transcriptType, transcript: text, ...speaker }), {
          isFinal: transcriptType === 'final',
        })
        return current
      }
      case 'voice.requested':
        draft('voice-input', () => voiceInput(observation.text))
        return current
      case 'interruption':
        if (!observation.ignored) {
          const interrupted = state.speaking.queue.find(({ stage }) => stage === 'clearing')
          draft('user-interrupted', () => userInterrupted(interrupted?.replyId ?? null))
        }
        return current
      case 'model.completed':
        for (const call of observation.toolCalls)
          draft('model-output', () => modelOutput(toolCallItem(call, {}), workIdOf(input)))
        return current
      case 'tool.called': {
        const { toolCallId: id, name, arguments: values } = observation
        const tool = (plan.members[member] ?? plan.members[0]).tools.find(one => one.name === name)
        const call = { id, name, arguments: values }
        draft('tool-calls', () => toolCallsFields(call, tool?.definition ?? {}), { for: 'client' })
        return current
      }
      case 'tool.completed': {
        const { type: _type, atMs: _atMs, ...toolCallResult } = observation
        draft('tool-calls-result', () => ({ toolCallResult }), { for: 'client' })
        return current
      }
      case 'transfer.started':
        forward(observation.destination)
        return current
      case 'language.changed':
        draft('language-change-detected', () => languageChangeDetected(observation.language))
        return current
      case 'assistant.hanging':
        draft('hang', () => ({}))
        return current
      case 'call.ended':
        draft('status-update', () => statusUpdate('ended', observation.endedReason))
        return current
      default:
        return current
    }
  }
}

function workIdOf(input: Input): string {
  return 'workId' in input ? input.workId : ''
}
