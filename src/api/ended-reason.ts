import { type EndedReasonOutcome, reasonFamilies } from './ended-reason-families.ts'

export interface EndedReasonExplanation {
  /** Kebab-case name of the kind of ending; `unknown` where the value is not known. */
  family: string
  outcome: EndedReasonOutcome
  /** One line of plain words, without a full stop. */
  summary: string
  /** What to do or to type next. */
  nextStep: string
}

type Part = 'model' | 'voice' | 'transcriber'

interface Cause {
  name: string
  /** What stands after the provider's name. */
  suffixes: string
  /** Follows “the voice of cartesia”. */
  says: string
  nextStep(part: Part, provider: string): string
}

/** What is in the account of a provider that the user pays, and where a key of theirs is kept. */
const keyAdvice = (provider: string) =>
  `check the key of ${provider}: vapi credential list; without a key of yours it is the platform’s, then tell its support`

const fallbackAdvice: Readonly<Record<Part, string>> = {
  model: 'give the model fallback models',
  voice: 'give the voice a fallbackPlan',
  transcriber: 'give the transcriber a fallbackPlan',
}

/** Longer endings first where one ends another. The parts of the API's grammar for faults of a provider. */
const causes: readonly Cause[] = [
  {
    name: 'credentials',
    suffixes:
      '401-unauthorized|401-incorrect-api-key|401-account-not-in-organization|401-invalid-credentials|invalid-api-key|unauthorized-access|transcriber-auth-failed|transcriber-api-key-missing',
    says: 'refused its key',
    nextStep: (_part, provider) => keyAdvice(provider),
  },
  {
    name: 'access',
    suffixes:
      '403-model-access-denied|unauthorized-to-access-model|403-forbidden-api-access-not-available|professional-voices-only-for-creator-plus|blocked-free-plan-and-requested-upgrade|blocked-using-instant-voice-clone-and-requested-upgrade|voice-not-allowed-for-free-users|400-paid-only-feature',
    says: 'does not allow this with the plan or rights of its key',
    nextStep: (part, provider) => `choose another ${part}, or ask ${provider} for access with your key`,
  },
  {
    name: 'quota',
    suffixes:
      '429-exceeded-quota|429-rate-limit-reached|quota-exceeded|out-of-credits|403-forbidden-out-of-characters|requested-payment|400-insufficent-funds|max-character-limit-exceeded|blocked-concurrent-requests-and-requested-upgrade|system-busy-and-requested-upgrade|transcriber-rate-limited',
    says: 'was asked for more than its quota, credit or rate limit allows',
    nextStep: (part, provider) => `raise the limit or credit at ${provider}, and ${fallbackAdvice[part]}`,
  },
  {
    name: 'settings',
    suffixes:
      '400-bad-request-validation-failed|400-no-such-model-language-tier-combination|404-not-found|vapi-voice-disabled-by-owner|voice-disabled-by-owner|voice-not-found|invalid-voice-samples|invalid-voice|invalid-emotion|voice-must-be-a-valid-voice-manifest-uri|voice-not-fine-tuned-and-cannot-be-used|voice-not-fine-tuned|missing-samples-for-voice-clone|transcriber-invalid-config|500-invalid-schema|500-word-boost-parsing-failed',
    says: 'did not accept the settings of the assistant',
    nextStep: part =>
      `check the ${part} settings: vapi assistant validate FILE; vapi logs calls ID has the reply`,
  },
  {
    name: 'policy',
    suffixes:
      'blocked-account-in-probation|blocked-content-against-their-policy|blocked-voice-potentially-against-terms-of-service-and-awaiting-verification',
    says: 'refused because of its own policy',
    nextStep: (part, provider) => `take it up with ${provider}, or choose another ${part}`,
  },
  {
    name: 'server',
    suffixes:
      '500-server-error|502-server-error|503-server-overloaded-error|503-server-error|522-server-error|502-gateway-error|504-gateway-error|500-invalid-json|502-network-error|502-bad-gateway-ehostunreach|econnreset|socket-hang-up|request-timed-out|unexpected-error|voice-request-canceled|transcriber-server-error',
    says: 'had a fault of its own or could not be reached',
    nextStep: (part, provider) => `look at the status page of ${provider}, and ${fallbackAdvice[part]}`,
  },
  {
    name: 'failed',
    suffixes: 'llm-failed|voice-failed|video-failed|transcriber-failed',
    says: 'failed without a nearer reason',
    nextStep: part => `read the call’s log: vapi logs calls ID --level error; and ${fallbackAdvice[part]}`,
  },
]

const PROVIDER_FAULT = /^(?:pipeline-error-|call\.in-progress\.error-(?:vapi|provider)fault-)(.+)$/
/** Providers whose faults without a part's name are those of a voice. */
const VOICE_ONLY: readonly string[] = ['cartesia', 'eleven-labs', 'playht']

const partNames: Readonly<Record<Part, string>> = {
  model: 'language model',
  voice: 'voice',
  transcriber: 'transcriber',
}

/** Whose ending it is: put into the commands that `nextStep` names, in place of `ID`. */
export interface EndedCall {
  id?: string | undefined
  assistantId?: string | undefined
}

/**
 * Explains why a call ended in plain words, by the families of the API's `endedReason` values. A value that fits none
 * is said to be unknown.
 */
export function explainEndedReason(reason: string, call: EndedCall = {}): EndedReasonExplanation {
  const explanation = familyOf(reason)
  const nextStep = explanation.nextStep
    .replace(/(vapi assistant get) ID\b/, `$1 ${call.assistantId ?? 'ID'}`)
    .replace(/(vapi (?:logs calls|call get)) ID\b/, `$1 ${call.id ?? 'ID'}`)
  return { ...explanation, nextStep }
}

function familyOf(reason: string): EndedReasonExplanation {
  for (const { family, values, outcome, summary, nextStep } of reasonFamilies) {
    if (values.some(value => (typeof value === 'string' ? value === reason : value.test(reason))))
      return { family, outcome, summary, nextStep }
  }
  return explainProviderFault(reason) ?? unknownReason(reason)
}

/** True where something broke; customers who hang up or do not answer are none. */
export function isFault(reason: string): boolean {
  return explainEndedReason(reason).outcome === 'fault'
}

function explainProviderFault(reason: string): EndedReasonExplanation | null {
  const rest = PROVIDER_FAULT.exec(reason)?.[1]
  if (rest === undefined) return null
  for (const cause of causes) {
    const match = new RegExp(`^(.+?)(?:-returning)?-(${cause.suffixes})$`).exec(rest)
    if (match === null) continue
    const [, provider = '', suffix = ''] = match
    const part = partOf(rest, provider, suffix)
    return {
      family: `${part}-${cause.name}`,
      outcome: 'fault',
      summary: `the ${partNames[part]} of ${provider} ${cause.says}`,
      nextStep: cause.nextStep(part, provider),
    }
  }
  return null
}

function partOf(rest: string, provider: string, suffix: string): Part {
  if (rest.includes('-returning-') || suffix.startsWith('transcriber-')) return 'transcriber'
  if (VOICE_ONLY.includes(provider) || /^(voice|video)-/.test(suffix)) return 'voice'
  return 'model'
}

function unknownReason(reason: string): EndedReasonExplanation {
  const broken = /error|fail/.test(reason)
  return {
    family: 'unknown',
    outcome: broken ? 'fault' : 'normal',
    summary: `ended with “${reason}”, which this version of vapi does not know`,
    nextStep: 'read the call’s log: vapi logs calls ID',
  }
}
