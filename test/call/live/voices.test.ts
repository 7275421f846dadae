import { afterAll, expect, it } from 'vitest'
import { compileAssistant } from '../../../src/assistant/compile.ts'
import { parseAssistant } from '../../../src/assistant/schema.ts'
import { selectVoices } from '../../../src/call/live/parts/voices.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import { createHttpClient } from '../../../src/net/http.ts'
import { createFliteEngine } from '../../../src/providers/embedded/flite-engine.ts'

const http = createHttpClient()
const flite = createFliteEngine()
afterAll(async () => {
  http.close()
  await flite.close()
})

async function voicesOf(voice: object, env: NodeJS.ProcessEnv = {}) {
  const assistant = parseAssistant({ voice }, 'the test')
  const options = { semantics: 'documentation', variables: {}, epochMs: 0 } as const
  const compiled = await compileAssistant(assistant, options)
  const surroundings = { flite, http, env, clock: createRealClock(), envelope: () => ({}), warn: () => {} }
  return selectVoices(compiled, surroundings)
}

it.each([
  [
    'vapi',
    'Elliot',
    'the voice vapi/Elliot does not run in a local call: these voices are hosted by Vapi alone',
  ],
  ['sesame', 'x', 'the voice sesame/x does not run in a local call: it is hosted by Vapi alone'],
  ['tavus', 'x', /does not run in a local call: it is a video of a person/],
  ['wellsaid', '3', /does not run in a local call: its public interface gives MP3 alone/],
  ['nobody', 'x', 'the voice nobody/x does not run in a local call'],
])('the voice of %s is refused before the call, with others to take', async (provider, voiceId, message) => {
  const refused = voicesOf({ provider, voiceId })
  await expect(refused).rejects.toThrow(message)
  await expect(refused).rejects.toMatchObject({
    exit: 2,
    hint: expect.stringMatching(
      /--voice PROVIDER\/VOICE takes another: embedded.*custom-voice.*azure.*fallbackPlan/,
    ),
  })
})

it.each([
  ['azure', 'x', 'AZURE_SPEECH_KEY'],
  ['playht', 'x', 'PLAYHT_API_KEY'],
  ['rime-ai', 'x', 'RIME_API_KEY'],
  ['lmnt', 'x', 'LMNT_API_KEY'],
  ['hume', 'x', 'HUME_API_KEY'],
  ['neuphonic', 'x', 'NEUPHONIC_API_KEY'],
  ['inworld', 'x', 'INWORLD_API_KEY'],
  ['minimax', 'x', 'MINIMAX_API_KEY'],
  ['smallest-ai', 'x', 'SMALLEST_API_KEY'],
  ['xai', 'x', 'XAI_API_KEY'],
])('the voice of %s needs its key before the call', async (provider, voiceId, variable) => {
  await expect(voicesOf({ provider, voiceId })).rejects.toMatchObject({
    code: 'provider-key-missing',
    exit: 4,
    hint: expect.stringContaining(`set ${variable}`),
  })
  const env = { [variable]: 'key', AZURE_SPEECH_REGION: 'westeurope', PLAYHT_USER_ID: 'me' }
  expect((await voicesOf({ provider, voiceId }, env)).map(({ name }) => name)).toEqual([`${provider}/x`])
})

it('a voice that cannot be had leaves its place to the fallback plan', async () => {
  const fallbackPlan = { voices: [{ provider: 'custom-voice', server: { url: 'http://127.0.0.1:9/voice' } }] }
  const voices = await voicesOf({ provider: 'sesame', voiceId: 'x', fallbackPlan })
  expect(voices.map(({ name }) => name)).toEqual(['sesame/x', 'custom-voice/default'])
})
