/** Deepgram's Aura (developers.deepgram.com, API reference: Single Text Request; Voices and languages): bare samples. */
import { usageError } from '../../errors.ts'
import { createHttpVoice, createPcmReader } from './http-voice.ts'
import type { VoiceProvider } from './types.ts'

/** The rate of a call: nothing to convert. */
const SAMPLE_RATE = 16_000

/** Languages of the voices that are not English; a voice is asked for as `aura-2-NAME-LANGUAGE`. */
const NAMES_BY_LANGUAGE: Readonly<Record<string, string>> = {
  de: 'aurelia elara fabian julius kara lara viktoria',
  es: 'agustina alvaro antonia aquila carina celeste diana estrella gloria javier luciano nestor olivia selena silvia sirio valerio',
  fr: 'agathe hector',
  it: 'cesare cinzia demetra dionisio elio flavio livia maia melia',
  ja: 'ama ebisu fujin izanami uzume',
  nl: 'beatrix cornelia daphne hestia lars leda rhea roman sander',
}

export const deepgram: VoiceProvider = {
  id: 'deepgram',
  proof: { by: 'client-library', name: '@deepgram/sdk' },
  // Under 200 (deepgram.com/learn: Engineering real-time, low-latency voice AI at scale).
  typicalMs: 200,
  create({ name, vendor, access, http, voiceId }) {
    if (voiceId === 'default')
      throw usageError('a voice of Deepgram is named', 'name one: --voice deepgram/thalia, or voice.voiceId')
    return createHttpVoice({
      name,
      http,
      context: { vendor, stage: 'voice', key: access.key },
      request: ({ text, settings: { model, mipOptOut } }) => {
        const query = new URLSearchParams({
          model: modelName(voiceId, model),
          encoding: 'linear16',
          container: 'none',
          sample_rate: String(SAMPLE_RATE),
          ...(mipOptOut === true && { mip_opt_out: 'true' }),
        })
        return {
          method: 'POST',
          url: `${access.baseUrl}/v1/speak?${query}`,
          headers: {
            'content-type': 'application/json',
            ...(access.key !== null && { authorization: `Token ${access.key}` }),
          },
          body: JSON.stringify({ text }),
        }
      },
      reader: () => createPcmReader(SAMPLE_RATE),
    })
  },
}

/** What Deepgram calls a voice of the API: `asteria` is `aura-2-asteria-en`. A name in full stays as it is. */
export function modelName(voiceId: string, model: unknown = 'aura-2'): string {
  if (/^aura-/.test(voiceId)) return voiceId
  const language = Object.keys(NAMES_BY_LANGUAGE).find(code =>
    NAMES_BY_LANGUAGE[code]?.split(' ').includes(voiceId),
  )
  return `${String(model)}-${voiceId}-${language ?? 'en'}`
}
