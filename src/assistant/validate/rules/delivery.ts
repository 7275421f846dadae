import { isObject } from '../../../is-object.ts'
import { itemsAt, objectAt, type Rule, valueAt } from './rule.ts'
import { hasServer } from './tools.ts'

/** Rules of messages to servers and of hooks (reference: vapi-api.md 3, 4.1 and 4.8). */
export const deliveryRules: readonly Rule[] = [
  {
    code: 'messages-without-server',
    check({ assistant }, tell) {
      const { serverMessages: messages } = assistant
      if (!Array.isArray(messages) || messages.length === 0 || hasServer(assistant)) return
      tell(
        'warning',
        ['serverMessages'],
        'the assistant has no server; only one of the phone number or the organisation gets them',
        'server: { url: … }',
      )
    },
  },
  {
    code: 'server-without-address',
    check({ assistant }, tell) {
      const server = objectAt(assistant, 'server')
      if (server !== null && server.url === undefined)
        tell('warning', ['server', 'url'], 'the server has no address')
    },
  },
  {
    code: 'silence-timeout',
    check({ assistant }, tell) {
      const { silenceTimeoutSeconds: seconds } = assistant
      if (typeof seconds === 'number' && seconds >= 5 && seconds < 10)
        tell('warning', ['silenceTimeoutSeconds'], 'values under 10 were seen to be refused', 'at least 10')
    },
  },
  {
    code: 'nested-hooks',
    check({ assistant }, tell) {
      for (const { value, at } of itemsAt(assistant, 'hooks')) {
        if (Array.isArray(value.hooks) && value.on === undefined)
          tell('error', at, 'hooks are one flat list', 'move the inner hooks up into hooks')
      }
    },
  },
  {
    code: 'hook-action',
    check({ assistant }, tell) {
      for (const hook of itemsAt(assistant, 'hooks')) {
        for (const { value: action, at } of itemsAt(hook.value, 'do')) {
          const place = [...hook.at, ...at]
          if (action.type === 'say' && (action.exact === undefined) === (action.prompt === undefined))
            tell('error', place, 'say needs exactly one of exact and prompt')
          if (action.type === 'tool' && (action.tool === undefined) === (action.toolId === undefined))
            tell('error', place, 'tool needs exactly one of tool and toolId')
        }
      }
    },
  },
  {
    code: 'end-of-call',
    check({ assistant }, tell) {
      const phrases = valueAt(assistant, 'endCallPhrases')
      const first = valueAt(assistant, 'firstMessage')
      if (!Array.isArray(phrases) || typeof first !== 'string') return
      for (const [index, phrase] of phrases.entries()) {
        if (
          typeof phrase === 'string' &&
          phrase.length > 1 &&
          first.toLowerCase().includes(phrase.toLowerCase())
        )
          tell(
            'warning',
            ['endCallPhrases', index],
            'firstMessage contains it, which ends every call at once',
          )
      }
    },
  },
  {
    code: 'voicemail-message',
    check({ assistant }, tell) {
      const { voicemailDetection: detection, voicemailMessage: message } = assistant
      const tools = itemsAt(assistant, 'model', 'tools').some(({ value }) => value.type === 'voicemail')
      if (typeof message === 'string' && message !== '' && !isObject(detection) && !tools)
        tell(
          'warning',
          ['voicemailMessage'],
          'it is never spoken: voicemail detection is off unless it is set',
          'voicemailDetection: { provider: vapi }',
        )
    },
  },
]
