import { isEnglish, namesLanguage } from '../../language-names.ts'
import { isMulti, TRANSCRIBER_LANGUAGES, transcriberLanguages } from '../../languages.ts'
import type { Json } from '../../overrides.ts'
import { itemsAt, objectAt, type Place, type Rule, transcribersOf } from './rule.ts'

/** Rules of calls in several languages (seed: Multilingual support). */
export const languageRules: readonly Rule[] = [
  {
    code: 'foreign-language',
    check({ assistant }, tell) {
      for (const { value: transcriber, at } of transcribersOf(assistant)) {
        const known = transcriberLanguages(transcriber)
        const { language } = transcriber
        if (known === null || typeof language !== 'string' || known.detects(transcriber)) continue
        const path = [...at, 'language']
        if (isMulti(language)) {
          const message =
            known.detection === null
              ? `${known.name} does not detect languages; it is given one`
              : `${known.name} does not detect languages with these settings`
          const fix = known.detection ?? `language: en, or a transcriber that detects: ${detecting}`
          tell(known.takesMulti ? 'warning' : 'error', path, message, fix)
        } else if (known.englishOnly && !isEnglish(language)) {
          const message = `${known.name} hears English only with these settings, not ${language}`
          tell('error', path, message, known.detection ?? 'language: en')
        }
      }
    },
  },
  {
    code: 'prompt-languages',
    check({ assistant }, tell) {
      const transcriber = objectAt(assistant, 'transcriber')
      if (transcriber === null || !transcriberLanguages(transcriber)?.detects(transcriber)) return
      const prompts = systemPrompts(assistant)
      const [first] = prompts
      if (
        first === undefined ||
        prompts.some(({ value }) => namesLanguage(value) || /\{\{[^}]*lang/i.test(value))
      )
        return
      tell(
        'warning',
        first.at,
        'the transcriber detects languages, and the prompt names none; models need to be told which they may speak',
        'list them, for example: You speak English, Spanish and French.',
      )
    },
  },
]

const detecting = TRANSCRIBER_LANGUAGES.slice(0, 3)
  .map(({ provider, detection }) => `${provider} (${detection})`)
  .join(', ')

function systemPrompts(assistant: Json): Place<string>[] {
  const old = objectAt(assistant, 'model')?.systemPrompt
  return [
    ...(typeof old === 'string' ? [{ value: old, at: ['model', 'systemPrompt'] }] : []),
    ...itemsAt(assistant, 'model', 'messages').flatMap(({ value, at }) =>
      value.role === 'system' && typeof value.content === 'string'
        ? [{ value: value.content, at: [...at, 'content'] }]
        : [],
    ),
  ]
}
