import type { AssistantPlan, OpeningPlan } from './plan.ts'
import type { CallState } from './state.ts'

/** Texts of one meaning in several languages, by BCP 47 codes. */
export type Translations = readonly { language: string; text: string }[]

/**
 * The language that the customer was heard speaking last, as far as the assistant's transcriber follows it; null where
 * nothing is known yet, or where the transcriber hears a single language.
 */
export function detectedLanguage(plan: AssistantPlan, { customer }: Readonly<CallState>): string | null {
  return plan.detectsLanguage ? customer.language : null
}

/** The language of the call for an assistant: the detected one, else that of its transcriber. */
export function callLanguage(plan: AssistantPlan, state: Readonly<CallState>): string {
  return detectedLanguage(plan, state) ?? plan.language
}

/** Place of the entry for a language: of the very same tag, else of the same language elsewhere; -1 where there is none. */
export function placeOfLanguage(languages: readonly (string | null)[], wanted: string): number {
  const [tag, base] = [tagOf(wanted), baseOf(wanted)]
  const same = languages.findIndex(language => language !== null && tagOf(language) === tag)
  return same !== -1 ? same : languages.findIndex(language => language !== null && baseOf(language) === base)
}

/** The text for a language, else the first one (the hosted platform would translate it); undefined of none. */
export function textIn(translations: Translations, language: string): string | undefined {
  const place = placeOfLanguage(
    translations.map(entry => entry.language),
    language,
  )
  return translations[Math.max(0, place)]?.text
}

/** What an assistant says when it opens, in the language of the call. */
export function openingText(
  { text, contents = [] }: Extract<OpeningPlan, { type: 'say' }>,
  plan: AssistantPlan,
  state: Readonly<CallState>,
): string {
  return textIn(contents, callLanguage(plan, state)) ?? text
}

/** True for two tags of the same language and region. */
export function isSameLanguage(one: string, other: string): boolean {
  return tagOf(one) === tagOf(other)
}

function tagOf(language: string): string {
  return language.toLowerCase().replaceAll('_', '-')
}

function baseOf(language: string): string {
  return tagOf(language).split('-')[0] ?? ''
}
