import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { deepgram } from '../../../src/providers/transcribers/deepgram.ts'
import { createKeptSound } from '../../../src/providers/transcribers/kept-sound.ts'
import { soniox } from '../../../src/providers/transcribers/soniox.ts'
import { DEEPGRAM_KEY, startDeepgram } from '../../support/providers/deepgram.ts'
import { startSonioxRealtime } from '../../support/providers/soniox-realtime.ts'
import { createOf, type Talk, talkTo } from '../../support/providers/talk.ts'
import type { Fault, TranscriberServer } from '../../support/providers/transcriber-server.ts'
import { KEY } from '../../support/providers/transcription-server.ts'

let http: HttpClient
let server: TranscriberServer
beforeEach(async () => {
  http = createHttpClient()
  server = await startDeepgram()
})
afterEach(async () => {
  http.close()
  await server.close()
})

async function begin(...faults: Fault[]) {
  server.faults = faults
  const transcriber = createOf(deepgram, { http, baseUrl: server.url, key: DEEPGRAM_KEY })
  const talk = talkTo(transcriber)
  await talk.start()
  return { transcriber, talk }
}

describe('Deepgram that is there and says nothing about speech', () => {
  it('is asked on another connection, and no word is lost or doubled', async () => {
    const { transcriber, talk } = await begin({ silentAfterMs: 1500 })
    await talk.say('one two [600]')
    await talk.until(() => talk.text === 'one two')
    await talk.say('[1000] three four [600]')
    // More slowly than people do: what nobody says anything about is not kept for ever.
    while (talk.text !== 'one two three four') {
      await talk.say('[20]')
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    expect(server.connections).toHaveLength(2)
    expect(talk.failures).toEqual([])
    await transcriber.close()
  })

  it('is left to the next of the plan where it is so from the beginning', async () => {
    const { transcriber, talk } = await begin({ silent: true })
    await talk.say('one two [600]')
    await talk.until(() => talk.failures.length > 0)
    expect(talk.failures).toMatchObject([
      {
        code: 'transcriber-failed',
        message: 'Deepgram said nothing about what was spoken',
        retryable: false,
      },
    ])
    expect(server.connections).toHaveLength(1)
    await transcriber.close()
  })

  it('may be silent as long as nobody speaks', async () => {
    const { transcriber, talk } = await begin({ silent: true })
    const endMs = performance.now() + 4500
    await talk.until(() => performance.now() > endMs)
    expect(talk.failures).toEqual([])
    expect(server.connections).toHaveLength(1)
    await transcriber.close()
  })
})

describe('a provider that promises no answer', () => {
  const speech = 'one two three four five six seven eight '.repeat(4)

  async function listenInVain(text: string, isOver: (talk: Talk) => boolean): Promise<Talk> {
    const peer = await startSonioxRealtime()
    onTestFinished(() => peer.close())
    peer.script({ silent: true })
    const transcriber = createOf(soniox, { http, baseUrl: peer.url, key: KEY })
    const talk = talkTo(transcriber)
    await talk.start()
    await talk.say(text)
    await talk.until(() => isOver(talk))
    await transcriber.close()
    return talk
  }

  it('is left when it says nothing about long speech', async () => {
    const { failures } = await listenInVain(`${speech}[600]`, talk => talk.failures.length > 0)
    expect(failures).toMatchObject([{ message: 'Soniox said nothing about what was spoken' }])
  }, 20_000)

  it('may be silent about short sounds', async () => {
    const endMs = performance.now() + 9000
    const { failures } = await listenInVain('one [600]', () => performance.now() > endMs)
    expect(failures).toEqual([])
  }, 20_000)
})

describe('the kept sound', () => {
  it('has a short speech that nothing was said about', () => {
    const kept = createKeptSound()
    const push = (fromMs: number, toMs: number) => {
      for (let audioMs = fromMs; audioMs < toMs; audioMs += 20) {
        kept.push({ samples: new Int16Array(320), audioMs })
        kept.next(1)
      }
    }
    push(0, 3000)
    kept.speech({ edge: 'started', audioMs: 2900 })
    push(3000, 3400)
    kept.speech({ edge: 'stopped', audioMs: 3100 })
    push(3400, 8000)
    kept.rewind()
    expect(kept.next(1)?.frames[0]?.audioMs).toBeLessThanOrEqual(2900)
  })
})
