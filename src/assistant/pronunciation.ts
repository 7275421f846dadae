import { usageError } from '../errors.ts'
import { createFormatter } from '../format/formatter.ts'
import type { FormatPlan } from '../format/plan.ts'
import type { PhonemeAlphabet, PronunciationRule } from '../format/pronunciation.ts'
import { isObject } from '../is-object.ts'
import type { Json } from './overrides.ts'
import type { AssistantVoice } from './schema.ts'

/** What a voice does with markup and dictionaries. */
export interface VoiceMarkup {
  /** Rules that have an effect with this voice, in the order of its dictionaries. */
  readonly rules: readonly PronunciationRule[]
  /** SSML is on: by `enableSsmlParsing`, or because there is a dictionary. */
  readonly ssml: boolean
  /** Which tags the provider honours. */
  readonly breaks: boolean
  readonly spell: boolean
  readonly phonemes: boolean
}

/** The models of ElevenLabs that take phonemes (seed, Pronunciation dictionaries), the first one by default. */
const PHONEME_MODELS = ['eleven_turbo_v2', 'eleven_flash_v2'] as const

interface ProviderMarkup {
  dictionaries: boolean
  breaks: boolean
  spell: boolean
  phonemes: (model: string) => boolean
  /** The setting that names dictionaries of the user's own account: the provider applies them itself. */
  applies?: NamingField
}

const NO_MARKUP: ProviderMarkup = { dictionaries: false, breaks: false, spell: false, phonemes: () => false }
const ALL_MARKUP: ProviderMarkup = { dictionaries: true, breaks: true, spell: true, phonemes: () => true }
const PROVIDERS: Readonly<Record<string, ProviderMarkup>> = {
  embedded: ALL_MARKUP,
  silent: ALL_MARKUP,
  vapi: ALL_MARKUP,
  cartesia: { ...ALL_MARKUP, phonemes: () => false, applies: 'pronunciationDictId' },
  '11labs': {
    ...ALL_MARKUP,
    spell: false,
    applies: 'pronunciationDictionaryLocators',
    phonemes: model => PHONEME_MODELS.some(known => known === model),
  },
}

interface Dictionary {
  id: string | null
  rules: PronunciationRule[]
}

/** Settings that name dictionaries by their ids. */
type NamingField = 'pronunciationDictionaryLocators' | 'pronunciationDictId' | 'pronunciationDictionary'

interface NamedDictionary {
  id: string
  field: NamingField
}

/**
 * What a voice does with its dictionaries, and what the user should know of them. The rules stand in the voice itself
 * (`pronunciationDictionary`, our own form); a dictionary that is only named by its id is applied by its provider, or
 * known to the hosted platform alone. Throws a usage error with the path of a faulty rule.
 */
export function compileMarkup(
  voice: AssistantVoice,
  path: string,
  format: FormatPlan,
): { markup: VoiceMarkup; warnings: string[] } {
  const { dictionaries, breaks, spell, phonemes, applies } = PROVIDERS[voice.provider] ?? NO_MARKUP
  const model = voice.model ?? PHONEME_MODELS[0]
  const { known, named } = readDictionaries(voice, path)
  const isUsed = known.length > 0 || named.length > 0
  const all = known.flatMap(({ rules }) => rules)
  const warnings: string[] = []
  if (isUsed && !dictionaries)
    warnings.push(
      `${path}: pronunciation dictionaries have no effect with voices of ${voice.provider}; they are for 11labs, cartesia, vapi and embedded`,
    )
  const mayHavePhonemes = named.length > 0 || all.some(({ type }) => type === 'phoneme')
  if (dictionaries && mayHavePhonemes && !phonemes(model))
    warnings.push(
      voice.provider === '11labs'
        ? `${path}: phoneme rules have no effect with ${model}, alias rules have; ${PHONEME_MODELS.join(' and ')} take phonemes`
        : `${path}: phoneme rules have no effect with voices of ${voice.provider}; alias rules have`,
    )
  if (dictionaries) {
    const unknown = named.filter(({ id, field }) => field !== applies && !isAmong(known, id))
    if (unknown.length > 0)
      warnings.push(
        `${path}: the rules of ${unknown.map(({ id }) => id).join(', ')} are not known here and have no effect in a local call; give them with --pronunciation FILE or as voice.pronunciationDictionary`,
      )
    warnings.push(...formattedAway(all, path, format))
  }
  const rules = dictionaries ? all.filter(({ type }) => type === 'alias' || phonemes(model)) : []
  return {
    markup: {
      rules,
      ssml: dictionaries && (isUsed || voice.enableSsmlParsing === true),
      breaks,
      spell,
      phonemes: phonemes(model),
    },
    warnings,
  }
}

