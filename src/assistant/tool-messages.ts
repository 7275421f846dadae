import type { MessageCondition, ToolMessage } from '../engine/plan.ts'
import { isObject } from '../is-object.ts'
import type { AssistantTool } from './schema.ts'
import type { Render } from './variables.ts'

/** Compiles the messages of a tool (vapi-api.md 4.10). */
export function compileMessages(
  messages: AssistantTool['messages'],
  path: string,
  render: Render,
): ToolMessage[] {
  return (messages ?? []).map((message, place) => {
    const at = `${path}[${place}]`
    return {
      type: message.type,
      role: message.role ?? 'assistant',
      content: message.content === undefined ? '' : render(message.content, `${at}.content`),
      contents: (message.contents ?? []).map(({ language, text }, index) => ({
        language,
        text: render(text, `${at}.contents[${index}].text`),
      })),
      conditions: (message.conditions ?? []).map(
        ({ operator, param, value }): MessageCondition => ({ operator, param, value: String(value) }),
      ),
      blocking: message.blocking ?? false,
      endsCall: (message.endCallAfterSpokenEnabled ?? false) && message.role !== 'system',
      delayMs: message.timingMilliseconds ?? DEFAULT_DELAY_MS,
    }
  })
}

/** Of a delayed message that does not say when. */
const DEFAULT_DELAY_MS = 10_000

/** A message that is a text, or an object with `content` or `contents` by language; null where it is neither. */
export function compileMessage(message: unknown, path: string, render: Render): ToolMessage | null {
  const { content, contents } = isObject(message) ? message : { content: message, contents: undefined }
  if (typeof content !== 'string' && !Array.isArray(contents)) return null
  const texts = Array.isArray(contents) ? contents.filter(isObject) : []
  return {
    type: 'request-start',
    role: 'assistant',
    content: typeof content === 'string' ? render(content, path) : '',
    contents: texts.map(({ language, text }, index) => ({
      language: String(language),
      text: render(String(text), `${path}.contents[${index}].text`),
    })),
    conditions: [],
    blocking: true,
    endsCall: false,
    delayMs: 0,
  }
}
