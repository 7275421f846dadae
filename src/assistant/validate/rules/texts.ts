import { isObject } from '../../../is-object.ts'
import { isTemplate, textsBelow } from '../../texts.ts'
import { itemsAt, type Rule, valueAt } from './rule.ts'

/** Rules of what is said and of templates (reference: vapi-api.md 4.1 and 4.12). */
export const textRules: readonly Rule[] = [
  {
    code: 'template-fault',
    check({ assistant, templateFault }, tell) {
      for (const { text, at } of textsBelow(assistant)) {
        if (!isTemplate(text)) continue
        const fault = templateFault(text)
        if (fault !== null) tell('error', at, `the template has a fault: ${fault}`)
      }
    },
  },
  {
    code: 'first-message',
    check({ assistant, isMember }, tell) {
      const { firstMessage, firstMessageMode: mode } = assistant
      // By language it is no form of the API, which the schema tells.
      const isSet = isObject(firstMessage) || (typeof firstMessage === 'string' && firstMessage.trim() !== '')
      if (!isSet && (mode === 'assistant-speaks-first' || (mode === undefined && !isMember)))
        tell(
          'warning',
          ['firstMessage'],
          'the assistant speaks first and has nothing to say',
          'set firstMessage, or firstMessageMode: assistant-waits-for-user',
        )
      if (isSet && typeof mode === 'string' && mode !== 'assistant-speaks-first')
        tell('warning', ['firstMessage'], `it is not spoken with firstMessageMode ${mode}`)
    },
  },
  {
    code: 'no-system-message',
    check({ assistant }, tell) {
      const model = valueAt(assistant, 'model')
      if (!isObject(model) || model.systemPrompt !== undefined) return
      const system = itemsAt(assistant, 'model', 'messages').some(({ value }) => value.role === 'system')
      if (!system)
        tell(
          'warning',
          ['model', 'messages'],
          'the model has no system message and knows nothing of its task',
          'messages: [{ role: system, content: … }]',
        )
    },
  },
  {
    code: 'flush-without-chunks',
    check({ assistant }, tell) {
      if (valueAt(assistant, 'voice', 'chunkPlan', 'enabled') !== false) return
      for (const { text, at } of textsBelow(assistant)) {
        if (/<\/?\s*flush\s*\/?>/i.test(text))
          tell('warning', at, 'the flush tag is spoken while voice.chunkPlan.enabled is false')
      }
    },
  },
  {
    code: 'background-sound',
    check({ assistant }, tell) {
      const { backgroundSound: sound } = assistant
      if (typeof sound !== 'string' || /^(off|office|https?:\/\/.+)$/.test(sound)) return
      tell(
        'error',
        ['backgroundSound'],
        `${JSON.stringify(sound)} is no sound`,
        'off, office or the address of a sound file',
      )
    },
  },
]