/** Rules whose text never reaches the dictionary, because the formatter writes it in another way. */
function formattedAway(rules: readonly PronunciationRule[], path: string, format: FormatPlan): string[] {
  const formatter = createFormatter(format)
  return rules.flatMap(({ text }) => {
    const formatted = formatter(text).text
    if (formatted.includes(text)) return []
    return [
      `${path}: the rule for ${text} finds nothing: the formatter makes it ${JSON.stringify(formatted)}`,
    ]
  })
}

function isAmong(known: readonly Dictionary[], id: unknown): boolean {
  return known.some(dictionary => dictionary.id === id)
}

/** Dictionaries whose rules are there, and those that are named by their ids. */
function readDictionaries(
  voice: AssistantVoice,
  path: string,
): { known: Dictionary[]; named: NamedDictionary[] } {
  const known: Dictionary[] = []
  const named: NamedDictionary[] = []
  for (const { pronunciationDictionaryId: id } of voice.pronunciationDictionaryLocators ?? [])
    named.push({ id, field: 'pronunciationDictionaryLocators' })
  if (voice.pronunciationDictId !== undefined)
    named.push({ id: voice.pronunciationDictId, field: 'pronunciationDictId' })
  const own = [voice.pronunciationDictionary ?? []].flat()
  for (const [place, entry] of own.entries()) {
    const dictionary = readDictionary(entry, `${path}.pronunciationDictionary[${place}]`)
    if (dictionary !== null) known.push(dictionary)
    else if (typeof entry.pronunciationDictId === 'string')
      named.push({ id: entry.pronunciationDictId, field: 'pronunciationDictionary' })
  }
  return { known, named }
}

/**
 * A dictionary in any of its forms: `{name, rules}`, Cartesia's `{name, items}`, or as the API answers, with these at the
 * top or inside `resource`; null where there are no rules in it. Throws a usage error for a faulty rule.
 */
function readDictionary(document: Json, path: string): Dictionary | null {
  const inner = isObject(document.resource) ? document.resource : document
  const rules = inner.rules ?? inner.items
  if (!Array.isArray(rules)) return null
  const id = [document, inner].flatMap(({ pronunciationDictionaryId, resourceId, id: own }) =>
    [pronunciationDictionaryId, resourceId, own].filter(value => typeof value === 'string'),
  )[0]
  return { id: id ?? null, rules: rules.map((rule, place) => readRule(rule, `${path}.rules[${place}]`)) }
}

function readRule(rule: unknown, path: string): PronunciationRule {
  if (!isObject(rule)) throw usageError(`${path} is not an object`)
  const text = rule.stringToReplace ?? rule.string_to_replace ?? rule.text
  if (typeof text !== 'string' || text === '') throw usageError(`${path}.stringToReplace is not a text`)
  const type = rule.type ?? (rule.alias === undefined ? 'phoneme' : 'alias')
  if (type === 'alias') {
    if (typeof rule.alias !== 'string') throw usageError(`${path}.alias is not a text`)
    return { type, text, alias: rule.alias }
  }
  if (type !== 'phoneme') throw usageError(`${path}.type is not phoneme or alias`)
  if (typeof rule.phoneme !== 'string' || rule.phoneme.trim() === '')
    throw usageError(`${path}.phoneme is not a text`)
  const { alphabet } = rule
  if (!isAlphabet(alphabet)) throw usageError(`${path}.alphabet is not ipa or cmu-arpabet`)
  return { type, text, phonemes: rule.phoneme, alphabet }
}

function isAlphabet(value: unknown): value is PhonemeAlphabet {
  return value === 'ipa' || value === 'cmu-arpabet'
}

/**
 * The voice's settings as its provider takes them: without our own form of dictionaries, with SSML switched on for them.
 * A dictionary whose rules are here is not named to the provider too: it would be applied twice.
 */
export function providerSettings(
  provider: string,
  settings: Readonly<Record<string, unknown>>,
  { ssml }: VoiceMarkup,
): Readonly<Record<string, unknown>> {
  const { pronunciationDictionary, pronunciationDictionaryLocators, pronunciationDictId, ...rest } = settings
  const entries = [pronunciationDictionary ?? []].flat().filter(isObject)
  const known = entries.flatMap(entry => readDictionary(entry, 'pronunciationDictionary') ?? [])
  const named = entries.filter(entry => entry.rules === undefined && entry.items === undefined)
  const locators = [pronunciationDictionaryLocators ?? []]
    .flat()
    .filter(locator => isObject(locator) && !isAmong(known, locator.pronunciationDictionaryId))
  return {
    ...rest,
    ...(named.length > 0 && { pronunciationDictionary: named }),
    ...(locators.length > 0 && { pronunciationDictionaryLocators: locators }),
    ...(pronunciationDictId !== undefined && !isAmong(known, pronunciationDictId) && { pronunciationDictId }),
    ...(provider === '11labs' && ssml && { enableSsmlParsing: true }),
  }
}
