/**
 * The values of `endedReason` that a call of today may end with: the API's enum without its older spellings of faults
 * (`pipeline-error-…`), but for those that have no newer one. Reference: vapi-api.md 2.4, a grammar of the document's list.
 */

const words = (text: string): string[] => text.trim().split(/\s+/)

export const modelProviders =
  words(`vapi openai azure-openai google xai baseten mistral minimax inflection-ai deep-seek
  groq cerebras anthropic anthropic-bedrock anthropic-vertex together-ai anyscale openrouter perplexity-ai deepinfra
  runpod custom-llm`)

export const voiceProviders =
  words(`openai cartesia deepgram eleven-labs playht lmnt azure rime-ai smallest-ai vapi
  neuphonic hume sesame inworld minimax wellsaid xai microsoft`)

export const transcriberProviders =
  words(`vapi deepgram gladia speechmatics assembly-ai talkscriber azure-speech
  eleven-labs google openai soniox xai cartesia custom`)

/** Statuses of a model that have an end of their own, and whose fault they are. */
export const modelStatuses: readonly [
  status: number,
  fault: 'vapifault' | 'providerfault',
  suffix: string,
][] = [
  [400, 'vapifault', '400-bad-request-validation-failed'],
  [401, 'vapifault', '401-unauthorized'],
  [403, 'vapifault', '403-model-access-denied'],
  [429, 'vapifault', '429-exceeded-quota'],
  [500, 'providerfault', '500-server-error'],
  [503, 'providerfault', '503-server-overloaded-error'],
]

/** Those that ElevenLabs’ own refusals have. */
const elevenLabs = [
  ...words(`invalid-api-key unauthorized-access quota-exceeded voice-not-found max-character-limit-exceeded
  system-busy-and-requested-upgrade blocked-concurrent-requests-and-requested-upgrade`).map(
    reason => `call.in-progress.error-vapifault-eleven-labs-${reason}`,
  ),
  ...[500, 503].map(status => `call.in-progress.error-providerfault-eleven-labs-${status}-server-error`),
]

const plain = words(`assistant-request-failed assistant-request-returned-error
  assistant-request-returned-unspeakable-error assistant-request-returned-invalid-assistant
  assistant-request-returned-no-assistant assistant-request-returned-forwarding-phone-number
  assistant-ended-call assistant-ended-call-after-message-spoken assistant-said-end-call-phrase assistant-forwarded-call
  customer-ended-call silence-timed-out exceeded-max-duration manually-canceled voicemail
  call.in-progress.error-assistant-did-not-receive-customer-audio call.in-progress.error-transfer-failed
  call.in-progress.error-warm-transfer-max-duration call.in-progress.error-warm-transfer-assistant-cancelled
  call.in-progress.error-warm-transfer-silence-timeout call.in-progress.error-warm-transfer-microphone-timeout
  call.forwarding.operator-busy call.forwarding.no-answer customer-ended-call-before-warm-transfer
  customer-ended-call-after-warm-transfer-attempt customer-ended-call-during-transfer
  call.ending.hook-executed-say call.ending.hook-executed-transfer
  call.in-progress.error-vapifault-worker-died pipeline-error-custom-voice-failed`)

const fault = (kind: 'vapifault' | 'providerfault', rest: string) => `call.in-progress.error-${kind}-${rest}`

/** Everything that a local call may end with. */
export const endedReasons: ReadonlySet<string> = new Set([
  ...plain,
  ...elevenLabs,
  ...modelProviders.flatMap(provider => [
    ...modelStatuses.map(([, kind, suffix]) => fault(kind, `${provider}-${suffix}`)),
    fault('providerfault', `${provider}-llm-failed`),
  ]),
  ...['401-incorrect-api-key', '401-account-not-in-organization', '429-rate-limit-reached'].map(suffix =>
    fault('vapifault', `openai-${suffix}`),
  ),
  ...voiceProviders.map(provider => fault('vapifault', `${provider}-voice-failed`)),
  fault('vapifault', 'tavus-video-failed'),
  ...transcriberProviders.map(provider => fault('vapifault', `${provider}-transcriber-failed`)),
])
