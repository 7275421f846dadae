import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { ModelSettings, TranscriberSettings } from '../../assistant/fallbacks.ts'
import type { Json } from '../../assistant/overrides.ts'
import { atCallRate } from '../../audio/plane/voice-rate.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { LanguageModel } from '../../engine/ports/language-model.ts'
import type { Transcriber } from '../../engine/ports/transcriber.ts'
import { createSimulatedVoice } from '../../engine/ports/voice.simulated.ts'
import type { Voice } from '../../engine/ports/voice.ts'
import { Exit, usageError, VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { HttpClient } from '../../net/http.ts'
import type { FliteEngine } from '../../providers/embedded/flite-engine.ts'
import { FLITE_VOICES } from '../../providers/embedded/flite-sound.ts'
import { customLlmRequests } from '../../providers/openai-compatible/custom-llm.ts'
import { findLocalServer } from '../../providers/openai-compatible/local-server.ts'
import { createOpenAiModel } from '../../providers/openai-compatible/model.ts'
import {
  findOpenAiProvider,
  OPENAI_PROVIDERS,
  resolveOpenAiProvider,
} from '../../providers/openai-compatible/providers.ts'
import { findLocalRecogniser, recogniserAdvice } from '../../providers/recognisers/local-recognisers.ts'
import { withMarkup } from '../speech/voice-markup.ts'

export type Environment = NodeJS.ProcessEnv

/** What the user chose in place of the assistant's own providers: `PROVIDER` or `PROVIDER/NAME`, or null. */
export interface PartChoices {
  transcriber: string | null
  model: string | null
  voice: string | null
  /** Only what runs on this machine. */
  offline: boolean
  /** False where nobody's sound is to be understood: typed conversations. */
  listening: boolean
}

/** How long a silent voice speaks: the pace of people. */
const CHARACTERS_PER_SECOND = 15

/** Writes the choices into an assistant's configuration; what is replaced is told as warnings. */
export async function applyChoices(
  assistant: Json,
  choices: PartChoices,
  http: HttpClient,
  env: Environment,
  signal: AbortSignal,
): Promise<{ assistant: Json; warnings: string[] }> {
  const warnings: string[] = []
  const chosen: Json = { ...assistant }
  const replace = (part: 'transcriber' | 'model' | 'voice', choice: string, nameKey: string) => {
    const [provider = '', ...rest] = choice.split('/')
    const configured = isObject(chosen[part]) ? chosen[part] : {}
    const { fallbackPlan: _fallbackPlan, fallbackModels: _fallbackModels, url: _url, ...kept } = configured
    chosen[part] = { ...kept, provider, [nameKey]: rest.length > 0 ? rest.join('/') : undefined }
  }
  if (choices.voice !== null) replace('voice', choices.voice, 'voiceId')
  if (choices.transcriber !== null) replace('transcriber', choices.transcriber, 'model')
  if (choices.model !== null) replace('model', choices.model, 'model')
  if (!choices.offline) return { assistant: chosen, warnings }
  if (choices.voice === null && providerOf(chosen.voice) !== 'embedded') {
    warnings.push(`offline: the embedded voice speaks in place of ${nameOf(chosen.voice)}`)
    replace('voice', 'embedded/slt', 'voiceId')
  }
  if (
    choices.listening &&
    choices.transcriber === null &&
    !isLocalTranscriber(providerOf(chosen.transcriber))
  ) {
    warnings.push(`offline: a local recogniser listens in place of ${nameOf(chosen.transcriber)}`)
    replace('transcriber', 'local', 'model')
  }
  if (!isLocalModel(chosen.model)) {
    const server = await findLocalServer(http, env, signal)
    if (server === null) {
      throw new VapiError({
        code: 'no-local-model',
        message: `offline, and no language model answers on this machine in place of ${nameOf(chosen.model)}`,
        exit: Exit.usage,
        hint: 'start Ollama, LM Studio or llama.cpp at its usual address, or see vapi call demo --help for a scripted model',
      })
    }
    warnings.push(
      `offline: ${server.provider.id}/${server.model} answers in place of ${nameOf(chosen.model)}`,
    )
    replace('model', `${server.provider.id}/${server.model}`, 'model')
  }
  return { assistant: chosen, warnings }
}

/** True for the address of a server on this machine. */
export function isLoopback(address: string): boolean {
  return URL.canParse(address) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname)
}

function providerOf(part: unknown): string | null {
  return isObject(part) && typeof part.provider === 'string' ? part.provider : null
}

function nameOf(part: unknown): string {
  const name = isObject(part) ? (part.voiceId ?? part.model) : undefined
  const provider = providerOf(part) ?? 'the default'
  return typeof name === 'string' ? `${provider}/${name}` : provider
}

function isLocalTranscriber(provider: string | null): boolean {
  return provider === 'local' || provider === 'pocketsphinx' || provider === 'sherpa-onnx'
}

function isLocalModel(model: unknown): boolean {
  const provider = providerOf(model)
  if (OPENAI_PROVIDERS.find(({ id }) => id === provider)?.local) return true
  return isObject(model) && typeof model.url === 'string' && isLoopback(model.url)
}

/**
 * The model that the assistant names, then its fallbacks: others of the same provider. Throws VapiError where they cannot
 * be had: no adapter, no key, no address.
 */
