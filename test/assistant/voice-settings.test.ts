import { expect, it } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { compileVoices } from '../../src/assistant/voices.ts'

const warningsOf = (voice: object) => compileVoices(parseAssistant({ voice }, 'test').voice).warnings

it('a setting of a voice that its provider does not get is told, with its place', () => {
  const voice = {
    provider: 'lmnt',
    voiceId: 'leah',
    speed: 1.5,
    language: 'en',
    fallbackPlan: {
      voices: [
        { provider: 'minimax', voiceId: 'x', subtitleType: 'word', pitch: 2, cachingEnabled: true },
        { provider: 'azure', voiceId: 'multilingual-auto', speed: 1.5, style: null },
      ],
    },
  }
  expect(warningsOf(voice)).toEqual([
    'voice.speed has no effect with voices of lmnt in a local call',
    'voice.fallbackPlan.voices[0].subtitleType has no effect with voices of minimax in a local call',
  ])
})

it.each([
  [
    { provider: 'smallest-ai', voiceId: 'emily', model: 'lightning' },
    /^voice\.model lightning is no longer there/,
  ],
  [
    { provider: 'rime-ai', voiceId: 'cove', reduceLatency: true },
    /^voice\.reduceLatency has an effect with the mist/,
  ],
  [{ provider: 'hume', voiceId: 'x', speed: 1.2 }, /^voice\.speed has no effect with voices of hume/],
  [
    { provider: 'openai', voiceId: 'nova', model: 'tts-1', instructions: 'Whisper.' },
    /^voice\.instructions have no effect with tts-1; gpt-4o-mini-tts takes them$/,
  ],
  [
    { provider: '11labs', voiceId: 'a', language: 'de' },
    /^voice\.language has no effect with eleven_turbo_v2; eleven_turbo_v2_5, eleven_flash_v2_5 and eleven_v3 take one$/,
  ],
  [
    { provider: '11labs', voiceId: 'a', autoMode: true },
    /^voice\.autoMode has no effect with voices of 11labs/,
  ],
  [
    {
      provider: '11labs',
      voiceId: 'a',
      pronunciationDictionaryLocators: ['1', '2', '3', '4'].map(id => ({ pronunciationDictionaryId: id })),
    },
    /takes three at most/,
  ],
  [
    { provider: 'cartesia', voiceId: 'a', model: 'sonic-2', generationConfig: { speed: 1.2 } },
    /^voice\.generationConfig has no effect with sonic-2; sonic-3 and later take it$/,
  ],
  [
    { provider: 'cartesia', voiceId: 'a', experimentalControls: { speed: 'fast' } },
    /^voice\.experimentalControls has no effect with voices of cartesia/,
  ],
  [
    { provider: 'cartesia', voiceId: 'a', generationConfig: { experimental: { accentLocalization: 1 } } },
    /^voice\.generationConfig\.experimental has no effect/,
  ],
])('%o is told', (voice, warning) => {
  expect(warningsOf(voice)).toEqual([expect.stringMatching(warning)])
})

it.each([
  { provider: 'rime-ai', voiceId: 'cove', model: 'mistv2', reduceLatency: true, speed: 2 },
  { provider: 'custom-voice', server: { url: 'http://127.0.0.1:1/' } },
  { provider: 'microsoft', voiceId: 'x', style: 'happy', styleDegree: 1, role: 'Girl', speed: 1 },
  { provider: 'playht', voiceId: 'jennifer', emotion: 'female_sad', voiceGuidance: 3, temperature: 1 },
  {
    provider: '11labs',
    voiceId: 'a',
    stability: 0.5,
    style: 0,
    useSpeakerBoost: true,
    enableSsmlParsing: true,
    autoMode: false,
  },
  {
    provider: '11labs',
    voiceId: 'a',
    model: 'eleven_flash_v2_5',
    language: 'de',
    optimizeStreamingLatency: 4,
    similarityBoost: 1,
  },
  {
    provider: 'cartesia',
    voiceId: 'a',
    language: 'en',
    generationConfig: { speed: 1.2, volume: 1, emotion: 'calm' },
  },
  { provider: 'deepgram', voiceId: 'thalia', model: 'aura-2', mipOptOut: true },
  { provider: 'openai', voiceId: 'nova', instructions: 'Whisper.', speed: 2 },
  { provider: 'another', voiceId: 'x', anything: 1 },
])('of %o nothing is told', voice => {
  expect(warningsOf(voice)).toEqual([])
})
