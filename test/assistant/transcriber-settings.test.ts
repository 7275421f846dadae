import { describe, expect, it } from 'vitest'
import { compileTranscribers } from '../../src/assistant/fallbacks.ts'
import { transcriberSettingWarnings } from '../../src/assistant/transcriber-settings.ts'

describe('settings of a transcriber that a local call does not honour', () => {
  it.each([
    [{ provider: '11labs', model: 'scribe_v1' }, /scribe_v2_realtime listens/],
    [{ provider: 'gladia', model: 'fast' }, /its usual model listens/],
    [{ provider: 'gladia', prosody: true }, /prosody .* no effect/],
    [{ provider: 'speechmatics', numeralStyle: 'spoken' }, /numbers come as digits/],
    [{ provider: 'deepgram', keywords: ['Vapi:2'] }, /keywords go to nova-3 as key terms/],
    [
      { provider: 'deepgram', model: 'flux-general-en', keywords: ['Vapi'] },
      /no effect with flux-general-en/,
    ],
    [{ provider: 'deepgram', model: 'nova-2', keyterm: ['Vapi'] }, /keyterm has no effect with nova-2/],
    [{ provider: 'deepgram', model: 'flux-general-en', smartFormat: true }, /smartFormat has no effect/],
    [
      { provider: 'deepgram', model: 'flux-general-en', redaction: ['pci'] },
      /redaction of pci has no effect/,
    ],
    [{ provider: 'assembly-ai', endUtteranceSilenceThreshold: 500 }, /former streaming/],
    [{ provider: 'assembly-ai', vadAssistedEndpointingEnabled: false }, /no turn ends while/],
    [{ provider: 'assembly-ai', language: 'multi' }, /language multi has no effect: .* English alone/],
    [{ provider: 'assembly-ai', prompt: 'a call' }, /prompt has no effect with universal-streaming-english/],
    [
      { provider: 'assembly-ai', speechModel: 'universal-3-5-pro', formatTurns: false },
      /formatTurns has no effect with universal-3-5-pro/,
    ],
    [{ provider: 'deepgram', model: 'flux-general-en', language: 'de' }, /flux-general-multi takes others/],
    [{ provider: 'cartesia', model: 'ink-2', language: 'de' }, /ink-2 understands English alone/],
    [{ provider: 'azure', model: 'whisper' }, /model whisper has no effect/],
    [{ provider: 'speechmatics', maxDelay: 10_000 }, /from 700 to 4000 .* counts as 4000/],
  ])('tells of %j', (transcriber, warning) => {
    const warnings = transcriberSettingWarnings(transcriber, 'transcriber')
    expect(warnings).toEqual([expect.stringMatching(warning)])
    expect(warnings[0]).toMatch(/^transcriber\./)
  })

  it.each([
    { provider: '11labs', model: 'scribe_v2_realtime', silenceThresholdSeconds: 1 },
    { provider: 'gladia', model: 'solaria-1', languageBehaviour: 'automatic multiple languages' },
    { provider: 'speechmatics', maxDelay: 1500, endOfTurnSensitivity: 0.8, numeralStyle: 'written' },
    { provider: 'soniox', maxEndpointDelayMs: 700 },
    { provider: 'cartesia', model: 'ink-whisper', language: 'de' },
    { provider: 'deepgram', model: 'flux-general-multi', language: 'de' },
    { provider: 'deepgram', model: 'flux-general-en', language: 'en-US' },
    { provider: 'assembly-ai', speechModel: 'universal-3-5-pro', language: 'multi', prompt: 'a call' },
    { provider: 'speechmatics', model: 'default' },
    { provider: 'deepgram', model: 'nova-2', keywords: ['Vapi:2'], smartFormat: true, endpointing: 300 },
    { provider: 'deepgram', keyterm: ['Vapi'], redaction: ['pci'] },
    { provider: 'deepgram', model: 'flux-general-en', keyterm: ['Vapi'], redaction: ['numbers'] },
    { provider: 'assembly-ai', formatTurns: false, keytermsPrompt: ['Vapi'] },
  ])('has nothing to tell of %j', transcriber => {
    expect(transcriberSettingWarnings(transcriber, 'transcriber')).toEqual([])
  })

  it('names the place of a fallback transcriber', () => {
    const { warnings } = compileTranscribers({
      provider: 'soniox',
      fallbackPlan: { transcribers: [{ provider: 'gladia', model: 'accurate' }] },
    })
    expect(warnings).toEqual([
      expect.stringMatching(/^transcriber\.fallbackPlan\.transcribers\[0\]\.model accurate/),
    ])
  })
})
