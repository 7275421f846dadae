/** Assistants of a call that listen, think and speak by one realtime session each. */
import type { CompiledAssistant } from '../../../assistant/compile.ts'
import { geminiGeneration } from '../../../assistant/realtime-gemini.ts'
import type { AudioOutput } from '../../../engine/ports/audio-output.ts'
import type { LanguageModel } from '../../../engine/ports/language-model.ts'
import type { Transcriber } from '../../../engine/ports/transcriber.ts'
import type { Voice } from '../../../engine/ports/voice.ts'
import { usageError } from '../../../errors.ts'
import type { HttpClient } from '../../../net/http.ts'
import { findModelProvider } from '../../../providers/models/table.ts'
import { resolveModelAccess } from '../../../providers/models/vendor.ts'
import { createRealtimeEar, type RealtimeEar } from '../../../providers/realtime/ear.ts'
import { createGeminiSession } from '../../../providers/realtime/gemini-session.ts'
import { createHeardMarks } from '../../../providers/realtime/marks.ts'
import { createRealtimeModel, createWritingModel } from '../../../providers/realtime/model.ts'
import { currentForm, previewForm } from '../../../providers/realtime/openai-form.ts'
import { createRealtimeSession, type RealtimeSession } from '../../../providers/realtime/session.ts'
import { createRealtimeVoice } from '../../../providers/realtime/voice.ts'
import { withAdvice } from './advice.ts'
import type { Environment } from './choices.ts'

/** What an assistant thinks and speaks with. */
export interface RealtimeParts {
  models: LanguageModel[]
  /** Null where nobody hears it. */
  voices: Voice[] | null
  /** Who is asked beside the conversation, after the call. */
  analysts: LanguageModel[]
}

/** The realtime sessions of a call. */
export interface RealtimeCall {
  /** Null for an assistant without a realtime model. Opens nothing. Throws VapiError where it cannot be had. */
  partsOf(compiled: CompiledAssistant, env: Environment): RealtimeParts | null
  /** What listens to the customer where the first assistant is one. */
  transcriberOf(compiled: CompiledAssistant, env: Environment): Transcriber | null
  /** The same output, which tells the sessions what was heard of them. */
  follow(output: AudioOutput): AudioOutput
  /** Takes what the user should know; what came before is told at once. */
  tellWarnings(warn: (message: string) => void): void
  close(): void
}

export function createRealtimeCall(http: HttpClient): RealtimeCall {
  const marks = createHeardMarks()
  const sessions = new Map<
    CompiledAssistant,
    { session: RealtimeSession; inWriting: () => RealtimeSession }
  >()
  let ear: RealtimeEar | null = null
  let early: string[] = []
  let warn = (message: string): void => void early.push(message)

  function sessionOf(compiled: CompiledAssistant, env: Environment) {
    const known = sessions.get(compiled)
    if (known !== undefined) return known
    const made = sessionsOf(compiled, env, http, message => warn(message))
    sessions.set(compiled, made)
    return made
  }

  return {
    partsOf(compiled, env) {
      const [name] = compiled.plan.model.models.map(model => model.name)
      if (compiled.realtime === null || name === undefined) return null
      const { session, inWriting } = sessionOf(compiled, env)
      const model = createRealtimeModel(name, session, message => warn(message))
      return {
        models: [
          {
            name,
            respond(...asked) {
              // Whoever speaks listens, too.
              ear?.listenWith(session)
              return model.respond(...asked)
            },
          },
        ],
        voices:
          session.settings.voice === null
            ? null
            : compiled.plan.voice.voices.map(voice => createRealtimeVoice(voice.name, session, marks)),
        analysts: [createWritingModel(name, inWriting)],
      }
    },
    transcriberOf(compiled, env) {
      const [transcriber] = compiled.plan.transcribers
      if (compiled.realtime === null || transcriber === undefined) return null
      ear ??= createRealtimeEar(transcriber.name, sessionOf(compiled, env).session)
      return ear
    },
    follow: output => (sessions.size === 0 ? output : marks.follow(output)),
    tellWarnings(given) {
      warn = given
      for (const message of early) warn(message)
      early = []
    },
    close() {
      for (const { session } of sessions.values()) session.close()
    },
  }
}

/** The session of an assistant, and how another one is made for what is asked in writing. Opens nothing. */
function sessionsOf(
  { plan, models, voiceSettings, transcriber, configuration, realtime }: CompiledAssistant,
  env: Environment,
  http: HttpClient,
  warn: (message: string) => void,
): { session: RealtimeSession; inWriting: () => RealtimeSession } {
  const [compiled] = models
  const provider = findModelProvider(realtime?.provider ?? '')
  if (compiled === undefined || provider === undefined || realtime === null)
    throw usageError(
      `the realtime model ${realtime?.name} of ${realtime?.provider} does not run in a local call`,
      'use gpt-realtime-2025-08-28 of openai, or a model that writes',
    )
  const access = withAdvice(
    () => resolveModelAccess(provider.vendor, env, compiled.url ?? undefined),
    'or --model with another model, --offline for what runs on this machine, vapi call demo for a call without a key',
  )
  const { model, maxTokens } = compiled
  const temperature = configuration.model?.temperature === undefined ? null : compiled.temperature
  const [voice] = plan.voice.voices
  const [voiceProvider, voiceId = ''] = voice?.name.split('/') ?? []
  const { speed } = voiceSettings[0] ?? {}
  const language = configuration.transcriber?.language === undefined ? null : languageOf(transcriber.language)
  const common = {
    context: { vendor: provider.vendor, model, ...access },
    http,
    prompts: plan.model.systemMessages,
    warn,
  }
  const settings = {
    model,
    instructions: plan.model.systemMessages.join('\n\n'),
    tools: plan.model.tools,
    voice:
      voiceProvider === 'silent'
        ? null
        : { voiceId, ...(typeof speed === 'number' && { speed: Math.min(1.5, Math.max(0.25, speed)) }) },
    transcription: {
      model: transcriber.model ?? 'gpt-4o-transcribe',
      ...(language !== null && { language }),
    },
    // An answer that is spoken has many tokens: without a limit of the user's there is none.
    ...(configuration.model?.maxTokens !== undefined && { maxTokens }),
  }
  const silently = { ...settings, voice: null, transcription: null }
  if (realtime.form === 'gemini') {
    const generation = geminiGeneration(configuration)
    const make = (own: typeof settings | typeof silently) =>
      createGeminiSession({ ...common, settings: { ...own, temperature, generation } })
    return { session: make(settings), inWriting: () => make(silently) }
  }
  const form = realtime.form === 'preview' ? previewForm : currentForm
  const make = (own: typeof settings | typeof silently) =>
    createRealtimeSession({ ...common, form, temperature, settings: own })
  return { session: make(settings), inWriting: () => make(silently) }
}

/** As the session takes it; null where it is to find it out. */
function languageOf(language: string): string | null {
  return /^multi/i.test(language) ? null : (language.split('-')[0]?.toLowerCase() ?? null)
}
