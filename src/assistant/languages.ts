import { languageCode } from './language-names.ts'
import type { Json } from './overrides.ts'

/** What a transcriber of the API can do about the customer's language (seed: Multilingual support, provider capabilities). */
export interface TranscriberLanguages {
  provider: string
  /** As people write it. */
  name: string
  /** True where these settings make it follow the customer from language to language. */
  detects: (transcriber: Json) => boolean
  /** What makes it detect; null where nothing does. */
  detection: string | null
  /** The API takes `language: multi` of it. */
  takesMulti: boolean
  /** It hears English alone, unless it detects. */
  englishOnly: boolean
}

const NONE = { detects: () => false, detection: null, takesMulti: false, englishOnly: false } as const

/** The transcribers whose languages are documented; of others it is not known, and what they report is believed. */
export const TRANSCRIBER_LANGUAGES: readonly TranscriberLanguages[] = [
  {
    ...NONE,
    provider: 'deepgram',
    name: 'Deepgram',
    detects: ({ model, language }) =>
      model === 'flux-general-multi' ||
      (isMulti(language) && /^nova-[23](-general)?$/.test(String(model ?? 'nova-3'))),
    detection: 'language: multi with the model nova-2 or nova-3',
    takesMulti: true,
  },
  {
    ...NONE,
    provider: 'google',
    name: 'Google',
    detects: ({ language }) => /^multilingual$/i.test(String(language)),
    detection: 'language: Multilingual',
  },
  {
    ...NONE,
    provider: 'gladia',
    name: 'Gladia',
    detects: ({ language, languageBehaviour }) =>
      languageBehaviour === 'automatic multiple languages' ||
      (language === undefined && languageBehaviour !== 'manual'),
    detection: 'no language',
  },
  {
    ...NONE,
    provider: 'assembly-ai',
    name: 'AssemblyAI',
    // By the API document; the seed's table knows its English alone (row 15).
    detects: ({ speechModel, language }) =>
      language !== 'en' && /^universal-(streaming-multilingual|3-5-pro)$/.test(String(speechModel)),
    detection: 'speechModel: universal-streaming-multilingual or universal-3-5-pro with language: multi',
    takesMulti: true,
    englishOnly: true,
  },
  { ...NONE, provider: 'azure', name: 'Azure' },
  { ...NONE, provider: 'openai', name: 'OpenAI' },
  { ...NONE, provider: 'speechmatics', name: 'Speechmatics' },
  { ...NONE, provider: 'talkscriber', name: 'Talkscriber' },
  // The rest by the API document.
  {
    ...NONE,
    provider: 'soniox',
    name: 'Soniox',
    detects: ({ languages }) => Array.isArray(languages) && languages.length !== 1,
    detection: 'languages: []',
  },
  {
    ...NONE,
    provider: 'vapi',
    name: 'Vapi',
    detects: ({ language, languages }) =>
      language === undefined && !(Array.isArray(languages) && languages.length === 1),
    detection: 'no language',
  },
  { ...NONE, provider: '11labs', name: 'ElevenLabs' },
  { ...NONE, provider: 'cartesia', name: 'Cartesia' },
  { ...NONE, provider: 'xai', name: 'xAI' },
]

/** What is documented of a transcriber's languages; null where nothing is. */
export function transcriberLanguages({ provider = 'deepgram' }: Json): TranscriberLanguages | null {
  return TRANSCRIBER_LANGUAGES.find(known => known.provider === provider) ?? null
}

/** True for a setting that stands for all languages. */
export function isMulti(language: unknown): boolean {
  return typeof language === 'string' && /^(multi|multilingual|auto)$/i.test(language)
}

/** Whether a transcriber follows the customer's language, and the one that it is set to. */
export interface CompiledLanguages {
  /** False: whatever it reports, its language stays the one of its settings. */
  detects: boolean
  /** BCP 47; `multi` where it is not known before the customer has spoken. */
  language: string
}

/** The languages of an assistant's transcriber, English where nothing is set. */
export function compileLanguages(transcriber: Json = {}): CompiledLanguages {
  const { language } = transcriber
  const documented = transcriberLanguages(transcriber)
  const detects = documented?.detects(transcriber) ?? true
  if (typeof language === 'string' && !isMulti(language)) return { detects, language: languageCode(language) }
  const isOpen = language !== undefined || (documented !== null && detects)
  return { detects, language: isOpen ? 'multi' : 'en' }
}

/**
 * The language that a voice names, by its `language` or by an id such as `es-ES-ElviraNeural`; null where it names none
 * and speaks what it is given. Voices that choose their language themselves name none (`multilingual-auto`).
 */
export function voiceLanguage({ voiceId, language }: Json): string | null {
  if (typeof language === 'string') return isMulti(language) ? null : languageCode(language)
  if (typeof voiceId !== 'string' || /multilingual/i.test(voiceId)) return null
  return /^([a-z]{2,3}-(?:[A-Z][a-z]{3}-)?[A-Z]{2})-\p{L}/u.exec(voiceId)?.[1] ?? null
}
