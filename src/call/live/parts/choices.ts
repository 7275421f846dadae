/** What the user chose in place of an assistant's own providers. */
import { providerName } from '../../../assistant/legacy.ts'
import type { Json } from '../../../assistant/overrides.ts'
import { Exit, usageError, VapiError } from '../../../errors.ts'
import { isObject } from '../../../is-object.ts'
import type { HttpClient } from '../../../net/http.ts'
import { findLocalServer } from '../../../providers/openai-compatible/local-server.ts'
import { OPENAI_PROVIDERS } from '../../../providers/openai-compatible/providers.ts'

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

/**
 * Settings that mean the same with every provider; null: all do. Others have their name alone in common: `endpointing` is
 * milliseconds for Deepgram and seconds for Gladia, `language` a name for PlayHT and a code for LMNT.
 */
const COMMON_SETTINGS: Readonly<Record<'transcriber' | 'model' | 'voice', readonly string[] | null>> = {
  transcriber: ['language'],
  model: null,
  voice: [
    'speed',
    'chunkPlan',
    'cachingEnabled',
    'enableSsmlParsing',
    'pronunciationDictionary',
    'pronunciationDictionaryLocators',
    'pronunciationDictId',
  ],
}

/** What still matters where nobody hears the voice: what it says, how it is cut, and how long it takes. */
const SILENT_SETTINGS = ['speed', 'chunkPlan', 'enableSsmlParsing', 'pronunciationDictionary']

const PROVIDERS = 'vapi provider-key list shows the providers'
/** What may be written in place of a choice that says nothing. */
const EXAMPLES = {
  transcriber: `for example deepgram/nova-3, or local for a recogniser of this machine; ${PROVIDERS}`,
  model: `for example openai/gpt-4o-mini or ollama/llama3.2; ${PROVIDERS}`,
  voice: `for example 11labs/sarah, or embedded/slt for a voice of this machine; ${PROVIDERS}`,
} as const

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
    const [written = '', ...rest] = choice.split('/')
    if (written.trim() === '' || (rest.length > 0 && rest.join('/').trim() === ''))
      throw usageError(
        `--${part} ${choice.trim() === '' ? 'is empty' : `${choice} does not name a provider and what it is to use`}`,
        EXAMPLES[part],
      )
    const provider = providerName(part, written)
    const configured = isObject(chosen[part]) ? chosen[part] : {}
    const { fallbackPlan: _fallbackPlan, fallbackModels: _fallbackModels, url: _url, ...kept } = configured
    const common =
      kept.provider === provider ? null : provider === 'silent' ? SILENT_SETTINGS : COMMON_SETTINGS[part]
    if (common !== null) {
      const others = Object.keys(kept).filter(name => !common.includes(name))
      for (const name of others) delete kept[name]
      const lost = others.filter(name => name !== 'provider' && name !== 'model' && name !== nameKey)
      // Where nobody hears a voice there is nothing to lose.
      if (lost.length > 0 && provider !== 'silent')
        warnings.push(
          `${part}: ${lost.join(', ')} of ${nameOf(configured)} is not for ${choice} and is left out`,
        )
    }
    chosen[part] = { ...kept, provider, [nameKey]: rest.length > 0 ? rest.join('/') : undefined }
  }
  if (choices.voice !== null) replace('voice', choices.voice, 'voiceId')
  if (choices.transcriber !== null) replace('transcriber', choices.transcriber, 'model')
  if (choices.model !== null) replace('model', choices.model, 'model')
  if (!choices.offline) return { assistant: chosen, warnings }
  for (const [part, isLocal] of [
    ['voice', isLocalVoice],
    ['transcriber', isLocalTranscription],
    ['model', isLocalModel],
  ] as const) {
    if (choices[part] !== null && !isLocal(chosen[part]))
      throw usageError(
        `--offline and --${part} ${choices[part]} do not go together`,
        `leave one of them out: ${nameOf(chosen[part])} is not on this machine`,
      )
  }
  if (!isLocalVoice(chosen.voice)) {
    warnings.push(`offline: the embedded voice speaks in place of ${nameOf(chosen.voice)}`)
    replace('voice', 'embedded/slt', 'voiceId')
  }
  if (choices.listening && !isLocalTranscription(chosen.transcriber)) {
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
  chosen.voice = withoutRemote(chosen.voice, 'voices', isLocalVoice, warnings)
  if (choices.listening)
    chosen.transcriber = withoutRemote(chosen.transcriber, 'transcribers', isLocalTranscription, warnings)
  return { assistant: chosen, warnings }
}

/** The part with the entries of its fallback plan that run on this machine. */
function withoutRemote(
  part: unknown,
  list: 'voices' | 'transcribers',
  isLocal: (part: unknown) => boolean,
  warnings: string[],
): unknown {
  if (!isObject(part) || !isObject(part.fallbackPlan)) return part
  const entries = part.fallbackPlan[list]
  if (!Array.isArray(entries)) return part
  const [here, elsewhere] = [entries.filter(isLocal), entries.filter(entry => !isLocal(entry))]
  if (elsewhere.length === 0) return part
  warnings.push(`offline: ${elsewhere.map(nameOf).join(', ')} of the fallback plan cannot take over`)
  return { ...part, fallbackPlan: { ...part.fallbackPlan, [list]: here } }
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

/** A transcriber or a voice of the user's own on this machine. */
function isServerHere(part: unknown): boolean {
  if (!/^custom-(transcriber|voice)$/.test(providerOf(part) ?? '') || !isObject(part)) return false
  const { server } = part
  return isObject(server) && isLoopback(String(server.url))
}

function isLocalVoice(voice: unknown): boolean {
  return ['embedded', 'silent', 'sherpa-onnx'].includes(providerOf(voice) ?? '') || isServerHere(voice)
}

function isLocalTranscription(transcriber: unknown): boolean {
  return isLocalTranscriber(providerOf(transcriber)) || isServerHere(transcriber)
}

export function isLocalTranscriber(provider: string | null): boolean {
  return provider === 'local' || provider === 'pocketsphinx' || provider === 'sherpa-onnx'
}

function isLocalModel(model: unknown): boolean {
  const provider = providerOf(model)
  if (OPENAI_PROVIDERS.find(({ id }) => id === provider)?.local) return true
  return isObject(model) && typeof model.url === 'string' && isLoopback(model.url)
}
