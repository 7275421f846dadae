import { transcriptOf } from '../../artifact.ts'
import type { HookRun } from '../../hooks-state.ts'
import { observe } from '../../owner.ts'
import type { HookAction, HookPlan } from '../../plan.ts'
import { draw } from '../../text/random.ts'
import { conversation, modelInUse, modelName } from '../reply/ask.ts'
import type { Draft } from './draft.ts'
import { isTemplate, textsOf, withStrings } from './texts.ts'

/** Fires when an action has taken too long; the next one begins. */
export const LIMIT_TIMER = 'hooks.limit'

/** Longest times of one action, in milliseconds: the model's words, a tool (its server has its own limit), speech. */
const MODEL_LIMIT_MS = 20_000
const TOOL_LIMIT_MS = 320_000
/** How long the end of a call waits for the tools that no action waits for, in milliseconds. */
const ASYNC_LIMIT_MS = 20_000
const SPEECH_LIMIT_MS = 60_000
const SPEECH_LIMIT_MS_PER_CHARACTER = 100

type Wait = HookRun['wait']

/** Begins an action; what it waits for, or null where it is done at once. */
export function beginAction(draft: Draft, hook: HookPlan, action: HookAction): Wait {
  const speaks = action.type === 'say' || action.type === 'prompt'
  if (speaks && draft.slice.ending?.mute === true) return null
  const texts = textsOf(action, action.type === 'say' ? drawPlace(draft, action.texts.length) : 0)
  if (!texts.some(isTemplate)) return perform(draft, hook, action, texts)
  const workId = nextId(draft)
  const { atMs } = draft.surroundings
  draft.commands.push({ type: 'render', workId, texts, values: variables(draft), atMs })
  return { type: 'render', workId }
}

/** Does an action with its texts as they are now. */
export function perform(draft: Draft, hook: HookPlan, action: HookAction, texts: readonly string[]): Wait {
  switch (action.type) {
    case 'say':
      return speak(draft, hook, texts[0] ?? '')
    case 'prompt':
      return askModel(
        draft,
        action.messages.map(({ role }, place) => ({ role, content: texts[place] ?? '' })),
      )
    case 'tool':
      return callTool(draft, action, texts)
    case 'message': {
      const { others, atMs } = draft.surroundings
      follows(draft)
      draft.facts.push({ type: 'message.added', role: action.role, content: texts[0] ?? '' })
      if (action.answer && draft.slice.ending === null) {
        const times = { turn: others.customer.turn, speechEndMs: null, turnEndedMs: atMs }
        draft.facts.push({ type: 'reply.wanted', times })
      }
      return null
    }
  }
}

/** Hands a text to the queue of speech. Last words are not interrupted. */
export function speak(draft: Draft, { source }: HookPlan, text: string): Wait {
  if (text.trim() === '') return null
  const tag = nextId(draft)
  draft.facts.push({
    type: 'say',
    text,
    source,
    interruptible: draft.slice.ending === null,
    endsCall: null,
    times: null,
    tag,
  })
  limit(draft, SPEECH_LIMIT_MS + text.length * SPEECH_LIMIT_MS_PER_CHARACTER)
  return { type: 'speech', tag }
}

/** The model in use writes what is said; it is offered no tools. */
function askModel(
  draft: Draft,
  prompt: readonly { role: 'system' | 'user' | 'assistant'; content: string }[],
): Wait {
  const { surroundings } = draft
  const workId = nextId(draft)
  const messages = [...conversation(surroundings), ...prompt]
  const model = modelInUse(surroundings)
  const { turn } = surroundings.others.customer
  draft.commands.push(
    observe(surroundings.atMs, {
      type: 'model.requested',
      turn,
      model: modelName(surroundings, model),
      messageCount: messages.length,
    }),
    { type: 'model.request', workId, model, messages, tools: [] },
  )
  limit(draft, MODEL_LIMIT_MS)
  return { type: 'model', workId, text: '', model }
}

function callTool(
  draft: Draft,
  { tool, arguments: given }: Extract<HookAction, { type: 'tool' }>,
  texts: readonly string[],
): Wait {
  const plan = draft.surroundings.plan.tools[tool]
  if (plan === undefined) return null
  follows(draft)
  const id = callId(draft)
  const values = withStrings(given, texts) as Record<string, unknown>
  draft.facts.push({ type: 'tool.wanted', call: { id, name: plan.name, arguments: values }, tool })
  if (plan.type === 'function' && plan.async) {
    const { ending } = draft.slice
    if (ending !== null)
      draft.slice = { ...draft.slice, ending: { ...ending, openCalls: [...ending.openCalls, id] } }
    return null
  }
  limit(draft, TOOL_LIMIT_MS)
  return { type: 'tool', callId: id }
}

/** What follows a message under `call.ending` makes it one of several things that were done. */
function follows(draft: Draft): void {
  const { ending } = draft.slice
  if (ending?.last === 'say') draft.slice = { ...draft.slice, ending: { ...ending, last: null } }
}

/** Bounds the wait for tools that no action waits for. */
export function limitAsync(draft: Draft): void {
  limit(draft, ASYNC_LIMIT_MS)
}

function limit(draft: Draft, durationMs: number): void {
  const atMs = draft.surroundings.atMs + durationMs
  draft.commands.push({ type: 'timer.set', timerId: LIMIT_TIMER, atMs })
}

function nextId(draft: Draft): string {
  const { nextWork } = draft.slice
  draft.slice = { ...draft.slice, nextWork: nextWork + 1 }
  return `hooks-${nextWork}`
}

/** Servers may answer to `hook-function-call` whatever the number behind it (row 30). */
function callId(draft: Draft): string {
  const { nextCall } = draft.slice
  draft.slice = { ...draft.slice, nextCall: nextCall + 1 }
  return nextCall === 0 ? 'hook-function-call' : `hook-function-call-${nextCall}`
}

function drawPlace(draft: Draft, count: number): number {
  if (count < 2) return 0
  const drawn = draw(draft.slice.random)
  draft.slice = { ...draft.slice, random: drawn.state }
  return Math.floor(drawn.value * count)
}

/** What templates of hooks see beside the call's variables. */
function variables({ slice, surroundings }: Draft): Record<string, unknown> {
  const { others, plan } = surroundings
  return {
    transcript: transcriptOf(others.history.entries, plan),
    ...(slice.ending !== null && { call: { endedReason: slice.ending.endedReason } }),
  }
}
