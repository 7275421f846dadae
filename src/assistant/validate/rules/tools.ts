import { isObject } from '../../../is-object.ts'
import type { Json } from '../../overrides.ts'
import { addressFault, itemsAt, objectAt, type Rule, toolsOf, valueAt } from './rule.ts'

/** Longer descriptions of functions were seen to be cut or refused. */
const MAXIMUM_DESCRIPTION = 1000

/** Rules of tools (reference: vapi-api.md 3.6, 4.10 and 5). */
export const toolRules: readonly Rule[] = [
  {
    code: 'tool-without-name',
    check({ assistant }, tell) {
      for (const { value: tool, at } of toolsOf(assistant)) {
        // The flat spelling is told by its own finding.
        if (tool.type === 'function' && !isObject(tool.function) && tool.name === undefined)
          tell(
            'error',
            [...at, 'function'],
            'a function needs a name',
            'function: { name: …, parameters: … }',
          )
      }
    },
  },
  {
    code: 'tool-name-twice',
    check({ assistant }, tell) {
      const seen = new Map<string, string>()
      for (const { value: tool, at } of toolsOf(assistant)) {
        const name = nameOf(tool)
        if (name === null) continue
        const before = seen.get(name)
        if (before !== undefined)
          tell(
            'error',
            [...at, ...(isObject(tool.function) ? ['function', 'name'] : ['name'])],
            `${before} has the same name`,
          )
        seen.set(name, before ?? `${at.slice(0, -1).join('.')}[${at.at(-1)}]`)
      }
    },
  },
  {
    code: 'tool-without-server',
    check({ assistant }, tell) {
      if (hasServer(assistant)) return
      for (const { value: tool, at } of toolsOf(assistant)) {
        if (tool.type === 'function' && !isObject(tool.server))
          tell(
            'warning',
            at,
            `${nameOf(tool) ?? 'this function'} has no server: only the client of a web call can answer it`,
            'server: { url: … } of the tool or of the assistant',
          )
      }
    },
  },
  {
    code: 'no-destinations',
    check({ assistant }, tell) {
      for (const { value: tool, at } of toolsOf(assistant)) {
        const none = !Array.isArray(tool.destinations) || tool.destinations.length === 0
        if (!none) continue
        if (tool.type === 'transferCall' && !hasServer(assistant))
          tell(
            'warning',
            [...at, 'destinations'],
            'without destinations a server is asked, and there is none',
          )
        if (tool.type === 'handoff')
          tell('warning', [...at, 'destinations'], 'there is nobody to hand the call to')
      }
    },
  },
  {
    code: 'unused-tool-message',
    check({ assistant }, tell) {
      for (const { value: tool, at } of toolsOf(assistant)) {
        if (tool.async !== true) continue
        for (const message of itemsAt(tool, 'messages')) {
          const { type } = message.value
          if (type === 'request-start' || type === 'request-response-delayed' || type === 'request-failed')
            tell('warning', [...at, ...message.at], `an async tool does not speak ${type}`)
        }
      }
    },
  },
  {
    code: 'tool-parameters',
    check({ assistant }, tell) {
      for (const { value: tool, at } of toolsOf(assistant)) {
        const parameters = objectAt(tool, 'function', 'parameters')
        const properties = objectAt(parameters, 'properties')
        const required = valueAt(parameters, 'required')
        if (Array.isArray(required)) {
          for (const [index, name] of required.entries()) {
            if (typeof name === 'string' && (properties === null || !Object.hasOwn(properties, name)))
              tell(
                'error',
                [...at, 'function', 'parameters', 'required', index],
                `${name} is required and not among the properties`,
              )
          }
        }
        const description = valueAt(tool, 'function', 'description')
        if (typeof description === 'string' && description.length > MAXIMUM_DESCRIPTION)
          tell(
            'warning',
            [...at, 'function', 'description'],
            `descriptions over ${MAXIMUM_DESCRIPTION} characters may be refused`,
          )
      }
    },
  },
  {
    code: 'server-address',
    check({ assistant }, tell) {
      const addresses = [
        { value: valueAt(assistant, 'server', 'url'), at: ['server', 'url'] },
        { value: valueAt(assistant, 'model', 'url'), at: ['model', 'url'] },
        { value: valueAt(assistant, 'voice', 'server', 'url'), at: ['voice', 'server', 'url'] },
        { value: valueAt(assistant, 'transcriber', 'server', 'url'), at: ['transcriber', 'server', 'url'] },
        ...toolsOf(assistant).flatMap(({ value, at }) => [
          { value: valueAt(value, 'server', 'url'), at: [...at, 'server', 'url'] },
          { value: value.type === 'apiRequest' ? value.url : undefined, at: [...at, 'url'] },
        ]),
      ]
      for (const { value, at } of addresses) {
        const fault = typeof value === 'string' ? addressFault(value) : null
        if (fault === null) continue
        const local = fault.startsWith('is on')
        tell(
          local ? 'warning' : 'error',
          at,
          `${value} ${fault}`,
          local ? 'vapi listen forwards hosted calls to it' : 'https://…',
        )
      }
    },
  },
]

function nameOf(tool: Json): string | null {
  const name = valueAt(tool, 'function', 'name') ?? tool.name
  return typeof name === 'string' ? name : null
}

/** True where the assistant names a server of its own, also in its old spelling. */
export function hasServer(assistant: Json): boolean {
  return isObject(assistant.server) || typeof assistant.serverUrl === 'string'
}
