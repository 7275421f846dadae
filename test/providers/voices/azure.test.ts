import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { findVendor, resolveAccess } from '../../../src/providers/vendors.ts'
import { azure } from '../../../src/providers/voices/azure.ts'
import { azureVoice, localeOf } from '../../../src/providers/voices/azure-voices.ts'
import { escapeXml, toSsml } from '../../../src/providers/voices/ssml.ts'
import { AZURE_KEY, azureVoiceProtocol, isSsml, spokenOf } from '../../support/providers/azure-voice.ts'
import { say, voiceAt } from '../../support/providers/speak.ts'
import { type SpeechServer, startSpeechServer } from '../../support/providers/speech-server.ts'

let http: HttpClient
let server: SpeechServer
beforeEach(async () => {
  http = createHttpClient()
  server = await startSpeechServer(azureVoiceProtocol())
})
afterEach(async () => {
  http.close()
  await server.close()
})

const voice = (voiceId: string, id = 'azure') => voiceAt(id, server.url, AZURE_KEY, http, voiceId)
const signal = new AbortController().signal

describe('Azure', () => {
  it('gets its text as markup that says it as it stands', async () => {
    const text = `Tom & Jerry said "5 < 6" — it's <break time="1s"/> naïve, \u4f60\u597d \u{1f600}.`
    await say(voice('en-US-AriaNeural'), text)
    const [request] = server.requests
    expect(request?.text).toBe(
      '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="https://www.w3.org/2001/mstts" xml:lang="en-US"><voice name="en-US-AriaNeural">' +
        'Tom &amp; Jerry said &quot;5 &lt; 6&quot; — it&apos;s &lt;break time=&quot;1s&quot;/&gt; naïve, \u4f60\u597d \u{1f600}.</voice></speak>',
    )
    expect(spokenOf(request?.text ?? '')).toBe(text)
    expect(request?.headers).toMatchObject({
      'ocp-apim-subscription-key': AZURE_KEY,
      'content-type': 'application/ssml+xml',
      'x-microsoft-outputformat': 'raw-24khz-16bit-mono-pcm',
    })
  })

  it('leaves out what no document may have, whatever the text is', () => {
    expect(escapeXml('a\u0000b\u001fc\td\ne\ud800f\udc00g\ufffeh\u0085i')).toBe('abc\td\nefghi')
    for (let code = 0; code < 0x1_0000; code += 7) {
      const ssml = toSsml({ text: `x${String.fromCharCode(code)}y`, voice: 'a"b', locale: 'en-US' })
      expect(isSsml(ssml)).toBe(true)
    }
  })

  it('speaks at the speed of the assistant', async () => {
    await say(voice('en-US-AriaNeural'), 'Hello.', { speed: 1.25 })
    expect(server.requests[0]?.text).toContain('<prosody rate="1.25">Hello.</prosody>')
    await say(voice('en-US-AriaNeural'), 'Hello.', { speed: 1 })
    expect(server.requests[1]?.text).not.toContain('prosody')
  })

  it('speaks in the style of a voice of microsoft', async () => {
    const settings = { style: 'cheerful', styleDegree: 1.5, role: 'Girl', speed: 0.8 }
    await say(voice('en-US-Harper:MAI-Voice-2', 'microsoft'), 'Hello.', settings)
    expect(server.requests[0]?.text).toContain(
      '<voice name="en-US-Harper:MAI-Voice-2"><mstts:express-as style="cheerful" styledegree="1.5" role="Girl"><prosody rate="0.8">Hello.</prosody></mstts:express-as></voice>',
    )
  })

  it.each([
    ['es', 'es-ES-ElviraNeural', 'es-ES'],
    ['es-MX', 'es-MX-DaliaNeural', 'es-MX'],
    ['es-419', 'es-ES-ElviraNeural', 'es-ES'],
    ['fr', 'fr-FR-DeniseNeural', 'fr-FR'],
    ['de', 'de-DE-KatjaNeural', 'de-DE'],
    ['pt', 'pt-BR-FranciscaNeural', 'pt-BR'],
    ['pt_PT', 'pt-PT-RaquelNeural', 'pt-PT'],
    ['no', 'nb-NO-PernilleNeural', 'nb-NO'],
    ['tl', 'fil-PH-BlessicaNeural', 'fil-PH'],
    ['zh', 'zh-CN-XiaoxiaoNeural', 'zh-CN'],
    ['zh-TW', 'zh-TW-HsiaoChenNeural', 'zh-TW'],
    ['en-GB', 'en-GB-SoniaNeural', 'en-GB'],
    ['en', 'en-US-AvaMultilingualNeural', 'en-US'],
    ['tlh', 'en-US-AvaMultilingualNeural', 'en-US'],
  ])('multilingual-auto speaks %s with %s', async (language, name, locale) => {
    for await (const _ of voice('multilingual-auto').speak({ text: 'Hi.', settings: {}, language }, signal));
    expect(server.requests[0]?.text).toContain(`xml:lang="${locale}"><voice name="${name}">`)
  })

  it('multilingual-auto speaks the language of the transcriber until another is heard', async () => {
    const vendor = findVendor('azure')
    if (vendor === undefined) throw new Error('there is no vendor')
    const auto = azure.create({
      vendor,
      access: { baseUrl: server.url, key: AZURE_KEY },
      http,
      name: 'azure/multilingual-auto',
      voiceId: 'multilingual-auto',
      settings: {},
      language: 'it',
    })
    await say(auto, 'Ciao.')
    for await (const _ of auto.speak({ text: 'Hallo.', settings: {}, language: 'de' }, signal));
    expect(server.requests.map(({ text }) => /voice name="([^"]*)"/.exec(text)?.[1])).toEqual([
      'it-IT-ElsaNeural',
      'de-DE-KatjaNeural',
    ])
  })

  it('any other voice keeps its name in every language', () => {
    expect(azureVoice('en-US-AriaNeural', 'es')).toBe('en-US-AriaNeural')
    expect(azureVoice('andrew', 'es')).toBe('en-US-AndrewMultilingualNeural')
    expect(localeOf('iu-Latn-CA-SiqiniqNeural')).toBe('iu-Latn-CA')
    expect(localeOf('my-own-voice')).toBe('en-US')
  })
})

describe('the place of Azure', () => {
  const vendor = findVendor('azure')
  if (vendor === undefined) throw new Error('there is no vendor')

  it('is in its region', () => {
    const environment = { AZURE_SPEECH_KEY: AZURE_KEY, AZURE_SPEECH_REGION: 'westeurope' }
    expect(resolveAccess(vendor, environment, azure.baseUrl)).toMatchObject({
      baseUrl: 'https://westeurope.tts.speech.microsoft.com',
      key: AZURE_KEY,
    })
    expect(vendor.keyTest?.(resolveAccess(vendor, environment)).url).toBe(
      'https://westeurope.api.cognitive.microsoft.com/sts/v1.0/issueToken',
    )
  })

  it('is not known without one, and no address is made of anything else', () => {
    const key = { AZURE_SPEECH_KEY: AZURE_KEY }
    expect(() => resolveAccess(vendor, key, azure.baseUrl)).toThrow(
      'the region of Azure AI Speech is not known',
    )
    expect(() =>
      resolveAccess(vendor, { ...key, AZURE_SPEECH_REGION: 'evil.example/' }, azure.baseUrl),
    ).toThrow('evil.example/ is not a region of Azure AI Speech')
    expect(() => resolveAccess(vendor, {}, azure.baseUrl)).toThrow(
      'Azure AI Speech needs a key and none is set',
    )
  })
})
