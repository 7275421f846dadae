import { expect, it } from 'vitest'
import { applyChoices, type PartChoices } from '../../../src/call/live/parts/choices.ts'
import { createHttpClient } from '../../../src/net/http.ts'

async function chosen(assistant: object, choices: Partial<PartChoices>) {
  const http = createHttpClient()
  try {
    const all = { transcriber: null, model: null, voice: null, offline: false, listening: true, ...choices }
    return (await applyChoices({ ...assistant }, all, http, {}, new AbortController().signal)).assistant
  } finally {
    http.close()
  }
}

it.each([
  ['11labs/21m00Tcm4TlvDq8ikWAM', '11labs', '21m00Tcm4TlvDq8ikWAM'],
  ['eleven-labs/21m00Tcm4TlvDq8ikWAM', '11labs', '21m00Tcm4TlvDq8ikWAM'],
  ['ElevenLabs/sarah', '11labs', 'sarah'],
  ['rime/cove', 'rime-ai', 'cove'],
  ['embedded', 'embedded', undefined],
])('--voice %s names its provider as the API does', async (voice, provider, voiceId) => {
  expect(await chosen({}, { voice })).toEqual({ voice: { provider, voiceId } })
})

it('a chosen transcriber of another provider gets no settings that are of the one before alone, which is told', async () => {
  const transcriber = {
    provider: 'deepgram',
    model: 'nova-2',
    language: 'de',
    endpointing: 255,
    keyterm: ['Vapi'],
  }
  const http = createHttpClient()
  const choices = { transcriber: 'gladia', model: null, voice: null, offline: false, listening: true }
  const signal = new AbortController().signal
  const { assistant, warnings } = await applyChoices({ transcriber }, choices, http, {}, signal)
  http.close()
  expect(assistant.transcriber).toEqual({ provider: 'gladia', model: undefined, language: 'de' })
  expect(warnings).toEqual([
    'transcriber: endpointing, keyterm of deepgram/nova-2 is not for gladia and is left out',
  ])
  expect(await chosen({ transcriber }, { transcriber: 'deepgram/nova-3' })).toEqual({
    transcriber: { ...transcriber, model: 'nova-3' },
  })
})

it('a chosen voice of another provider does not get the model of the one before', async () => {
  const voice = {
    provider: '11labs',
    voiceId: 'a',
    model: 'eleven_v3',
    speed: 1.1,
    chunkPlan: { minCharacters: 20 },
  }
  const kept = { speed: 1.1, chunkPlan: { minCharacters: 20 } }
  expect(await chosen({ voice }, { voice: 'openai/nova' })).toEqual({
    voice: { provider: 'openai', voiceId: 'nova', ...kept },
  })
  expect(await chosen({ voice }, { voice: 'eleven-labs/b' })).toEqual({
    voice: { provider: '11labs', voiceId: 'b', model: 'eleven_v3', ...kept },
  })
})
