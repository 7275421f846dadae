import type { HookAction, HookEvent, HookPlan, Semantics, ToolPlan } from '../engine/plan.ts'
import { isObject } from '../is-object.ts'
import { defaults } from './defaults.ts'
import type { Json } from './overrides.ts'
import { type Assistant, type AssistantHook, type AssistantTool, hooksOf } from './schema.ts'
import { formatPath } from './validate/finding.ts'

export interface CompiledHooks {
  hooks: HookPlan[]
  /** Tools that only hooks run, to stand after those of the model. */
  tools: ToolPlan[]
  warnings: string[]
}

export interface HookOptions {
  /** Place of the first tool of hooks in the plan. */
  firstTool: number
  /** Compiles a tool; null where it cannot be run, which is told in the warnings. */
  compileTool: (tool: AssistantTool, path: string, warnings: string[]) => ToolPlan | null
}

type Hook = AssistantHook['hook']
type Action = Hook['do'][number]

interface Work extends HookOptions {
  assistant: Assistant
  tools: ToolPlan[]
  warnings: string[]
  /** Timeout hooks that stand in `hooks`. */
  timeouts: number
}

/**
 * Compiles `hooks` and the legacy idle messages, which are hooks as well (seed: Assistant hooks, Idle messages; rows 26
 * to 31). What a hosted call would not run, or would drop in silence, is told.
 */
export function compileHooks(assistant: Assistant, options: HookOptions): CompiledHooks {
  const placed = hooksOf(assistant)
  const timeouts = placed.filter(({ hook }) => hook.on === 'customer.speech.timeout').length
  const work: Work = { ...options, assistant, tools: [], warnings: [], timeouts }
  const nested = new Set(
    placed.flatMap(({ at }) => (at.length > 1 ? [formatPath(['hooks', at[0] ?? 0])] : [])),
  )
  for (const path of nested)
    work.warnings.push(`${path} holds further hooks; they are read as if they stood in hooks itself`)
  const hooks = placed.flatMap(({ hook, at }) => compileHook(hook, formatPath(['hooks', ...at]), work))
  return { hooks: [...hooks, ...idleHooks(assistant)], tools: work.tools, warnings: work.warnings }
}

/** Whose last word starts the clock of timeout hooks (row 25). */
export function silenceClockOf(semantics: Semantics): 'customer' | 'assistant' {
  return semantics === 'openapi' ? 'assistant' : 'customer'
}

function compileHook(hook: Hook, path: string, work: Work): HookPlan[] {
  const event = compileEvent(hook, work)
  if (event === null) {
    work.warnings.push(`${path}.on: there is no event ${hook.on} in a call; the hook is never triggered`)
    return []
  }
  warnOfOptions(hook, event, path, work)
  const filters = hook.filters ?? []
  for (const [place, { key }] of filters.entries()) {
    const known = key === 'call.endedReason' && event.on === 'call.ending'
    if (!known)
      work.warnings.push(
        `${path}.filters[${place}].key: ${key} has no value at ${event.on}; the hook is never triggered`,
      )
  }
  return [
    {
      name: hook.name ?? null,
      source: 'hook',
      event,
      filters: filters.map(({ key, oneOf }) => ({ key, oneOf: [...oneOf] })),
      actions: hook.do.flatMap((action, place) => compileAction(action, `${path}.do[${place}]`, work)),
    },
  ]
}

function compileEvent({ on, options = {} }: Hook, { assistant, timeouts }: Work): HookEvent | null {
  switch (on) {
    case 'call.ending':
    case 'assistant.speech.interrupted':
    case 'customer.speech.interrupted':
    case 'session.created':
      return { on }
    case 'customer.speech.timeout':
      return {
        on,
        timeoutMs: milliseconds(options.timeoutSeconds, defaults.hookTimeoutMs),
        maximumCount: options.triggerMaxCount ?? defaults.hookMaximumCount,
        resetOnSpeech: options.triggerResetMode === 'onUserSpeech',
        // Ruling 5: alone, it repeats in one silence; of several, each is triggered once.
        repeats: timeouts === 1,
      }
    case 'call.timeElapsed':
      return { on, afterMs: milliseconds(options.seconds, 0) }
    case 'assistant.transcriber.endpointedSpeechLowConfidence': {
      const threshold = assistant.transcriber?.confidenceThreshold
      const otherwise = typeof threshold === 'number' ? threshold : defaults.confidenceThreshold
      const maximum = options.confidenceMax ?? otherwise
      const minimum = options.confidenceMin ?? Math.max(0, maximum - defaults.confidenceRange)
      return { on, minimum, maximum }
    }
    case 'model.response.timeout':
      return { on, timeoutMs: milliseconds(options.timeoutSeconds, defaults.hookTimeoutMs) }
    default:
      return null
  }
}

