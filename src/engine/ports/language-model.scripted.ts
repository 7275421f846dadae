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

/**
 * Says before each request whether the provider fails this time: after so many words of what it gives, or, null, without
 * having given anything.
 */
export type FailurePlan = (name: string) => { afterWords: number | null } | null

/** Scripted answers that several models of a call take from, each answer once. */
export interface Script {
  /** The next answer that fits, if there is one. */
  take(request: ModelRequest): ScriptedReply | undefined
  /** Puts an answer back that was not given. */
  giveBack(reply: ScriptedReply): void
  nextCallId(): string
  /** The `when` of answers that were never taken. */
  unused(): string[]
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
      const fails = options.fails?.(name) ?? null
      const failed = () => failure(`${name} failed, as the script says`)
      if (fails !== null && !fails.afterWords) throw failed()
      const reply = script.take(request)
      if (reply === undefined) throw failure('the script has no reply left that fits', SCRIPT_EXHAUSTED)
      if (fails !== null) {
        const begun = firstWords(reply.reply, fails.afterWords ?? 0)
        if (begun === '') script.giveBack(reply)
        else yield { type: 'text', text: begun }
        throw failed()
      }
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
    giveBack: reply => {
      open.unshift({ ...reply, pattern: null })
    },
    nextCallId: () => `call_${calls++}`,
    // One that was given back has no pattern any more.
    unused: () => open.flatMap(({ when, pattern }) => (when === undefined || pattern === null ? [] : [when])),
  }
}

/** The first so many words of a text, as they stand there. */
export function firstWords(text: string, count: number): string {
  const words = Array.from(text.matchAll(/\S+/g))
  const last = words[Math.min(count, words.length) - 1]
  return last === undefined ? '' : text.slice(0, last.index + last[0].length)
}

/** Without an ended reason of its own: the configured provider's counts. */
function failure(message: string, code = 'model-failed'): VapiError {
  return new VapiError({ code, message })
}
