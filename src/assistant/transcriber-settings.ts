import type { Json } from './overrides.ts'

/** What Speechmatics takes as `max_delay`, in milliseconds (its Realtime API reference). */
const SPEECHMATICS_DELAY_MS = [700, 4000] as const

/**
 * Settings of a transcriber that a local call does not honour as they stand, as warnings. `place` is where the transcriber
 * stands in the assistant.
 */
export function transcriberSettingWarnings(transcriber: Json, place: string): string[] {
  const { provider, model } = transcriber
  const warnings: string[] = []
  if (provider === '11labs' && typeof model === 'string' && !model.includes('realtime'))
    warnings.push(
      `${place}.model ${model} transcribes whole recordings alone: scribe_v2_realtime listens in a local call`,
    )
  if (provider === 'gladia') {
    if (model === 'fast' || model === 'accurate')
      warnings.push(
        `${place}.model ${model} is of Gladia's first API: its usual model listens in a local call`,
      )
    if (transcriber.prosody === true)
      warnings.push(`${place}.prosody is of Gladia's first API: it has no effect in a local call`)
  }
  if (provider === 'speechmatics') {
    if (transcriber.numeralStyle === 'spoken')
      warnings.push(`${place}.numeralStyle spoken has no effect in a local call: numbers come as digits`)
    const { maxDelay } = transcriber
    const [shortest, longest] = SPEECHMATICS_DELAY_MS
    if (typeof maxDelay === 'number' && (maxDelay < shortest || maxDelay > longest))
      warnings.push(
        `${place}.maxDelay is from ${shortest} to ${longest} for Speechmatics: ${maxDelay} counts as ${Math.min(longest, Math.max(shortest, maxDelay))}`,
      )
  }
  if (WITHOUT_MODELS.includes(String(provider)) && typeof model === 'string' && model !== 'default')
    warnings.push(`${place}.model ${model} has no effect: ${provider} is asked for no model by its name`)
  if (provider === 'cartesia' && /^ink-(?!whisper)/.test(String(model)))
    warnings.push(...englishAlone(transcriber, place, String(model), 'ink-whisper takes others'))
  if (provider === 'deepgram') warnings.push(...deepgramWarnings(transcriber, place))
  if (provider === 'assembly-ai') warnings.push(...assemblyWarnings(transcriber, place))
  return warnings
}

/** Their models are chosen by other settings, or there is one alone. */
const WITHOUT_MODELS: readonly string[] = ['azure', 'speechmatics', 'xai']

/** For a model that understands English alone (Cartesia: STT models; Deepgram: Flux feature overview; AssemblyAI: Models). */
function englishAlone({ language }: Json, place: string, model: string, others: string): string[] {
  if (typeof language !== 'string' || /^en\b/i.test(language)) return []
  return [`${place}.language ${language} has no effect: ${model} understands English alone, ${others}`]
}

/** Deepgram's documentation: Keywords, Keyterm Prompting, Flux feature overview. */
function deepgramWarnings(transcriber: Json, place: string): string[] {
  const { model, redaction } = transcriber
  const name = typeof model === 'string' ? model : 'nova-3'
  const isFlux = name.startsWith('flux')
  const warnings: string[] = []
  if (isFilled(transcriber.keywords))
    if (isFlux) warnings.push(`${place}.keywords have no effect with ${name}: keyterm takes words for it`)
    else if (name.startsWith('nova-3'))
      warnings.push(
        `${place}.keywords go to ${name} as key terms: their boosts have no effect, and words that they suppress are left out`,
      )
  if (isFilled(transcriber.keyterm) && !isFlux && !name.startsWith('nova-3'))
    warnings.push(`${place}.keyterm has no effect with ${name}: nova-3 and Flux take key terms`)
  if (isFlux) {
    if (!name.startsWith('flux-general-multi'))
      warnings.push(...englishAlone(transcriber, place, name, 'flux-general-multi takes others'))
    for (const field of ['smartFormat', 'endpointing'])
      if (transcriber[field] !== undefined && transcriber[field] !== false)
        warnings.push(`${place}.${field} has no effect with ${name}`)
    const others = Array.isArray(redaction) ? redaction.filter(kind => kind !== 'numbers') : []
    if (others.length > 0)
      warnings.push(
        `${place}.redaction of ${others.join(', ')} has no effect with ${name}: it redacts numbers`,
      )
  }
  return warnings
}

/** AssemblyAI's documentation: Streaming API (version 3). */
function assemblyWarnings(transcriber: Json, place: string): string[] {
  const warnings = ['endUtteranceSilenceThreshold', 'wordFinalizationMaxWaitTime']
    .filter(field => transcriber[field] !== undefined)
    .map(
      field =>
        `${place}.${field} is of AssemblyAI's former streaming: minEndOfTurnSilenceWhenConfident and maxTurnSilence stand in its place`,
    )
  const model = String(transcriber.model ?? transcriber.speechModel ?? 'universal-streaming-english')
  if (model === 'universal-streaming-english')
    warnings.push(...englishAlone(transcriber, place, model, 'speechModel names models that take others'))
  const other = model.startsWith('universal-streaming')
    ? ['mode', 'prompt', 'agentContext', 'languageCodes']
    : ['endOfTurnConfidenceThreshold', 'formatTurns']
  for (const field of other)
    if (transcriber[field] !== undefined && transcriber[field] !== null)
      warnings.push(`${place}.${field} has no effect with ${model}`)
  if (transcriber.vadAssistedEndpointingEnabled === false)
    warnings.push(
      `${place}.vadAssistedEndpointingEnabled has no effect in a local call: no turn ends while the customer is heard`,
    )
  return warnings
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}
