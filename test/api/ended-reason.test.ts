import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { explainEndedReason } from '../../src/api/ended-reason.ts'
import { sharedFolder } from '../support/requires.ts'

const PE = 'pipeline-error-'
const VF = 'call.in-progress.error-vapifault-'
const PF = 'call.in-progress.error-providerfault-'
const models =
  'vapi openai azure-openai google xai baseten mistral minimax inflection-ai deep-seek groq cerebras anthropic anthropic-bedrock anthropic-vertex together-ai anyscale openrouter perplexity-ai deepinfra runpod custom-llm'
const voices =
  'openai cartesia deepgram eleven-labs playht lmnt azure rime-ai smallest-ai vapi neuphonic hume sesame inworld minimax wellsaid xai microsoft'
const transcribers =
  'vapi deepgram gladia speechmatics assembly-ai talkscriber azure-speech eleven-labs google openai soniox xai cartesia custom'

/** Rows of the grammar: part, cause, providers, suffixes, prefixes. */
const grammar: [string, string, string, string, string[]][] = [
  ['model', 'settings', models, '400-bad-request-validation-failed', [PE, VF]],
  ['model', 'credentials', models, '401-unauthorized', [PE, VF]],
  ['model', 'access', models, '403-model-access-denied', [PE, VF]],
  ['model', 'quota', models, '429-exceeded-quota', [PE, VF]],
  ['model', 'server', models, '500-server-error 503-server-overloaded-error', [PE, PF]],
  ['model', 'failed', models, 'llm-failed', [PE, PF]],
  ['voice', 'failed', voices, 'voice-failed', [PE, VF]],
  ['voice', 'failed', 'custom', 'voice-failed', [PE]],
  ['voice', 'failed', 'tavus', 'video-failed', [PE, VF]],
  ['voice', 'server', 'cartesia', '500-server-error 503-server-error 522-server-error', [PE, PF]],
  ['voice', 'quota', 'eleven-labs', 'quota-exceeded system-busy-and-requested-upgrade', [PE, VF]],
  ['voice', 'credentials', 'playht', '401-unauthorized', [PE, VF]],
  ['voice', 'settings', 'eleven-labs', 'voice-not-found voice-not-fine-tuned-and-cannot-be-used', [PE, VF]],
  ['transcriber', 'failed', transcribers, 'transcriber-failed', [PE, VF]],
  ['transcriber', 'credentials', 'soniox xai', 'transcriber-auth-failed', [PE, VF]],
  ['transcriber', 'quota', 'assembly-ai-returning', '400-insufficent-funds', [PE, VF]],
  ['transcriber', 'server', 'deepgram-returning', '502-bad-gateway-ehostunreach', [PE, PF]],
]

const expanded = grammar.flatMap(([part, cause, providers, suffixes, prefixes]) =>
  providers.split(' ').flatMap(provider =>
    suffixes.split(' ').flatMap(suffix =>
      prefixes.map(prefix => ({
        reason: `${prefix}${provider}-${suffix}`,
        family: `${part}-${cause}`,
        provider,
      })),
    ),
  ),
)

describe('an ended reason', () => {
  it('names part, cause and provider of every provider fault', () => {
    const wrong = expanded.filter(({ reason, family, provider }) => {
      const explained = explainEndedReason(reason)
      return explained.family !== family || !explained.summary.includes(provider.replace('-returning', ''))
    })
    expect(wrong).toEqual([])
    expect(expanded.length).toBeGreaterThan(350)
  })

  it.each([
    ['customer-ended-call', 'customer-ended', 'normal'],
    ['assistant-said-end-call-phrase', 'assistant-ended', 'normal'],
    ['silence-timed-out', 'silence', 'normal'],
    ['customer-did-not-answer', 'customer-unreached', 'unanswered'],
    ['call.in-progress.error-assistant-did-not-receive-customer-audio', 'customer-audio', 'fault'],
    ['assistant-did-not-receive-customer-audio', 'customer-audio', 'fault'],
    ['call.start.error-vapifault-database-error', 'platform-start', 'fault'],
    ['call.start.error-get-org', 'resource-lookup', 'fault'],
    ['customer-ended-call-during-transfer', 'customer-left-transfer', 'normal'],
    [`${PF}outbound-sip-403-forbidden`, 'telephony-failed', 'fault'],
    [`${VF}worker-died`, 'platform', 'fault'],
    ['twilio-failed-to-connect-call', 'telephony-failed', 'fault'],
    ['manually-canceled', 'ended-by-request', 'normal'],
  ])('%s is %s, %s', (reason, family, outcome) => {
    expect(explainEndedReason(reason)).toMatchObject({ family, outcome })
  })

  it('of a provider that came later is explained by its cause', () => {
    expect(explainEndedReason(`${VF}new-provider-429-exceeded-quota`)).toMatchObject({
      family: 'model-quota',
      summary: expect.stringContaining('new-provider'),
    })
  })

  it('that is not known says so', () => {
    expect(explainEndedReason('moon-rose')).toMatchObject({ family: 'unknown', outcome: 'normal' })
    expect(explainEndedReason(`${VF}moon-rose`)).toMatchObject({ family: 'unknown', outcome: 'fault' })
    expect(explainEndedReason('moon-rose').summary).toContain('moon-rose')
  })

  const shared = sharedFolder()
  it.skipIf(!shared)('of the API is known, whichever it is (needs ../shared/data)', () => {
    const document = JSON.parse(readFileSync(`${shared}/data/vapi-openapi.json`, 'utf8'))
    const values: string[] = [
      ...new Set<string>(document.components.schemas.Call.properties.endedReason.enum),
    ]
    expect(values.length).toBe(595)
    expect(values.filter(value => explainEndedReason(value).family === 'unknown')).toEqual([])
    const lines = values
      .map(value => explainEndedReason(value))
      .flatMap(({ summary, nextStep }) => [summary, nextStep])
    expect(lines.filter(line => /[\n]|\.$/.test(line) || line.length < 20)).toEqual([])
    const known = new Set(values)
    expect(expanded.map(({ reason }) => reason).filter(reason => !known.has(reason))).toEqual([])
  })
})
