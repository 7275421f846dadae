import { expect, it } from 'vitest'
import { readBody } from '../../../src/assistant/call-body.ts'
import { noAccount } from '../../../src/assistant/sources.ts'
import { runLiveCall } from '../../../src/call/live/live-call.ts'
import { prepareCall } from '../../../src/call/live/prepare.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { createHttpClient } from '../../../src/net/http.ts'
import { createFliteEngine } from '../../../src/providers/embedded/flite-engine.ts'
import { temporaryFolder } from '../../support/program.ts'

it('[languages-voice-by-language, speech-speed] a call with sound follows the language with its voices, each at its speed', async () => {
  const assistant = {
    firstMessageMode: 'assistant-waits-for-user',
    transcriber: { provider: 'deepgram', model: 'nova-3', language: 'multi' },
    voice: {
      provider: 'embedded',
      voiceId: 'slt',
      language: 'en',
      fallbackPlan: { voices: [{ provider: 'embedded', voiceId: 'awb', language: 'es', speed: 2 }] },
    },
    startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } },
  }
  const workingDirectory = temporaryFolder()
  const http = createHttpClient()
  const flite = createFliteEngine()
  const { signal } = new AbortController()
  const observations: Observation[] = []
  try {
    const call = await prepareCall(
      {
        speaker: { body: readBody({ assistant }, 'test'), origin: { name: 'test' } },
        loadStored: noAccount,
        choices: { transcriber: null, model: null, voice: null, offline: false },
        variables: {},
        semantics: 'documentation',
        check: () => [],
        clientMessages: null,
        prices: null,
        analyse: false,
        output: { type: 'none' },
        headphones: false,
        denoiser: 'rnnoise',
        files: {},
        save: null,
        maximumDurationMs: 60_000,
        allowCode: false,
        warnings: [],
        customer: {
          type: 'scripted',
          steps: [
            { at: 0.2, say: 'Good morning.', language: 'en' },
            { after: 'assistant', plus: 0.2, say: 'Buenas tardes.', language: 'es' },
          ],
        },
        script: { replies: [{ reply: 'Tell me more of it.' }, { reply: 'Tell me more of it.' }], tools: {} },
      },
      { http, flite, env: { HOME: workingDirectory }, workingDirectory, signal },
    )
    await runLiveCall(call, { observation: seen => observations.push(seen) }, signal)
  } finally {
    http.close()
    await flite.close()
  }
  const of = <Type extends Observation['type']>(type: Type) =>
    observations.filter((seen): seen is Extract<Observation, { type: Type }> => seen.type === type)
  expect(of('language.changed').map(({ language, from }) => [language, from])).toEqual([
    ['en', null],
    ['es', 'en'],
  ])
  expect(of('voice.requested').map(({ voice }) => voice)).toEqual(['embedded/slt', 'embedded/awb'])
  const [first = 0, second = 0] = of('assistant.speech.stopped').map(
    ({ atMs }, place) => atMs - (of('assistant.speech.started')[place]?.atMs ?? 0),
  )
  expect(second).toBeGreaterThan(300)
  expect(second).toBeLessThan(first * 0.75)
})
