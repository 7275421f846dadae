import { isObject } from '../is-object.ts'
import type { Json } from './overrides.ts'

/**
 * The settings of voices that a local call hands on, by provider (API: voices). Providers that are not in it take what
 * they know, and nothing is told of the rest.
 */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  '11labs': [
    'model',
    'language',
    'stability',
    'similarityBoost',
    'style',
    'speed',
    'useSpeakerBoost',
    'optimizeStreamingLatency',
  ],
  azure: ['speed'],
  cartesia: ['model', 'language', 'generationConfig'],
  'custom-voice': ['server'],
  deepgram: ['model', 'mipOptOut'],
  hume: ['model', 'isCustomHumeVoice', 'description'],
  inworld: ['model', 'languageCode', 'temperature', 'speakingRate'],
  lmnt: ['language', 'temperature', 'topP'],
  microsoft: ['speed', 'style', 'styleDegree', 'role'],
  minimax: [
    'model',
    'emotion',
    'pitch',
    'speed',
    'volume',
    'region',
    'languageBoost',
    'textNormalizationEnabled',
  ],
  neuphonic: ['model', 'language', 'speed'],
  openai: ['model', 'instructions', 'speed'],
  playht: [
    'model',
    'speed',
    'temperature',
    'emotion',
    'voiceGuidance',
    'styleGuidance',
    'textGuidance',
    'language',
  ],
  'rime-ai': [
    'model',
    'speed',
    'pauseBetweenBrackets',
    'phonemizeBetweenBrackets',
    'reduceLatency',
    'inlineSpeedAlpha',
    'language',
  ],
  'smallest-ai': ['model', 'speed'],
  xai: ['language', 'speed'],
}

/** Told elsewhere: dictionaries with markup, speeds that a provider does not know with speeds. */
const ELSEWHERE = new Set([
  'cachingEnabled',
  'enableSsmlParsing',
  'pronunciationDictionary',
  'pronunciationDictionaryLocators',
  'pronunciationDictId',
])

/** What the user should know of the settings of a voice: those that do nothing in a local call. */
export function voiceSettingWarnings(provider: string, settings: Json, path: string): string[] {
  if (!Object.hasOwn(TAKEN, provider)) return []
  const warnings = Object.keys(settings)
    .filter(name => isSet(settings[name]) && !ELSEWHERE.has(name) && !TAKEN[provider]?.includes(name))
    .map(name => `${path}.${name} has no effect with voices of ${provider} in a local call`)
  if (provider === 'smallest-ai' && settings.model === 'lightning')
    warnings.push(
      `${path}.model lightning is no longer there at Smallest AI; its usual model speaks in a local call`,
    )
  if (provider === 'rime-ai' && settings.reduceLatency === true && !/^mist/.test(String(settings.model)))
    warnings.push(`${path}.reduceLatency has an effect with the mist models of Rime alone`)
  return [...warnings, ...(SPECIAL[provider]?.(settings) ?? []).map(text => `${path}.${text}`)]
}

/** Settings that depend on others. */
const SPECIAL: Readonly<Record<string, (settings: Json) => string[]>> = {
  // Which models take a language: ElevenLabs, Models; dictionaries: Stream speech with timing.
  '11labs'({ model = 'eleven_turbo_v2', language, pronunciationDictionaryLocators: locators }) {
    const takesLanguage = /^eleven_((turbo|flash)_v2_5|v3)$/.test(String(model))
    return [
      ...(language !== undefined && !takesLanguage
        ? [
            `language has no effect with ${model}; eleven_turbo_v2_5, eleven_flash_v2_5 and eleven_v3 take one`,
          ]
        : []),
      ...(Array.isArray(locators) && locators.length > 3
        ? ['pronunciationDictionaryLocators: ElevenLabs takes three at most and refuses more']
        : []),
    ]
  },
  // Volume, speed and emotion; Custom pronunciations.
  cartesia({ model = 'sonic-3', generationConfig, pronunciationDictId }) {
    const takesBoth = /^sonic-(3|latest)/.test(String(model))
    return [
      ...(generationConfig !== undefined && !takesBoth
        ? [`generationConfig has no effect with ${model}; sonic-3 and later take it`]
        : []),
      ...(isObject(generationConfig) && generationConfig.experimental !== undefined
        ? ['generationConfig.experimental has no effect in a local call']
        : []),
      ...(pronunciationDictId !== undefined && !takesBoth
        ? [`pronunciationDictId has no effect with ${model}; sonic-3 and later take it`]
        : []),
    ]
  },
  // Create speech.
  openai: ({ model, instructions }) =>
    instructions !== undefined && /^tts-1/.test(String(model))
      ? [`instructions have no effect with ${model}; gpt-4o-mini-tts takes them`]
      : [],
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false
}
