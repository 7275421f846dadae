import { afterEach, describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../src/net/http.ts'
import { itListens, listenTo, until } from '../../support/providers/transcriber-suite.ts'
import { say, soundOf } from '../../support/providers/words.ts'
import { startXaiStt } from '../../support/providers/xai-stt.ts'

itListens({ id: 'xai', path: '/v1', start: startXaiStt, passingError: 'a failure' })

describe('xAI', () => {
  const closes: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closes.splice(0).reverse()) await close()
  })

  async function open(...[behaviour]: Parameters<typeof startXaiStt>) {
    const server = await startXaiStt(behaviour)
    const http = createHttpClient()
    const ears = listenTo(server, http, 'xai', {}, '/v1')
    closes.push(
      server.close,
      () => http.close(),
      () => ears.transcriber.close(),
    )
    await ears.start()
    return { server, ears }
  }

  it('asks for raw sound and partial transcripts', async () => {
    const { server } = await open()
    expect(Object.fromEntries(server.connections[0].url.searchParams)).toEqual({
      sample_rate: '16000',
      encoding: 'pcm',
      interim_results: 'true',
      language: 'en',
    })
  })

  it.each([
    ['the whole of it', false],
    ['its last piece alone', true],
  ])('tells long speech once, where its end has %s', async (_what, tailOnly) => {
    const { ears } = await open({ tailOnly })
    say(ears.transcriber, soundOf([300, 'one', 'two', 'three', 'four', 'five', 900]))
    await ears.heard(1)
    expect(ears.finals.map(({ text }) => text)).toEqual(['one two three four five'])
    const partials = ears.transcripts.filter(({ transcriptType }) => transcriptType === 'partial')
    expect(partials.map(({ text }) => text)).toContain('one two')
    expect(partials.map(({ text }) => text)).toContain('one two three four')
  })

  it('tells what was locked before the end of the call', async () => {
    const { ears } = await open()
    say(ears.transcriber, soundOf([300, 'one', 'two', 'three', 'four', 20]))
    await until(() => ears.transcripts.length > 2)
    await ears.transcriber.close()
    expect(ears.finals.map(({ text }) => text)).toEqual(['one two three four'])
  })
})
