import { RealtimeClient } from '@speechmatics/real-time-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { silenceSeconds } from '../../../src/providers/transcribers/speechmatics.ts'
import { startSpeechmaticsRealtime } from '../../support/providers/speechmatics-realtime.ts'
import { itListens, listenTo } from '../../support/providers/transcriber-suite.ts'
import { KEY, type TranscriptionServer } from '../../support/providers/transcription-server.ts'
import { say, soundOf } from '../../support/providers/words.ts'

itListens({ id: 'speechmatics', start: startSpeechmaticsRealtime, passingError: 'job_error' })

describe('Speechmatics', () => {
  let server: TranscriptionServer
  let http: HttpClient
  beforeEach(async () => {
    server = await startSpeechmaticsRealtime()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  async function startOf(settings: Record<string, unknown>, language = 'en') {
    const ears = listenTo(server, http, 'speechmatics', { settings, language })
    await ears.start()
    await ears.transcriber.close()
    return JSON.parse(server.connections[0].texts[0])
  }

  it('is asked for what the assistant configures', async () => {
    const started = await startOf({
      operatingPoint: 'standard',
      maxDelay: 1500,
      endOfTurnSensitivity: 1,
      enableDiarization: true,
      removeDisfluencies: true,
      customVocabulary: [{ content: 'Speechmatics', soundsLike: ['speech mattix'] }, { content: 'Vapi' }],
    })
    expect(started).toEqual({
      message: 'StartRecognition',
      audio_format: { type: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 },
      transcription_config: {
        language: 'en',
        model: 'standard',
        enable_partials: true,
        max_delay: 1.5,
        conversation_config: { end_of_utterance_silence_trigger: 0.2 },
        diarization: 'speaker',
        transcript_filtering_config: { remove_disfluencies: true },
        additional_vocab: [{ content: 'Speechmatics', sounds_like: ['speech mattix'] }, { content: 'Vapi' }],
      },
    })
  })

  it('has a silence for each sensitivity, and holds the delay in the range that it takes', async () => {
    expect([0, 0.5, 1, 7].map(silenceSeconds)).toEqual([0.8, 0.5, 0.2, 0.2])
    const { transcription_config: config } = await startOf({ maxDelay: 10_000 }, 'en_es')
    expect(config).toMatchObject({ language: 'es', domain: 'bilingual-en', max_delay: 4 })
  })

  it('joins the words of an utterance and reports the end of the turn', async () => {
    const ears = listenTo(server, http, 'speechmatics')
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', 'three', 900]))
    await ears.heard(1)
    expect(ears.finals[0]).toMatchObject({
      text: 'one two three.',
      audioMs: 940,
      endOfTurn: true,
      language: 'en',
    })
    expect(ears.finals[0].confidence).toBeCloseTo(0.98)
    const partials = ears.transcripts.filter(({ transcriptType }) => transcriptType === 'partial')
    expect(partials.map(({ text }) => text)).toEqual(['one', 'one two', 'one two three'])
    await ears.transcriber.close()
  })

  it('drops what is shorter than the configured speech', async () => {
    const ears = listenTo(server, http, 'speechmatics', { settings: { minimumSpeechDuration: 0.3 } })
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 900, 'two', 'three', 900]))
    await ears.heard(1)
    expect(ears.finals.map(({ text }) => text)).toEqual(['two three.'])
    await ears.transcriber.close()
  })

  it('tells a language that it does not have before it listens', async () => {
    await expect(listenTo(server, http, 'speechmatics', { language: 'xx' }).start()).rejects.toMatchObject({
      code: 'transcriber-bad-request',
      retryable: false,
      message: expect.stringContaining('language is not supported'),
    })
  })

  it("serves the vendor's own client library", async () => {
    const client = new RealtimeClient({ url: `${server.url.replace('http', 'ws')}/v2` })
    let text = ''
    let ends = 0
    client.addEventListener('receiveMessage', ({ data }) => {
      if (data.message === 'AddTranscript') text += data.metadata.transcript
      if (data.message === 'EndOfUtterance') ends++
    })
    await client.start(KEY, {
      audio_format: { type: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 },
      transcription_config: {
        language: 'en',
        conversation_config: { end_of_utterance_silence_trigger: 0.4 },
      },
    })
    const frames = soundOf([200, 'one', 'two', 600, 'three', 20])
    const acknowledged = new Promise<void>(resolve => {
      client.addEventListener('receiveMessage', ({ data }) => {
        if (data.message === 'AudioAdded' && data.seq_no === frames.length) resolve()
      })
    })
    for (const { samples } of frames) client.sendAudio(new Uint8Array(samples.buffer))
    await acknowledged
    await client.stopRecognition()
    expect(text).toBe('one two. three. ')
    expect(ends).toBe(2)
  })
})
