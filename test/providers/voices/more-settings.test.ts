import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { INWORLD_KEY, inworldProtocol } from '../../support/providers/inworld-voice.ts'
import { MINIMAX_KEY, type MiniMaxOptions, miniMaxProtocol } from '../../support/providers/minimax-voice.ts'
import { NEUPHONIC_KEY, neuphonicProtocol } from '../../support/providers/neuphonic-voice.ts'
import { RIME_KEY, rimeProtocol } from '../../support/providers/rime-voice.ts'
import { SMALLEST_KEY, smallestProtocol } from '../../support/providers/smallest-voice.ts'
import { say, voiceAt } from '../../support/providers/speak.ts'
import {
  type SpeechProtocol,
  type SpeechServer,
  startSpeechServer,
  toneFor,
} from '../../support/providers/speech-server.ts'
import { XAI_KEY, xaiProtocol } from '../../support/providers/xai-voice.ts'

let http: HttpClient
let server: SpeechServer
const start = async (protocol: SpeechProtocol) => {
  server = await startSpeechServer(protocol)
}
beforeEach(() => {
  http = createHttpClient()
})
afterEach(async () => {
  http.close()
  await server.close()
})

const { signal } = new AbortController()

async function bodyFor(
  [id, key, path = '']: readonly [id: string, key: string, path?: string],
  settings: Readonly<Record<string, unknown>> = {},
  language?: string,
): Promise<Record<string, unknown> | undefined> {
  const voice = voiceAt(id, `${server.url}${path}`, key, http, 'somebody', settings)
  const asked = { text: 'Hi.', settings, ...(language !== undefined && { language }) }
  for await (const _ of voice.speak(asked, signal));
  return server.requests.at(-1)?.body
}

describe('Rime', () => {
  const rime = ['rime-ai', RIME_KEY] as const
  beforeEach(() => start(rimeProtocol()))

  it('speaks with Arcana where no model is named, twice as fast at half the length', async () => {
    expect(await bodyFor(rime, { speed: 2, language: 'es' })).toEqual({
      text: 'Hi.',
      speaker: 'somebody',
      modelId: 'arcana',
      samplingRate: 24_000,
      lang: 'es',
      timeScaleFactor: 0.5,
    })
  })

  it('gets the settings of its mist models, which name languages in their own way', async () => {
    const settings = {
      model: 'mistv2',
      speed: 0.8,
      language: 'de',
      reduceLatency: true,
      pauseBetweenBrackets: true,
      phonemizeBetweenBrackets: true,
      inlineSpeedAlpha: '0.5, 3',
    }
    expect(await bodyFor(rime, settings)).toEqual({
      text: 'Hi.',
      speaker: 'somebody',
      modelId: 'mistv2',
      samplingRate: 24_000,
      lang: 'ger',
      speedAlpha: 1.25,
      reduceLatency: true,
      pauseBetweenBrackets: true,
      phonemizeBetweenBrackets: true,
      inlineSpeedAlpha: '0.5, 3',
    })
  })

  it('is not told another language than that of its speaker', async () => {
    expect((await bodyFor(rime, {}, 'fr'))?.lang).toBeUndefined()
  })
})

