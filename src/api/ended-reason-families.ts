/** How a call ended, for filters: as calls end, nobody reached, or something broke. */
export type EndedReasonOutcome = 'normal' | 'unanswered' | 'fault'

export interface ReasonFamily {
  family: string
  /** Values of the API, whole or as a pattern. */
  values: readonly (string | RegExp)[]
  outcome: EndedReasonOutcome
  summary: string
  nextStep: string
}

/**
 * The values of `endedReason` that name no provider (75 of 595), and the faults of the platform's own parts.
 * The first family that fits counts.
 */
export const reasonFamilies: readonly ReasonFamily[] = [
  {
    family: 'assistant-missing',
    values: [
      'call-start-error-neither-assistant-nor-server-set',
      'assistant-not-found',
      'assistant-not-valid',
    ],
    outcome: 'fault',
    summary: 'there was no usable assistant for the call',
    nextStep: 'give the call or its phone number an assistant, a squad or a server URL: vapi assistant list',
  },
  {
    family: 'assistant-invalid',
    values: ['call.start.assistant-version-error-validation', 'call.start.error-get-resources-validation'],
    outcome: 'fault',
    summary: 'the assistant or something that it uses is not valid',
    nextStep:
      'check the configuration: vapi assistant get ID > assistant.json, then vapi assistant validate assistant.json',
  },
  {
    family: 'assistant-request',
    values: [/^assistant-request-/],
    outcome: 'fault',
    summary: 'your server was asked for the assistant and gave no usable one',
    nextStep: 'the server must answer assistant-request within 7.5 s with an assistant: vapi logs webhooks',
  },
  {
    family: 'scheduled-call-deleted',
    values: ['scheduled-call-deleted'],
    outcome: 'normal',
    summary: 'the scheduled call was deleted before its time',
    nextStep: 'nothing is wrong; create the call anew if it is still wanted: vapi call create',
  },
  {
    family: 'platform-start',
    values: [/^call\.start\.error-vapifault-/],
    outcome: 'fault',
    summary: 'the platform could not read the account when the call was to start',
    nextStep: 'try again; if it stays, report the call id to the platform’s support',
  },
  {
    family: 'resource-lookup',
    values: [/^call\.start\.error-get-/],
    outcome: 'fault',
    summary: 'something that the call needs could not be found',
    nextStep:
      'check that the assistant, phone number and customer still exist: vapi assistant list, vapi phone list',
  },
  {
    family: 'free-number-limit',
    values: [/^call\.start\.error-vapi-number-/],
    outcome: 'fault',
    summary: 'a free number of the platform may not make this call (calls abroad, or its daily limit)',
    nextStep: 'call from a number that you import: vapi phone create',
  },
  {
    family: 'billing',
    values: [/^call\.start\.error-subscription-/],
    outcome: 'fault',
    summary: 'the subscription does not allow the call (payment, credits or simultaneous calls)',
    nextStep:
      'look at billing and limits in the dashboard, or wait until running calls have ended: vapi call list',
  },
  {
    family: 'call-refused',
    values: ['call.start.error-fraud-check-failed', /^call\.start\.error-enterprise-feature-/],
    outcome: 'fault',
    summary: 'the platform refused the call (fraud check, or a feature that the plan does not have)',
    nextStep: 'ask the platform’s support, or leave the feature out of the assistant',
  },
  {
    family: 'assistant-ended',
    values: [/^assistant-ended-call/, 'assistant-said-end-call-phrase'],
    outcome: 'normal',
    summary: 'the assistant ended the call',
    nextStep:
      'nothing is wrong; if it was too early, look at the endCall tool and endCallPhrases of the assistant',
  },
  {
    family: 'transferred',
    values: ['assistant-forwarded-call', /hook-executed-transfer$/],
    outcome: 'normal',
    summary: 'the call was transferred',
    nextStep:
      'that does not say that somebody answered there; see destination and artifact.transfers: vapi call get ID',
  },
  {
    family: 'assistant-join',
    values: ['assistant-join-timed-out'],
    outcome: 'fault',
    summary: 'the assistant did not get into the call in time',
    nextStep: 'try again; if it stays, report the call id to the platform’s support',
  },
  {
    family: 'customer-ended',
    values: ['customer-ended-call', 'hangup'],
    outcome: 'normal',
    summary: 'the customer hung up',
    nextStep: 'nothing is wrong; to see why, read the conversation: vapi logs calls ID',
  },
  {
    family: 'customer-unreached',
    values: ['customer-busy', 'customer-did-not-answer', 'voicemail'],
    outcome: 'unanswered',
    summary: 'the customer was not reached (busy, no answer, or a voicemail box)',
    nextStep:
      'call again later: vapi call create --at TIME; voicemailDetection decides what happens at a voicemail box',
  },
  {
    family: 'customer-audio',
    values: ['customer-did-not-give-microphone-permission', /assistant-did-not-receive-customer-audio$/],
    outcome: 'fault',
    summary: 'no sound came from the customer (microphone refused, or no audio on the line)',
    nextStep: 'allow the microphone in the browser, or check the audio path of your telephony provider',
  },
  {
    family: 'customer-left-transfer',
    values: [/^customer-ended-call-(before|after|during)-/],
    outcome: 'normal',
    summary: 'the customer hung up around a transfer',
    nextStep: 'shorten the wait: transferPlan.timeout, holdAudioUrl and the message before the transfer',
  },
  {
    family: 'silence',
    values: ['silence-timed-out'],
    outcome: 'normal',
    summary: 'nobody spoke for too long',
    nextStep:
      'set silenceTimeoutSeconds of the assistant, or a hook that asks whether the customer is still there',
  },
  {
    family: 'maximum-duration',
    values: ['exceeded-max-duration'],
    outcome: 'normal',
    summary: 'the call reached its maximum length',
    nextStep: 'set maxDurationSeconds of the assistant if calls may last longer',
  },
  {
    family: 'transfer-failed',
    values: [
      'call.in-progress.error-transfer-failed',
      /^call\.in-progress\.error-warm-transfer-/,
      /^call\.forwarding\./,
    ],
    outcome: 'fault',
    summary: 'the transfer did not succeed',
    nextStep:
      'check the destination and transferPlan (timeout, fallbackPlan); see artifact.transfers: vapi call get ID',
  },
  {
    family: 'hook-spoke',
    values: [/hook-executed-say$/],
    outcome: 'normal',
    summary: 'a hook spoke its message and the call ended with it',
    nextStep: 'see the hooks of the assistant if that was not wanted: vapi assistant get ID',
  },
  {
    family: 'caller-left',
    values: ['call.ringing.sip-inbound-caller-hungup-before-call-connect'],
    outcome: 'unanswered',
    summary: 'the caller hung up before the call was connected',
    nextStep: 'nothing is wrong; answer faster by keeping assistant-request quick',
  },
  {
    family: 'telephony-ended',
    values: [
      'call.in-progress.twilio-completed-call',
      'call.in-progress.sip-completed-call',
      'vonage-completed',
      'vonage-disconnected',
    ],
    outcome: 'normal',
    summary: 'the telephony provider ended the call, mostly because the customer hung up',
    nextStep: 'nothing is wrong as a rule; the provider’s own call log has the details',
  },
  {
    family: 'telephony-failed',
    values: [
      /^(phone-call-provider-|twilio-|vonage-)/,
      /^call\.(in-progress|ringing)\.error-sip-/,
      /^call\.in-progress\.error-providerfault-(outbound-sip-|transport-never-connected)/,
    ],
    outcome: 'fault',
    summary: 'the telephony provider could not connect or keep the call',
    nextStep:
      'check the number that was dialled and the credentials and trunk at the provider: vapi phone list',
  },
  {
    family: 'model-unavailable',
    values: [/^call\.in-progress\.error-pipeline-/],
    outcome: 'fault',
    summary: 'no language model could be reached for the call',
    nextStep:
      'check model.provider, model.model and its key, and give it fallback models: vapi credential list',
  },
  {
    family: 'ended-by-request',
    values: ['manually-canceled', 'call-deleted'],
    outcome: 'normal',
    summary: 'the call was ended by a request to the API (control URL, or the call was deleted)',
    nextStep: 'nothing is wrong; look at what else uses this key if that was not you',
  },
  {
    family: 'platform',
    values: [
      'worker-shutdown',
      /^call\.in-progress\.error-vapifault-(worker-|transport-|call-started-but-|chat-pipeline-)/,
    ],
    outcome: 'fault',
    summary: 'a part of the platform failed while it carried the call',
    nextStep: 'call again; if it stays, report the call id to the platform’s support',
  },
]
