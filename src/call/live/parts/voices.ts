import type { CompiledAssistant } from '../../../assistant/compile.ts'
import { atCallRate } from '../../../audio/plane/voice-rate.ts'
import type { Clock } from '../../../engine/ports/clock.ts'
import { createSimulatedVoice } from '../../../engine/ports/voice.simulated.ts'
import type { Voice } from '../../../engine/ports/voice.ts'
import { usageError, VapiError } from '../../../errors.ts'
import type { FliteEngine } from '../../../providers/embedded/flite-engine.ts'
import { FLITE_VOICES } from '../../../providers/embedded/flite-sound.ts'
import { createSherpaVoice } from '../../../providers/sherpa-voice/sherpa-voice.ts'
import { findVendor, resolveAccess, withOrigin } from '../../../providers/vendors.ts'
import { VOICES } from '../../../providers/voices/table.ts'
import { UNAVAILABLE_VOICES } from '../../../providers/voices/unavailable.ts'
import { withMarkup } from '../../speech/voice-markup.ts'
import { withAdvice } from './advice.ts'
import type { Environment } from './choices.ts'
import { type CustomVoiceSurroundings, customVoice } from './custom-voice.ts'

/** How long a silent voice speaks: the pace of people. */
const CHARACTERS_PER_SECOND = 15

/** What voices are made with. */
export interface VoiceSurroundings extends CustomVoiceSurroundings {
  flite: FliteEngine
  env: Environment
  clock: Clock
  /** A voice that loads a model begins with it at once. */
  preload?: boolean
}

/**
 * The voices of the plan in their order. One that cannot be had here (no adapter, no key) fails when it is its turn, so
 * that the fallback plan goes on; where none can be had, throws what keeps the first from speaking.
 */
export function selectVoices(compiled: CompiledAssistant, surroundings: VoiceSurroundings): Voice[] {
  const faults: unknown[] = []
  const voices = compiled.plan.voice.voices.map(({ name }, place) => {
    const markup = compiled.voiceMarkup[place]
    try {
      return withMarkup(createVoice(name, place, compiled, { ...surroundings, preload: true }), markup)
    } catch (error) {
      faults.push(error)
      return missingVoice(name, error)
    }
  })
  if (faults.length === voices.length) throw faults[0]
  return voices
}

/** One voice of the plan, by its place. Opens nothing. Throws VapiError where it cannot be had. */
export function createVoice(
  name: string,
  place: number,
  { voiceSettings, configuration, plan }: CompiledAssistant,
  surroundings: VoiceSurroundings,
): Voice {
  const { flite, http, env, clock } = surroundings
  const settings = voiceSettings[place] ?? {}
  const [id = '', ...rest] = name.split('/')
  const voiceId = rest.join('/') || 'default'
  if (id === 'silent')
    return createSimulatedVoice({ name, latencyMs: 0, charactersPerSecond: CHARACTERS_PER_SECOND, clock })
  if (id === 'embedded') {
    const voice = voiceId === 'default' ? 'slt' : FLITE_VOICES.find(known => known === voiceId)
    if (voice === undefined)
      throw usageError(`there is no embedded voice ${voiceId}`, `there are ${FLITE_VOICES.join(', ')}`)
    return atCallRate(flite.voice({ voice }))
  }
  if (id === 'sherpa-onnx')
    return atCallRate(
      createSherpaVoice({
        name,
        voiceId: rest.join('/'),
        env,
        cwd: process.cwd(),
        preload: surroundings.preload === true && place === 0,
      }),
    )
  if (id === 'custom-voice') {
    const own = {
      name,
      voiceId: rest.length === 0 || voiceId === 'default' ? null : voiceId,
      settings,
      path: place === 0 ? 'voice' : `voice.fallbackPlan.voices[${place - 1}]`,
      credentials: configuration.credentials,
    }
    return atCallRate(customVoice(own, surroundings))
  }
  const provider = VOICES.find(known => known.id === id)
  const vendor = findVendor(id)
  if (provider === undefined || vendor === undefined)
    throw usageError(
      `the voice ${name} does not run in a local call${reasonOf(id)}`,
      `--voice PROVIDER/VOICE takes another: embedded or sherpa-onnx/NAME (on this machine), custom-voice (a server of yours), ${VOICES.map(known => known.id).join(', ')}; voice.fallbackPlan may name one too`,
    )
  const access = withAdvice(
    () => resolveAccess(vendor, env, provider.baseUrl),
    'or --voice embedded for a voice of this machine, --offline for everything of it',
  )
  const language = plan.language === 'multi' ? null : plan.language
  const told = withOrigin(vendor, access)
  return atCallRate(provider.create({ vendor: told, access, http, name, voiceId, settings, language }))
}

function reasonOf(id: string): string {
  return Object.hasOwn(UNAVAILABLE_VOICES, id) ? `: ${UNAVAILABLE_VOICES[id]}` : ''
}

/** Stands in the place of a voice that cannot be had. */
function missingVoice(name: string, reason: unknown): Voice {
  return {
    name,
    capabilities: { wordTiming: false },
    speak: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(notAvailable(name, reason)) }),
    }),
    close: async () => {},
  }
}

function notAvailable(name: string, cause: unknown): VapiError {
  const message =
    cause instanceof VapiError ? cause.message : `the voice ${name} does not run in a local call`
  return new VapiError({ code: 'voice-not-available', message, cause })
}
