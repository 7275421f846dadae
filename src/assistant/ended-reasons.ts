/** Names of providers in the API's `endedReason` values, where they differ from the provider itself. */
const names: Readonly<Record<string, string>> = {
  '11labs': 'eleven-labs',
  azure: 'azure-speech',
  assembly: 'assembly-ai',
  'custom-transcriber': 'custom',
}

const voices = new Set(
  'openai cartesia deepgram eleven-labs playht lmnt azure rime-ai smallest-ai vapi neuphonic hume sesame inworld minimax wellsaid xai microsoft'.split(
    ' ',
  ),
)
const transcribers = new Set(
  'vapi deepgram gladia speechmatics assembly-ai talkscriber azure-speech eleven-labs google openai soniox xai cartesia custom'.split(
    ' ',
  ),
)

const models = new Set(
  'vapi openai azure-openai google xai baseten mistral minimax inflection-ai deep-seek groq cerebras anthropic anthropic-bedrock anthropic-vertex together-ai anyscale openrouter perplexity-ai deepinfra runpod custom-llm'.split(
    ' ',
  ),
)

/**
 * What ends a call whose model fails without a nearer reason (API: endedReason). Providers that the enum does not know,
 * such as servers on this machine, count as `custom-llm`.
 */
export function modelFailedReason(provider: string): string {
  return `call.in-progress.error-providerfault-${models.has(provider) ? provider : 'custom-llm'}-llm-failed`
}

/** What ends a call whose voice fails (API: endedReason). Providers that the enum does not know count as `vapi`. */
export function voiceFailedReason(provider: string): string {
  if (provider === 'custom-voice') return 'pipeline-error-custom-voice-failed'
  if (provider === 'tavus') return 'call.in-progress.error-vapifault-tavus-video-failed'
  const name = provider === '11labs' ? 'eleven-labs' : provider
  return `call.in-progress.error-vapifault-${voices.has(name) ? name : 'vapi'}-voice-failed`
}

/** What ends a call whose transcriber fails. */
export function transcriberFailedReason(provider: string): string {
  const name = names[provider] ?? provider
  return `call.in-progress.error-vapifault-${transcribers.has(name) ? name : 'vapi'}-transcriber-failed`
}