export function selectModels(
  compiled: CompiledAssistant,
  http: HttpClient,
  env: Environment,
  call: () => unknown,
): LanguageModel[] {
  return compiled.models.map(settings => createModel(settings, http, env, compiled.configuration, call))
}

function createModel(
  { provider: id, model, url, temperature, maxTokens }: ModelSettings,
  http: HttpClient,
  env: Environment,
  configuration: Json,
  call: () => unknown,
): LanguageModel {
  const provider = findOpenAiProvider(id)
  if (provider === undefined) {
    throw usageError(
      `the model provider ${id} does not run in a local call`,
      `use --model with one of ${OPENAI_PROVIDERS.map(known => known.id).join(', ')}`,
    )
  }
  const { baseUrl, key } = resolveWithAdvice(provider, env, url ?? undefined)
  const custom = id === 'custom-llm' ? customLlmRequests(configuration, call) : null
  return createOpenAiModel({
    provider,
    model,
    baseUrl,
    key,
    http,
    settings: {
      temperature,
      maxTokens,
      ...(custom !== null && { headers: custom.headers, firstTokenMs: custom.firstTokenMs }),
    },
    ...(custom !== null && { extraBody: custom.extraBody }),
  })
}

/** The same, where a missing key is told with what works without it. */
function resolveWithAdvice(...given: Parameters<typeof resolveOpenAiProvider>) {
  try {
    return resolveOpenAiProvider(...given)
  } catch (error) {
    if (!(error instanceof VapiError) || error.code !== 'model-key-missing') throw error
    const { code, message, exit, endedReason, hint } = error
    throw new VapiError({
      code,
      message,
      exit,
      ...(endedReason !== undefined && { endedReason }),
      hint: `${hint}; or --model ollama/llama3.2 for another model, --offline for what runs on this machine, vapi call demo for a call without a key`,
    })
  }
}

/**
 * The voices of the plan in their order. A voice that does not run here fails when it is its turn, so that the
 * fallback plan goes on; throws a usage error where none of them runs.
 */
export function selectVoices(compiled: CompiledAssistant, flite: FliteEngine, clock: Clock): Voice[] {
  const names = compiled.plan.voice.voices.map(({ name }) => name)
  const voices = names.map(name => createVoice(name, flite, clock))
  if (voices.every(voice => voice === null)) {
    throw usageError(
      `the voice ${names.join(', ')} does not run in a local call`,
      'use --voice embedded, or --offline to use everything that runs on this machine',
    )
  }
  return voices.map((voice, place) =>
    voice === null ? missingVoice(names[place] ?? '') : withMarkup(voice, compiled.voiceMarkup[place]),
  )
}

function createVoice(name: string, flite: FliteEngine, clock: Clock): Voice | null {
  const [provider, id = 'default'] = name.split('/')
  if (provider === 'silent') {
    return createSimulatedVoice({ name, latencyMs: 0, charactersPerSecond: CHARACTERS_PER_SECOND, clock })
  }
  if (provider !== 'embedded') return null
  const voice = id === 'default' ? 'slt' : FLITE_VOICES.find(known => known === id)
  if (voice === undefined)
    throw usageError(`there is no embedded voice ${id}`, `there are ${FLITE_VOICES.join(', ')}`)
  return atCallRate(flite.voice({ voice }))
}

function missingVoice(name: string): Voice {
  return {
    name,
    capabilities: { wordTiming: false },
    speak: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(notAvailable(name)) }),
    }),
    close: async () => {},
  }
}

/**
 * The recognisers that the assistant or the user names, in the order of the plan. One that does not run here fails when it
 * is its turn, so that the fallback plan goes on; where none of them runs, throws a usage error that says what to
 * install or to set.
 */
export async function selectTranscribers(
  { transcribers, plan }: CompiledAssistant,
  env: Environment,
): Promise<Transcriber[]> {
  let fault: unknown = null
  const found = await Promise.all(
    transcribers.map(settings =>
      createTranscriber(settings, env).catch(error => {
        fault ??= error
        return null
      }),
    ),
  )
  if (found.every(transcriber => transcriber === null)) throw fault
  return found.map(
    (transcriber, place) => transcriber ?? missingTranscriber(plan.transcribers[place]?.name ?? ''),
  )
}

async function createTranscriber(
  { provider, model }: TranscriberSettings,
  env: Environment,
): Promise<Transcriber> {
  if (!isLocalTranscriber(provider)) {
    throw usageError(
      `the transcriber ${provider} does not run in a local call`,
      'use --transcriber local for a recogniser on this machine, or --in text to type',
    )
  }
  const preferred = provider === 'local' ? undefined : model === null ? provider : `${provider}/${model}`
  const found = await findLocalRecogniser(env, preferred)
  if (found === null)
    throw usageError('no speech recogniser is installed on this machine', recogniserAdvice(process.platform))
  return found.create()
}

function missingTranscriber(name: string): Transcriber {
  return {
    name,
    capabilities: { endOfTurn: false, partials: false, languages: 'any' },
    start: () =>
      Promise.reject(
        new VapiError({
          code: 'transcriber-not-available',
          message: `the transcriber ${name} does not run in a local call`,
        }),
      ),
    push: () => {},
    speech: () => {},
    close: async () => {},
  }
}

function notAvailable(voice: string): VapiError {
  return new VapiError({
    code: 'voice-not-available',
    message: `the voice ${voice} does not run in a local call`,
  })
}