/** The options that each event has; others have no effect on it. */
const optionsOf: Partial<Record<HookEvent['on'], readonly string[]>> = {
  'customer.speech.timeout': ['timeoutSeconds', 'triggerMaxCount', 'triggerResetMode'],
  'call.timeElapsed': ['seconds'],
  'assistant.transcriber.endpointedSpeechLowConfidence': ['confidenceMin', 'confidenceMax'],
  'model.response.timeout': ['timeoutSeconds'],
}

function warnOfOptions({ options = {} }: Hook, { on }: HookEvent, path: string, { warnings }: Work): void {
  const known = optionsOf[on] ?? []
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) warnings.push(`${path}.options.${name} has no effect on ${on}`)
  }
}

function compileAction(action: Action, path: string, work: Work): HookAction[] {
  if (action.type === 'message.add') {
    const { role, content } = action.message
    const answer = action.triggerResponseEnabled ?? true
    return [{ type: 'message', role: role === 'developer' ? 'system' : role, content, answer }]
  }
  if (action.type === 'say') {
    if (action.exact !== undefined) return [{ type: 'say', texts: [action.exact].flat() }]
    return [{ type: 'prompt', messages: promptMessages(action.prompt ?? '') }]
  }
  return compileToolAction(action, path, work)
}

function promptMessages(prompt: NonNullable<Extract<Action, { type: 'say' }>['prompt']>) {
  const list = typeof prompt === 'string' ? [{ role: 'system' as const, content: prompt }] : prompt
  return list.map(({ role, content }) => ({
    role: role === 'user' || role === 'assistant' ? role : ('system' as const),
    content,
  }))
}

function compileToolAction(
  action: Extract<Action, { type: 'tool' }>,
  path: string,
  work: Work,
): HookAction[] {
  if (action.tool === undefined) {
    work.warnings.push(
      `${path}.toolId: the stored tool ${action.toolId} is not loaded; the action is left out`,
    )
    return []
  }
  const plan = work.compileTool(action.tool, `${path}.tool`, work.warnings)
  if (plan === null) return []
  const tool = work.firstTool + work.tools.length
  // The values may be templates that only have a meaning when the hook is triggered.
  work.tools.push({ ...plan, fixedArguments: {}, judged: false })
  return [{ type: 'tool', tool, arguments: staticValues(action.tool) }]
}

/** Fixed arguments: `value` of a property in the function's schema, and top-level `parameters` (row 29). */
function staticValues(tool: AssistantTool): Json {
  const values: Json = {}
  const schema = tool.function?.parameters
  const properties = isObject(schema) && isObject(schema.properties) ? schema.properties : {}
  for (const [name, property] of Object.entries(properties)) {
    if (isObject(property) && 'value' in property) values[name] = property.value
  }
  for (const entry of Array.isArray(tool.parameters) ? tool.parameters : []) {
    if (isObject(entry) && typeof entry.key === 'string') values[entry.key] = entry.value
  }
  return values
}

/** Legacy idle messages and the legacy last words of a silence, under `messagePlan` and at the top (row 31). */
function idleHooks({ messagePlan, ...top }: Assistant): HookPlan[] {
  const plan = { ...top, ...messagePlan }
  const { idleMessages = [], silenceTimeoutMessage } = plan
  const hooks: HookPlan[] = []
  if (idleMessages.length > 0) {
    hooks.push({
      name: 'idleMessages',
      source: 'idle',
      event: {
        on: 'customer.speech.timeout',
        timeoutMs: milliseconds(plan.idleTimeoutSeconds, defaults.idleTimeoutMs),
        maximumCount: plan.idleMessageMaxSpokenCount ?? defaults.idleMaximumCount,
        resetOnSpeech: plan.idleMessageResetCountOnUserSpeechEnabled ?? false,
        repeats: true,
      },
      filters: [],
      actions: [{ type: 'say', texts: idleMessages }],
    })
  }
  if (silenceTimeoutMessage) {
    hooks.push({
      name: 'silenceTimeoutMessage',
      source: 'idle',
      event: { on: 'call.ending' },
      filters: [{ key: 'call.endedReason', oneOf: ['silence-timed-out'] }],
      actions: [{ type: 'say', texts: [silenceTimeoutMessage] }],
    })
  }
  return hooks
}

function milliseconds(seconds: number | undefined, otherwise: number): number {
  return seconds === undefined ? otherwise : Math.round(seconds * 1000)
}
