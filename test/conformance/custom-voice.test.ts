import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readWav } from '../../src/audio/wav/read.ts'
import type { CallRequest, CustomerChoice } from '../../src/call/live/prepare.ts'
import { callLive } from '../support/live.ts'
import { temporaryFolder } from '../support/program.ts'
import { AZURE_KEY, azureVoiceProtocol } from '../support/providers/azure-voice.ts'
import { startCustomVoice } from '../support/providers/custom-voice-server.ts'
import { startSpeechServer } from '../support/providers/speech-server.ts'

/** A call with sound whose assistant opens it and answers each of these utterances. */
async function callWith(
  assistant: object,
  says: readonly { say: string; language?: string }[],
  env: NodeJS.ProcessEnv = {},
  more: Partial<CallRequest> = {},
) {
  const path = join(temporaryFolder(), 'assistant.wav')
  const customer: CustomerChoice = {
    type: 'scripted',
    steps: says.map((step, place) =>
      place === 0 ? { at: 0.2, ...step } : { after: 'assistant', plus: 0.2, ...step },
    ),
  }
  const replies = says.map((_, place) => `Answer number ${place + 1}.`)
  const quick = { startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } } }
  const seen = await callLive(
    { ...quick, ...assistant },
    customer,
    replies,
    {
      output: { type: 'file', path },
      ...more,
    },
    env,
  )
  return { ...seen, path }
}

const hello = [{ say: 'Good morning.', language: 'en' }]

async function voiceServer(answer?: Parameters<typeof startCustomVoice>[0]) {
  const server = await startCustomVoice(answer)
  onTestFinished(() => server.close())
  return server
}

describe('a custom voice in a live call', () => {
  it('[api-custom-voice] gets its sound from its server by voice-request, as raw PCM of the asked rate', async () => {
    const server = await voiceServer()
    const voice = {
      provider: 'custom-voice',
      voiceId: 'nova',
      server: { url: server.url, secret: 'hush', headers: { 'X-Mine': 'private' } },
    }
    const call = await callWith({ name: 'Ann', voice }, hello)
    expect(call.warnings.filter(text => text.includes('voice'))).toEqual([])
    const [{ message, headers } = { message: {}, headers: {} }] = server.requests
    expect(server.requests).toHaveLength(1)
    expect(message).toMatchObject({
      type: 'voice-request',
      text: 'Answer number one.',
      sampleRate: 24_000,
      voiceId: 'nova',
      timestamp: expect.any(Number),
      call: { id: expect.any(String), status: 'in-progress' },
      assistant: { name: 'Ann', voice: { provider: 'custom-voice' } },
      artifact: { messages: expect.any(Array) },
    })
    expect(headers).toMatchObject({ 'x-vapi-secret': 'hush', 'x-mine': 'private' })
    expect(JSON.stringify(message)).not.toMatch(/hush|private/)
    // 18 characters of the server's tone, of 60 ms each.
    const { durationMs, channels } = readWav(readFileSync(call.path))
    const loud = channels[0]?.filter(sample => Math.abs(sample) > 0.05).length ?? 0
    expect(durationMs).toBeGreaterThan(1000)
    expect(loud / 16).toBeGreaterThan(800)
    expect(loud / 16).toBeLessThan(1100)
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Answer number 1.',
    ])
  })

  it('[api-custom-voice] hands over to the fallback voice where its server fails', async () => {
    const server = await voiceServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"out of order"}')
    })
    const voice = {
      provider: 'custom-voice',
      server: { url: server.url },
      fallbackPlan: { voices: [{ provider: 'embedded', voiceId: 'slt' }] },
    }
    const call = await callWith({ voice }, hello)
    expect(call.all('voice.failed')).toHaveLength(1)
    expect(call.all('voice.switched').map(({ from, to }) => [from, to])).toEqual([
      ['custom-voice/default', 'embedded/slt'],
    ])
    expect(JSON.stringify(call.all('voice.failed'))).toContain('out of order')
    expect(call.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Answer number 1.',
    ])
  })

  it('[api-custom-voice, api-ended-voice] ends the call by its own reason where no other is left', async () => {
    const server = await voiceServer((_request, response) => void response.writeHead(500).end())
    const call = await callWith({ voice: { provider: 'custom-voice', server: { url: server.url } } }, hello)
    expect(call.all('call.ended').map(({ endedReason }) => endedReason)).toEqual([
      'pipeline-error-custom-voice-failed',
    ])
  })

  it('[api-custom-voice] works offline where its server is on this machine', async () => {
    const server = await voiceServer()
    const voice = { provider: 'custom-voice', server: { url: server.url } }
    const model = { provider: 'custom-llm', model: 'x', url: 'http://127.0.0.1:9/v1' }
    const choices = { transcriber: null, model: null, voice: null, offline: true }
    const call = await callWith({ voice, model, transcriber: { provider: 'local' } }, hello, {}, { choices })
    expect(call.warnings.filter(text => text.includes('voice'))).toEqual([])
    expect(server.requests).toHaveLength(1)
  })
})

it('[languages-azure-multilingual-auto, languages-voice-by-language] a voice of Azure’s own choice follows the customer from language to language in a live call', async () => {
  const server = await startSpeechServer(azureVoiceProtocol())
  onTestFinished(() => server.close())
  const assistant = {
    transcriber: { provider: 'deepgram', model: 'nova-3', language: 'multi' },
    voice: { provider: 'azure', voiceId: 'multilingual-auto', speed: 1.5 },
  }
  const env = { AZURE_SPEECH_KEY: AZURE_KEY, AZURE_SPEECH_BASE_URL: server.url }
  const says = [
    { say: 'Good morning.', language: 'en' },
    { say: 'Buenas tardes.', language: 'es' },
    { say: 'Bonjour.', language: 'fr-CA' },
  ]
  const call = await callWith(assistant, says, env)
  expect(call.all('voice.failed')).toEqual([])
  expect(server.requests.map(({ text }) => /voice name="([^"]*)"/.exec(text)?.[1])).toEqual([
    'en-US-AvaMultilingualNeural',
    'es-ES-ElviraNeural',
    'fr-CA-SylvieNeural',
  ])
  expect(server.requests[1]?.text).toContain('<prosody rate="1.5">Answer number two.</prosody>')
})