describe('MiniMax', () => {
  const minimax = ['minimax', MINIMAX_KEY] as const
  const startWith = (options?: MiniMaxOptions) => start(miniMaxProtocol(options))

  it('gets its settings under its own names', async () => {
    await startWith()
    const settings = {
      model: 'speech-02-hd',
      emotion: 'happy',
      pitch: -2,
      speed: 1.2,
      volume: 1.5,
      languageBoost: 'Chinese,Yue',
      textNormalizationEnabled: true,
    }
    expect(await bodyFor(minimax, settings, 'es')).toEqual({
      model: 'speech-02-hd',
      text: 'Hi.',
      stream: true,
      stream_options: { exclude_aggregated_audio: true },
      language_boost: 'Chinese,Yue',
      voice_setting: {
        voice_id: 'somebody',
        speed: 1.2,
        vol: 1.5,
        pitch: -2,
        emotion: 'happy',
        text_normalization: true,
      },
      audio_setting: { sample_rate: 24_000, format: 'pcm', channel: 1 },
    })
  })

  it('is told the language that was heard, if it knows it', async () => {
    await startWith()
    const boosts = []
    for (const language of ['es-MX', 'yue', 'zh-HK', 'zh', 'tlh'])
      boosts.push((await bodyFor(minimax, {}, language))?.language_boost)
    expect(boosts).toEqual(['Spanish', 'Chinese,Yue', 'Chinese,Yue', 'Chinese', undefined])
  })

  it('is heard once where the whole sound is repeated at the end', async () => {
    await startWith({ aggregated: true })
    const { samples } = await say(
      voiceAt('minimax', server.url, MINIMAX_KEY, http, 'somebody'),
      'Hello there.',
    )
    expect(samples).toEqual(toneFor('Hello there.', 24_000))
  })

  it('fails where it does not say that all is told', async () => {
    await startWith({ unfinished: true })
    await expect(bodyFor(minimax)).rejects.toThrow('MiniMax broke off before its sound was complete')
  })

  it('is refused with its own number of the error', async () => {
    await startWith()
    server.script({
      instead: {
        contentType: 'application/json',
        body: JSON.stringify({ base_resp: { status_code: 1002, status_msg: 'rate limit triggered' } }),
      },
    })
    await expect(bodyFor(minimax)).rejects.toMatchObject({
      code: 'voice-rate-limited',
      retryable: true,
      message: 'MiniMax answered with 429 Too Many Requests: rate limit triggered (1002)',
    })
  })
})

describe('Neuphonic', () => {
  it('is asked in the language of the assistant', async () => {
    await start(neuphonicProtocol())
    const settings = { language: 'es', model: 'neu_hq', speed: 1.1 }
    expect(await bodyFor(['neuphonic', NEUPHONIC_KEY], settings, 'fr')).toEqual({
      text: 'Hi.',
      voice_id: 'somebody',
      lang_code: 'es',
      model: 'neu_hq',
      speed: 1.1,
      encoding: 'pcm_linear',
      sampling_rate: 22_050,
    })
    expect(server.requests[0]?.path).toBe('/sse/speak/es')
  })
})

describe('Inworld', () => {
  it('gets its settings under its own names', async () => {
    await start(inworldProtocol())
    const settings = { languageCode: 'de', temperature: 0.9, speakingRate: 1.3 }
    expect(await bodyFor(['inworld', INWORLD_KEY], settings)).toEqual({
      text: 'Hi.',
      voiceId: 'somebody',
      modelId: 'inworld-tts-1',
      language: 'de',
      temperature: 0.9,
      audioConfig: { audioEncoding: 'LINEAR16', sampleRateHertz: 24_000, speakingRate: 1.3 },
    })
  })
})

describe('Smallest AI', () => {
  const smallest = ['smallest-ai', SMALLEST_KEY] as const
  beforeEach(() => start(smallestProtocol()))

  it('gets its settings under its own names; the model of old is its usual one', async () => {
    expect(await bodyFor(smallest, { model: 'lightning', speed: 1.5 }, 'hi-IN')).toEqual({
      text: 'Hi.',
      voice_id: 'somebody',
      sample_rate: 24_000,
      output_format: 'pcm',
      speed: 1.5,
      language: 'hi',
    })
    expect((await bodyFor(smallest, { model: 'lightning_v3.1_pro' }, 'ja'))?.model).toBe('lightning_v3.1_pro')
    expect(server.requests.at(-1)?.body.language).toBeUndefined()
  })

  it('fails where it does not say that all is told', async () => {
    const body = `event: audio\ndata: {"audio":"${Buffer.alloc(4800).toString('base64')}"}\n\n`
    server.script({ instead: { contentType: 'text/event-stream', body } })
    await expect(bodyFor(smallest)).rejects.toThrow('Smallest AI broke off before its sound was complete')
  })
})

describe('xAI', () => {
  it('hears by itself which language a text is in, unless the assistant names one', async () => {
    await start(xaiProtocol())
    const xai = ['xai', XAI_KEY, '/v1'] as const
    expect(await bodyFor(xai, { speed: 1.1 })).toEqual({
      text: 'Hi.',
      voice_id: 'somebody',
      language: 'auto',
      output_format: { codec: 'pcm', sample_rate: 24_000 },
      speed: 1.1,
    })
    expect((await bodyFor(xai, { language: 'pt-BR' }))?.language).toBe('pt-BR')
  })
})
