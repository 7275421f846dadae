import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defaults } from '../../src/assistant/defaults.ts'
import { compileEndpointing } from '../../src/assistant/endpointing.ts'
import { packageFile } from '../../src/package-root.ts'
import { knowledgePages, proseOf } from './knowledge-pages.ts'

const pages = knowledgePages()
const bodyOf = (file: string) => pages.find(page => page.file === file)?.body ?? ''
const lineOf = (file: string, start: string) =>
  bodyOf(file)
    .split('\n')
    .find(line => line.startsWith(start)) ?? ''
const sdkType = (name: string) =>
  readFileSync(
    packageFile('node_modules', '@vapi-ai', 'server-sdk', 'dist', 'cjs', 'api', 'types', `${name}.d.ts`),
    'utf8',
  )

/** The types of hooks that an assistant or a workflow may have, by their events. */
const HOOKS = {
  'call.ending': 'CallHookCallEnding',
  'assistant.speech.interrupted': 'CallHookAssistantSpeechInterrupted',
  'customer.speech.interrupted': 'CallHookCustomerSpeechInterrupted',
  'customer.speech.timeout': 'CallHookCustomerSpeechTimeout',
  'session.created': 'SessionCreatedHook',
  'model.response.timeout': 'CallHookModelResponseTimeout',
}

describe('pages about turn taking', () => {
  const method = (language: string, semantics: 'documentation' | 'openapi') =>
    compileEndpointing(
      { transcriber: { provider: 'deepgram', model: 'nova-3', language } },
      semantics,
      text => text,
    ).plan.method

  it('say who decides without a smart plan, as this program does it in both readings', () => {
    expect([method('en', 'documentation'), method('es', 'documentation'), method('en', 'openapi')]).toEqual([
      expect.objectContaining({ type: 'livekit', source: defaults.waitFunction.documentation }),
      { type: 'heuristics', by: 'vapi' },
      { type: 'heuristics', by: 'transcription' },
    ])
    const english = lineOf('speech-configuration.md', '| English |')
    expect(english).toMatch(/\| `transcriptionEndpointingPlan`[^|]*\| `livekit`/)
    expect(english).toContain(defaults.waitFunction.documentation)
    expect(lineOf('speech-configuration.md', '| another |')).toMatch(/`transcriptionEndpointingPlan`.*`vapi`/)
    const order = bodyOf('voice-pipeline-configuration.md').split('\n4. ')[1] ?? ''
    expect(order.slice(0, 500)).toContain('LiveKit')
    expect(order.slice(0, 500)).toContain('--semantics openapi')
  })

  it('name both defaults of the wait function where the field is described', () => {
    const row = lineOf('speech-configuration.md', '| `smartEndpointingPlan.waitFunction`')
    expect(row).toContain(defaults.waitFunction.documentation)
    expect(row).toContain(defaults.waitFunction.openapi)
  })

  it('do not name the transcription plan alone against long waits', () => {
    const row = lineOf('speech-configuration.md', '| **It waits too long')
    expect(row.indexOf('call explain')).toBeLessThan(row.indexOf('onNoPunctuationSeconds'))
    expect(row).toContain('waitFunction')
  })
})

describe('pages about hooks and fallbacks', () => {
  it('give a name to the hooks that have one in the SDK, and to no others', () => {
    const row = lineOf('assistant-hooks.md', '| `name` |')
    const named = Object.entries(HOOKS).filter(([, type]) => /^\s+name\?:/m.test(sdkType(type)))
    expect(named.length).toBeGreaterThan(1)
    expect(Object.keys(HOOKS).filter(event => row.includes(`\`${event}\``))).toEqual(
      named.map(([event]) => event),
    )
  })

  it('say that nothing is documented where the SDK knows no options', () => {
    expect(sdkType(HOOKS['model.response.timeout'])).not.toContain('options')
    expect(lineOf('assistant-hooks.md', '| `model.response.timeout`')).toContain('none documented')
  })

  it('say of MiniMax as a fallback what the SDK says', () => {
    expect(sdkType('FallbackPlanVoicesItem')).not.toContain('FallbackMinimaxVoice')
    expect(bodyOf('voice-fallback-plan.md')).toContain('FallbackMinimaxVoice')
  })
})

describe('samples for beginners', () => {
  it('compare no secret by == or !=', () => {
    const careless = pages
      .flatMap(({ samples }) => samples)
      .filter(({ code }) =>
        /[!=]==? .*(TOKEN|SECRET|signature)|(token|secret|signature)\w* [!=]==? /i.test(code),
      )
    expect(careless.map(({ at }) => at)).toEqual([])
  })

  it.each([
    ['introduction.md', ['@vapi-ai/web', '@vapi-ai/server-sdk', 'vapi_server_sdk']],
    ['web-calls.md', ['@vapi-ai/web', '@vapi-ai/server-sdk']],
    ['assistants-quickstart.md', ['@vapi-ai/server-sdk', 'vapi_server_sdk']],
    ['phone-calls.md', ['@vapi-ai/server-sdk', 'vapi_server_sdk']],
  ])('%s says how the SDKs are installed', (file, names) => {
    const body = bodyOf(file)
    expect(
      names.filter(name => !body.includes(`npm install ${name}`) && !body.includes(`pip install ${name}`)),
    ).toEqual([])
  })

  it('call and list calls with curl', () => {
    const curl = bodyOf('phone-calls.md')
    expect(curl).toMatch(/curl [^\n]*api\.vapi\.ai\/call /)
    expect(curl).toMatch(/curl [^\n]*api\.vapi\.ai\/call\?limit=/)
  })
})

describe('guides that people looked for', () => {
  it.each([
    'voicemail.md',
    'call-recording.md',
    'costs.md',
    'call-concurrency.md',
    'sms.md',
    'tool-messages.md',
  ])('%s is there, and a neighbour links to it', file => {
    expect(bodyOf(file).split('\n').length).toBeGreaterThan(40)
    const linked = pages.filter(page => page.file !== file && proseOf(page).includes(`${file})`))
    expect(linked).not.toEqual([])
  })

  it('give the defaults of voicemail detection that a call has', () => {
    const { voicemail } = defaults
    expect(lineOf('voicemail.md', '| `beepMaxAwaitSeconds`')).toContain(` ${voicemail.beepMaximumMs / 1000} `)
    expect(lineOf('voicemail.md', '| `backoffPlan.startAtSeconds`')).toContain(
      ` ${voicemail.startMs / 1000} `,
    )
    expect(lineOf('voicemail.md', '| `backoffPlan.frequencySeconds`')).toContain(
      ` ${voicemail.frequencyMs / 1000} `,
    )
    expect(lineOf('voicemail.md', '| `backoffPlan.maxRetries`')).toContain(` ${voicemail.maximumChecks} `)
    expect(lineOf('voicemail.md', '| `machineDetectionSpeechThreshold`')).toContain(` ${voicemail.longMs} `)
  })
})
