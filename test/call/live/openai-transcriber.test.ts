import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { joinSamples } from '../../../src/audio/samples.ts'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { callLive } from '../../support/live.ts'
import { temporaryFolder } from '../../support/program.ts'
import { startOpenAiTranscription } from '../../support/providers/openai-transcription.ts'
import { KEY } from '../../support/providers/transcription-server.ts'
import { synthesise } from '../../support/speech.ts'

it('hears the customer of a live call through a transcription session of OpenAI', async () => {
  const server = await startOpenAiTranscription()
  onTestFinished(() => server.close())
  const speech = await synthesise('Hello, I would like an appointment please.')
  const path = join(temporaryFolder(), 'customer.wav')
  const sound = joinSamples([new Int16Array(8000), speech, new Int16Array(8000)])
  writeFileSync(path, encodeWav(sound, { sampleRate: 16_000, channels: 1 }))
  const { all, warnings } = await callLive(
    { transcriber: { provider: 'openai', model: 'gpt-4o-transcribe', language: 'en' } },
    { type: 'file', path },
    ['Which day?'],
    {},
    { OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: KEY },
  )
  // The server knows levels, not words: loud stretches of speech are words to it.
  const [final, ...more] = all('transcript').filter(
    ({ role, transcriptType }) => role === 'user' && transcriptType === 'final',
  )
  expect(final.transcript).toMatch(/^[a-z]+( [a-z]+)+$/)
  expect(more).toEqual([])
  expect(all('transcript').at(-1)).toMatchObject({ role: 'assistant', transcript: 'Which day?' })
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'customer-ended-call' })
  expect(warnings).toEqual([])
})
