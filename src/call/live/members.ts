import { CallMembers } from '../../assistant/call-members.ts'
import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { Json } from '../../assistant/overrides.ts'
import { parseAssistant } from '../../assistant/schema.ts'
import type { CallConfiguration, CallMember, LoadStored } from '../../assistant/sources.ts'
import type { Target } from '../../assistant/target.ts'
import type { AssistantRequestPlan, Semantics } from '../../engine/plan.ts'
import type { LanguageModel } from '../../engine/ports/language-model.ts'
import type { Voice } from '../../engine/ports/voice.ts'
import { usageError, type VapiError } from '../../errors.ts'
import { askForAssistant, assistantRequestMessage } from '../../messages/assistant-request.ts'
import type { HttpClient } from '../../net/http.ts'
import { type Answered, type AskServer, answerCall, callTypeOf } from '../answer.ts'
import { applyChoices, type Environment, isLoopback, type PartChoices } from './parts/choices.ts'

/** One assistant of a live call with what it speaks and thinks with. */
export interface LiveMember {
  compiled: CompiledAssistant
  /** Parallel to the plan's models. */
  models: LanguageModel[]
  /** The same, for what is asked after the call. */
  analysts: LanguageModel[]
  voices: Voice[]
}

/** Who takes a call, and what the user said of it. */
export interface SpeakerRequest {
  speaker: Target
  loadStored: LoadStored
  choices: PartChoices
  /** Values of variables that go before those of the configuration. */
  variables: Json
  semantics: Semantics
  /** Further warnings of an assistant's configuration. */
  check: (assistant: Json) => string[]
  id: string
  epochMs: number
  /** Told of a voice that the model of an assistant, by its place, refuses, in place of an error. */
  refused?: (member: number, error: VapiError) => void
}

/** The assistants of a call, compiled with the parts that the user chose. */
export interface LoadedMembers {
  compiled: readonly [CompiledAssistant, ...CompiledAssistant[]]
  /** The same, and how they change while the call runs. */
  assistants: CallMembers
  request: AssistantRequestPlan | null
  configuration: CallConfiguration
  /** The phone number's server, which gets the messages of assistants without one. */
  numberServer: Json
  warnings: string[]
}

export interface MemberSurroundings {
  http: HttpClient
  env: Environment
  signal: AbortSignal
  /** Told of each assistant that takes part, before it is compiled. */
  learnKeys?: (assistant: Json) => Promise<void>
}

/** Finds out who takes the call and compiles it. Throws VapiError for what keeps the call from beginning. */
export async function loadMembers(
  request: SpeakerRequest,
  { http, env, signal, learnKeys }: MemberSurroundings,
  listMcpTools: (tool: Json) => Promise<readonly Json[]>,
): Promise<LoadedMembers> {
  const { speaker, loadStored, choices, id, epochMs } = request
  const type = callTypeOf(speaker.body)
  const warnings: string[] = []
  const answered: Answered<CallMembers> = await answerCall(speaker.body, {
    origin: speaker.origin,
    loadStored,
    check: request.check,
    ask: liveServer(request, http, signal),
    make: async (configuration, onlyEnds) => {
      const prepare = async (member: CallMember): Promise<CallMember> => {
        const chosen = await applyChoices(member.assistant, choices, http, env, signal)
        warnings.push(...chosen.warnings)
        const assistant = parseAssistant(chosen.assistant, member.origin)
        await learnKeys?.(assistant)
        return { ...member, assistant }
      }
      const members = await Promise.all(
        configuration.members.map(member => (onlyEnds ? withVoiceAlone(member, choices) : prepare(member))),
      )
      const [first, ...others] = members
      if (first === undefined) throw new Error('a call has at least one assistant')
      const { variables, semantics, refused } = request
      const chosen: CallConfiguration = { ...configuration, members: [first, ...others] }
      const options = { variables, semantics, epochMs, id, type, loadStored, prepare, listMcpTools, refused }
      return CallMembers.create(chosen, options)
    },
  })
  const { made, configuration } = answered
  const { compiled } = made
  return {
    compiled,
    assistants: made,
    request: answered.request,
    configuration,
    numberServer: answered.numberServer,
    warnings: [...new Set(warnings)],
  }
}

/** Nobody takes the call; a voice of this machine may say why. */
function withVoiceAlone(member: CallMember, { voice }: PartChoices): CallMember {
  const [provider = '', ...name] = (voice ?? 'embedded/slt').split('/')
  const spoken = { provider, ...(name.length > 0 && { voiceId: name.join('/') }) }
  const assistant = { voice: spoken, model: { provider: 'none', model: 'none' } }
  return { ...member, assistant: parseAssistant(assistant, member.origin) }
}

/** Asks the phone number's server over the network; offline only one of this machine. */
function liveServer(
  { id, epochMs, choices, speaker }: SpeakerRequest,
  http: HttpClient,
  signal: AbortSignal,
): AskServer {
  return async (server, phoneNumber) => {
    const url = String(server.url)
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw usageError(`${url} is not the address of a server`, 'for example http://127.0.0.1:3000/assistant')
    if (choices.offline && !isLoopback(url))
      throw usageError(`offline: ${url} is not on this machine and is not asked for an assistant`)
    const message = assistantRequestMessage({
      nowMs: epochMs,
      call: { id, createdAt: new Date(epochMs).toISOString() },
      customer: speaker.body.customer,
      phoneNumber,
    })
    const { headers, secret } = server
    const target = {
      url,
      ...(isTexts(headers) && { headers }),
      ...(typeof secret === 'string' && { secret }),
    }
    return askForAssistant(http, target, message, signal)
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(text => typeof text === 'string')
  )
}
