import { connect as connectTo } from 'node:net'
import OpenAI from 'openai'
import { OpenAIRealtimeWS as BetaRealtimeWS } from 'openai/beta/realtime/ws'
import { OpenAIRealtimeWS } from 'openai/realtime/ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RealtimeServer, startOpenAiRealtime } from '../../support/providers/openai-realtime.ts'
import { LETTER_MS, RATE } from '../../support/providers/openai-realtime-session.ts'
import { KEY } from '../../support/providers/transcription-server.ts'
import { soundOf } from '../../support/providers/words.ts'

let server: RealtimeServer
const clients: { close(): void }[] = []
beforeEach(async () => {
  server = await startOpenAiRealtime({
    answers: [
      { text: 'One moment please.', calls: [{ name: 'look', arguments: { day: 'today' } }] },
      { text: 'It is free.' },
      { text: 'This goes on for a very long time indeed and never comes to its end.' },
    ],
    wordMs: 20,
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await server.close()
})

/** OpenAI's own client of the form, with its address redirected to the local server. */
function connect(form: 'current' | 'beta', apiKey = KEY) {
  const client = new OpenAI({ apiKey, baseURL: `${server.url}/v1` })
  const address = new URL(server.url)
  // It always says wss: the local server speaks without TLS.
  const options = { createConnection: () => connectTo(Number(address.port), address.hostname) }
  const model = 'gpt-realtime-2025-08-28'
  const made =
    form === 'current'
      ? new OpenAIRealtimeWS({ model, options }, client)
      : new BetaRealtimeWS({ model, options }, client)
  clients.push(made)
  return made
}

/** Sound of two words at the rate of the session. */
function audio(): string {
  const samples = soundOf(['one', 'two', 300]).flatMap(({ samples: frame }) => [...frame])
  const faster = Int16Array.from(
    { length: samples.length * 1.5 },
    (_, place) => samples[Math.floor(place / 1.5)],
  )
  return Buffer.from(faster.buffer).toString('base64')
}

describe('OpenAI’s own realtime client, at our local server', () => {
  it('configures, is heard, gets words, sound, calls and counts, truncates and cancels', async () => {
    const client = connect('current') as OpenAIRealtimeWS
    const seen: string[] = []
    client.on('event', ({ type }) => void seen.push(type))
    const next = <Type extends Parameters<typeof client.once>[0]>(type: Type) =>
      new Promise<Parameters<Parameters<typeof client.once<Type>>[1]>[0]>(resolve =>
        client.once(type, resolve),
      )
    await next('session.created')
    client.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        instructions: 'Be kind.',
        output_modalities: ['audio'],
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: RATE },
            transcription: { model: 'gpt-4o-transcribe' },
            turn_detection: null,
          },
          output: { voice: 'marin' },
        },
        tools: [{ type: 'function', name: 'look', parameters: { type: 'object' } }],
      },
    })
    expect((await next('session.updated')).session).toMatchObject({
      type: 'realtime',
      instructions: 'Be kind.',
    })
    client.send({ type: 'input_audio_buffer.append', audio: audio() })
    client.send({ type: 'input_audio_buffer.commit' })
    expect(await next('conversation.item.input_audio_transcription.completed')).toMatchObject({
      transcript: 'one two',
    })
    let said = ''
    let bytes = 0
    client.on('response.output_audio_transcript.delta', ({ delta }) => {
      said += delta
    })
    client.on('response.output_audio.delta', ({ delta }) => {
      bytes += Buffer.from(delta, 'base64').length
    })
    client.send({ type: 'response.create', response: { metadata: { key: 'a' } } })
    const done = next('response.done')
    const call = await next('response.function_call_arguments.done')
    expect(call).toMatchObject({ name: 'look', arguments: '{"day":"today"}' })
    const { response } = await done
    expect(response).toMatchObject({ status: 'completed', metadata: { key: 'a' } })
    expect(response.usage?.output_token_details?.audio_tokens).toBeGreaterThan(0)
    expect(said).toBe('One moment please.')
    expect(bytes).toBe((15 * LETTER_MS * RATE * 2) / 1000)
    client.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: call.call_id, output: 'free' },
    })
    await next('conversation.item.added')
    client.send({ type: 'response.create' })
    await next('response.done')
    const [spoken] = server.sessions[0].items.filter(({ text }) => text === 'It is free.')
    client.send({
      type: 'conversation.item.truncate',
      item_id: spoken.id,
      content_index: 0,
      audio_end_ms: 120,
    })
    expect(await next('conversation.item.truncated')).toMatchObject({ audio_end_ms: 120 })
    expect(spoken.audioMs).toBe(120)
    client.send({ type: 'response.create' })
    await next('response.output_audio.delta')
    client.send({ type: 'response.cancel' })
    expect((await next('response.done')).response.status).toBe('cancelled')
    client.send({ type: 'conversation.item.delete', item_id: spoken.id })
    await next('conversation.item.deleted')
    expect(seen).toContain('rate_limits.updated')
    expect(server.sessions[0].errors).toEqual([])
  })

  it('is told its errors, with the name of the message that they are about', async () => {
    const client = connect('current') as OpenAIRealtimeWS
    const errors: unknown[] = []
    client.on('error', error => void errors.push(error.error))
    await new Promise(resolve => client.once('session.created', resolve))
    client.send({ type: 'input_audio_buffer.commit', event_id: 'commit_1' })
    client.send({ type: 'response.cancel', event_id: 'cancel_1' })
    client.send({
      type: 'session.update',
      event_id: 'temperature_1',
      // @ts-expect-error the current form has none
      session: { type: 'realtime', temperature: 0.7 },
    })
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(errors).toMatchObject([
      { code: 'input_audio_buffer_commit_empty', event_id: 'commit_1' },
      { code: 'response_cancel_not_active', event_id: 'cancel_1' },
      { code: 'unknown_parameter', event_id: 'temperature_1' },
    ])
  })

  it('speaks the form before the current one, too', async () => {
    const client = connect('beta') as BetaRealtimeWS
    const next = <Type extends Parameters<typeof client.once>[0]>(type: Type) =>
      new Promise<Parameters<Parameters<typeof client.once<Type>>[1]>[0]>(resolve =>
        client.once(type, resolve),
      )
    await next('session.created')
    client.send({
      type: 'session.update',
      session: { instructions: 'Be kind.', voice: 'alloy', temperature: 0.7, turn_detection: undefined },
    })
    expect((await next('session.updated')).session).toMatchObject({ temperature: 0.7 })
    let said = ''
    client.on('response.audio_transcript.delta', ({ delta }) => {
      said += delta
    })
    client.send({ type: 'response.create', response: {} })
    expect(Buffer.from((await next('response.audio.delta')).delta, 'base64').length).toBeGreaterThan(0)
    await next('response.done')
    expect(said).toBe('One moment please.')
    expect(server.sessions[0].beta).toBe(true)
  })

  it('is refused with a wrong key', async () => {
    const client = connect('current', 'wrong') as OpenAIRealtimeWS
    const message = await new Promise<string>(resolve => client.on('error', error => resolve(error.message)))
    expect(message).toContain('401')
  })
})
