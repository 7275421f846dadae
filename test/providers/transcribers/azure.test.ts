import * as speech from 'microsoft-cognitiveservices-speech-sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../src/net/http.ts'
import { localeOf } from '../../../src/providers/transcribers/azure.ts'
import { startAzureSpeech } from '../../support/providers/azure-speech.ts'
import { itListens, listenTo } from '../../support/providers/transcriber-suite.ts'
import { KEY } from '../../support/providers/transcription-server.ts'
import { say, soundOf } from '../../support/providers/words.ts'

itListens({ id: 'azure', start: startAzureSpeech, otherMessages: true })

describe('Azure AI Speech', () => {
  const closes: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closes.splice(0).reverse()) await close()
  })

  async function open(
    options: Parameters<typeof listenTo>[3] = {},
    ...[behaviour]: Parameters<typeof startAzureSpeech>
  ) {
    const server = await startAzureSpeech(behaviour)
    const http = createHttpClient()
    const ears = listenTo(server, http, 'azure', options)
    closes.push(
      server.close,
      () => http.close(),
      () => ears.transcriber.close(),
    )
    await ears.start()
    return { server, ears }
  }

  it('names the region of a language that is configured without one', () => {
    expect(['en', 'de', 'pt', 'zh', 'es-MX', 'fil-PH'].map(localeOf)).toEqual([
      'en-US',
      'de-DE',
      'pt-BR',
      'zh-CN',
      'es-MX',
      'fil-PH',
    ])
  })

  it('is asked for what the assistant configures', async () => {
    const { server, ears } = await open({
      language: 'de-AT',
      settings: {
        segmentationStrategy: 'Time',
        segmentationSilenceTimeoutMs: 400,
        segmentationMaximumTimeMs: 30_000,
      },
    })
    say(ears.transcriber, soundOf([300, 'one', 900]))
    await ears.heard(1)
    const [config, context] = server.connections[0].texts.map(text => {
      const [head, body] = text.split('\r\n\r\n')
      return { path: /^Path: (\S+)/m.exec(head)?.[1], body: JSON.parse(body) }
    })
    expect(config.path).toBe('speech.config')
    expect(context).toMatchObject({
      path: 'speech.context',
      body: {
        phraseDetection: {
          mode: 'Conversation',
          conversation: {
            segmentation: {
              mode: 'Custom',
              segmentationSilenceTimeoutMs: 400,
              segmentationForcedTimeoutMs: 30_000,
            },
          },
        },
      },
    })
    expect(Object.fromEntries(server.connections[0].url.searchParams)).toMatchObject({
      language: 'de-AT',
      format: 'detailed',
      segmentationSilenceTimeoutMs: '400',
    })
  })

  it('tells the end of the words and the confidence', async () => {
    const { ears } = await open()
    say(ears.transcriber, soundOf([300, 'one', 'two', 900]))
    await ears.heard(1)
    expect(ears.finals[0]).toEqual({
      transcriptType: 'final',
      text: 'one two.',
      audioMs: 700,
      confidence: 0.93,
    })
  })

  it('goes on in the next turn of the service on the same connection, with the right times', async () => {
    const { server, ears } = await open({}, { endsTurns: true })
    const frames = soundOf([300, 'one', 'two', 900, 'three', 900])
    const place = frames.findIndex(({ audioMs }) => audioMs >= 1500)
    say(ears.transcriber, frames.slice(0, place))
    await ears.heard(1)
    say(ears.transcriber, frames.slice(place))
    await ears.heard(2)
    expect(ears.finals.map(({ text }) => text)).toEqual(['one two.', 'three.'])
    expect(Math.abs(ears.finals[1].audioMs - 1840)).toBeLessThanOrEqual(20)
    expect(server.connections).toHaveLength(1)
  })

  it("serves the vendor's own client library", async () => {
    const server = await startAzureSpeech()
    closes.push(server.close)
    const address = `${server.url.replace('http', 'ws')}/speech/recognition/conversation/cognitiveservices/v1`
    const config = speech.SpeechConfig.fromEndpoint(new URL(address), KEY)
    config.speechRecognitionLanguage = 'en-US'
    config.outputFormat = speech.OutputFormat.Detailed
    const sound = speech.AudioInputStream.createPushStream(
      speech.AudioStreamFormat.getWaveFormatPCM(16_000, 16, 1),
    )
    const recogniser = new speech.SpeechRecognizer(config, speech.AudioConfig.fromStreamInput(sound))
    const partials: string[] = []
    const finals: { text: string; offset: number }[] = []
    recogniser.recognizing = (_sender, { result }) => partials.push(result.text)
    recogniser.recognized = (_sender, { result }) => finals.push({ text: result.text, offset: result.offset })
    const stopped = new Promise<void>(resolve => {
      recogniser.sessionStopped = () => resolve()
    })
    await new Promise<void>((resolve, reject) => recogniser.startContinuousRecognitionAsync(resolve, reject))
    for (const { samples } of soundOf([200, 'one', 'two', 600, 'three', 20]))
      sound.write(samples.slice().buffer)
    sound.close()
    await stopped
    expect(finals.map(({ text }) => text)).toEqual(['one two.', 'three.'])
    expect(finals[0].offset).toBe(2_000_000)
    expect(partials).toContain('one')
    await new Promise<void>(resolve => recogniser.close(resolve))
  })
})
