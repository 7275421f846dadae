import { VapiError } from '../../errors.ts'
import type { Clock } from './clock.ts'
import type { LanguageModel, ModelRequest } from './language-model.ts'

/** One scripted answer. `when`: a regex that the customer's last words must fit, else it is passed over. */
export interface ScriptedReply {
  when?: string
  reply: string
  toolCalls?: { name: string; arguments?: Record<string, unknown> }[]
}

/** Code of the error when a script is too short for its call. */
export const SCRIPT_EXHAUSTED = 'script-exhausted'

/** Says before each request whether the provider fails this time. */
export type FailurePlan = (name: string) => boolean

/** Scripted answers that several models of a call take from, each answer once. */
export interface Script {
  /** The next answer that fits, if there is one. */
  take(request: ModelRequest): ScriptedReply | undefined
  nextCallId(): string
}

export interface ScriptedModelOptions {
  name: string
  replies: readonly ScriptedReply[] | Script
  /** From request to reply. */
  latencyMs: number
  clock: Clock
  fails?: FailurePlan
}

/**
 * Answers with scripted replies, each once and in order. When none is left that fits, the model fails, so that a
 * script that is too short is noticed.
 */
export function createScriptedModel(options: ScriptedModelOptions): LanguageModel {
  const { name, latencyMs, clock, replies } = options
  const script = 'take' in replies ? replies : createScript(replies)

  return {
    name,
    async *respond(request, signal) {
      await clock.sleep(latencyMs, signal)
      if (signal.aborted) return
      if (options.fails?.(name) === true) throw failure(name, `${name} failed, as the script says`)
      const reply = script.take(request)
      if (reply === undefined) throw failure(name, 'the script has no reply left that fits', SCRIPT_EXHAUSTED)
      if (reply.reply !== '') yield { type: 'text', text: reply.reply }
      for (const call of reply.toolCalls ?? []) {
        const id = script.nextCallId()
        yield { type: 'tool-call', call: { id, name: call.name, arguments: call.arguments ?? {} } }
      }
    },
  }
}

export function createScript(replies: readonly ScriptedReply[]): Script {
  const open = replies.map(reply => ({
    ...reply,
    pattern: reply.when === undefined ? null : new RegExp(reply.when, 'i'),
  }))
  let calls = 0
  return {
    take: request => {
      const said = request.messages.findLast(message => message.role === 'user')?.content ?? ''
      const place = open.findIndex(({ pattern }) => pattern === null || pattern.test(said))
      return place === -1 ? undefined : open.splice(place, 1)[0]
    },
    nextCallId: () => `call_${calls++}`,
  }
}

function failure(name: string, message: string, code = 'model-failed'): VapiError {
  const provider = name.split('/')[0]
  return new VapiError({
    code,
    message,
    endedReason: `call.in-progress.error-providerfault-${provider}-llm-failed`,
  })
}
