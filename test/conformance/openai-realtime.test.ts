import { describe, expect, it } from 'vitest'
import { compileAssistant } from '../../src/assistant/compile.ts'
import { REALTIME_VOICES } from '../../src/assistant/realtime.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { callerFile, callRealtime } from '../support/realtime.ts'
import { runSimulation } from '../support/simulation.ts'

const options = { semantics: 'documentation', variables: {}, epochMs: 0 } as const
const compile = (assistant: object) => compileAssistant(parseAssistant(assistant, 'test'), options)
const realtime = { provider: 'openai', model: 'gpt-realtime-2025-08-28' }
const alloy = { provider: 'openai', voiceId: 'alloy' }

/** The assistant of the page. */
const ofThePage = {
  model: {
    ...realtime,
    messages: [{ role: 'system', content: 'You are a helpful assistant. Be concise and friendly.' }],
    temperature: 0.7,
    maxTokens: 250,
    tools: [
      {
        type: 'function',
        function: {
          name: 'getWeather',
          description: 'Get the current weather',
          parameters: {
            type: 'object',
            properties: { location: { type: 'string', description: 'The city name' } },
            required: ['location'],
          },
        },
      },
    ],
  },
  voice: alloy,
}
/** Answers soon after the words. */
const quick = { startSpeakingPlan: { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.1 } } }

describe('a realtime model', () => {
  it.each([
    ['realtime-model-gpt-realtime', 'gpt-realtime-2025-08-28'],
    ['realtime-model-gpt-4o', 'gpt-4o-realtime-preview-2024-12-17'],
    ['realtime-model-gpt-4o-mini', 'gpt-4o-mini-realtime-preview-2024-12-17'],
    ['realtime-model-gpt-4o', 'gpt-4o-realtime-preview-2024-10-01'],
    ['realtime-model-gpt-realtime', 'gpt-realtime-mini-2025-12-15'],
    ['realtime-model-gpt-realtime', 'gpt-realtime-2'],
  ])('[%s] is %s', async (_rule, model) => {
    const { realtime: found, plan } = await compile({ model: { provider: 'openai', model }, voice: alloy })
    expect(found).not.toBeNull()
    expect(plan.transcribers.map(({ name }) => name)).toEqual(['openai/gpt-4o-transcribe'])
    expect(plan.voice.voices.map(({ name }) => name)).toEqual(['openai/alloy'])
  })

  it.each(['gpt-4o', 'gpt-4.1', 'gpt-realtimeless', 'tts-1'])('is not %s', async model => {
    expect((await compile({ model: { provider: 'openai', model } })).realtime).toBeNull()
  })

  it.each(REALTIME_VOICES)(
    '[realtime-standard-voices, realtime-exclusive-voices, realtime-five-voices, realtime-exclusive-example] speaks with the voice %s',
    async voiceId => {
      for (const model of ['gpt-realtime-2025-08-28', 'gpt-4o-realtime-preview-2024-12-17']) {
        const made = await compile({
          model: { provider: 'openai', model },
          voice: { provider: 'openai', voiceId },
        })
        expect(made.plan.voice.voices[0]?.name).toBe(`openai/${voiceId}`)
      }
    },
  )

  it.each(['ash', 'ballad', 'coral', 'fable', 'onyx', 'nova'])(
    '[realtime-unsupported-voices] does not speak with %s',
    async voiceId => {
      const voice = { provider: 'openai', voiceId }
      await expect(compile({ model: realtime, voice })).rejects.toMatchObject({
        exit: 2,
        message: `voice.voiceId: gpt-realtime-2025-08-28 has no voice ${voiceId}`,
        hint: expect.stringContaining('alloy, echo, shimmer, marin or cedar'),
      })
      // With a model that writes, such a voice is one as others are.
      await expect(compile({ model: { provider: 'openai', model: 'gpt-4o' }, voice })).resolves.toBeDefined()
    },
  )

  it('[realtime-no-cloned-voice] does not speak with a cloned voice, nor with one of another provider', async () => {
    await expect(
      compile({ model: realtime, voice: { provider: 'openai', voiceId: 'voice_1234' } }),
    ).rejects.toMatchObject({ exit: 2 })
    await expect(
      compile({ model: realtime, voice: { provider: '11labs', voiceId: 'my-clone' } }),
    ).rejects.toMatchObject({ exit: 2, message: expect.stringContaining('voice.provider') })
  })

  it.each(['marin', 'cedar'])(
    '[realtime-exclusive-voices] alone has the voice %s, as a fallback too',
    async voiceId => {
      const voice = { provider: 'openai', voiceId }
      const written = { provider: 'openai', model: 'gpt-4o' }
      await expect(compile({ model: written, voice })).rejects.toMatchObject({
        exit: 2,
        message: `voice.voiceId: only realtime models have the voice ${voiceId}`,
      })
      await expect(
        compile({ model: written, voice: { ...alloy, fallbackPlan: { voices: [voice] } } }),
      ).rejects.toMatchObject({ message: expect.stringContaining('voice.fallbackPlan.voices[0].voiceId') })
    },
  )

  it('[realtime-no-transcriber] needs no transcriber, and says that one which is set has no effect', async () => {
    const without = await compile({ model: realtime, voice: alloy })
    expect(without.plan.warnings).toEqual([])
    const transcriber = { provider: 'deepgram', model: 'flux-general-en', keywords: ['vapi'], language: 'de' }
    const withOne = await compile({ model: realtime, voice: alloy, transcriber })
    expect(withOne.plan.warnings).toEqual([
      'the transcriber of the assistant has no effect: the realtime model gpt-realtime-2025-08-28 listens itself; only its language counts',
    ])
    expect(withOne.plan.language).toBe('de')
    // Flux would end turns.
    expect(withOne.plan.transcribers).toMatchObject([{ name: 'openai/gpt-4o-transcribe', endsTurns: false }])
  })

  it('says what else has no effect, and formats nothing', async () => {
    const { plan, format } = await compile({
      model: { ...realtime, fallbackModels: ['gpt-4o'], numFastTurns: 2 },
      voice: {
        ...alloy,
        chunkPlan: { minCharacters: 10 },
        fallbackPlan: { voices: [{ provider: '11labs', voiceId: 'x' }] },
      },
    })
    expect(plan.warnings).toHaveLength(4)
    expect(plan.model.models).toHaveLength(1)
    expect(plan.voice.chunks).toMatchObject({ asTheyCome: true, format: false })
    expect(format.enabled).toBe(false)
  })

  it('[realtime-no-knowledge-base] has no knowledge bases', async () => {
    const { plan } = await compile({
      model: { ...realtime, knowledgeBaseId: 'kb', tools: [{ type: 'query' }, { type: 'endCall' }] },
      voice: alloy,
    })
    expect(plan.warnings).toEqual([
      'knowledge bases are not available with the realtime model gpt-realtime-2025-08-28',
    ])
    expect(plan.tools.map(({ name }) => name)).toEqual(['endCall'])
  })

  it('[realtime-migration-model] is simulated like any other', async () => {
    const call = await runSimulation(`
assistant: { model: { provider: openai, model: gpt-realtime-2025-08-28 }, voice: { provider: openai, voiceId: cedar } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "It costs $5, and 3 of them." }]`)
    // The words are not formatted: the sound would be the model’s.
    expect(call.all('assistant.speech.stopped')[0]).toMatchObject({
      spokenText: 'It costs $5, and 3 of them.',
    })
    expect(
      call
        .all('voice.requested')
        .map(({ text }) => text)
        .join(' '),
    ).toBe('It costs $5, and 3 of them.')
    expect(call.endedReason).toBe('customer-ended-call')
  })
})

describe('a call with a realtime model', () => {
  it('[realtime-example, realtime-temperature, realtime-max-tokens, realtime-instructions, realtime-instructions-at-start, realtime-instructions-like-prompts, realtime-speech-to-speech, realtime-transcripts, realtime-migration-model] has one session, which gets all that the assistant says, before any sound', async () => {
    const path = await callerFile(1200, 'What is the weather?', 3000)
    const { all, session, server } = await callRealtime(
      { answers: [{ text: 'It is sunny.' }], hears: ['What is the weather?'] },
      {
        ...ofThePage,
        model: {
          ...ofThePage.model,
          messages: [
            { role: 'system', content: 'You work for {{ company }}.' },
            { role: 'system', content: 'Be concise.' },
          ],
        },
        firstMessage: 'Hi!',
        firstMessageMode: 'assistant-speaks-first',
        ...quick,
      },
      path,
      { variables: { company: 'Acme' } },
    )
    // Nobody else was asked: there is no other server.
    expect(server.connections).toHaveLength(1)
    const [configuration, temperature] = session.events
    expect(configuration).toMatchObject({
      type: 'session.update',
      session: {
        type: 'realtime',
        instructions: 'You work for Acme.\n\nBe concise.',
        max_output_tokens: 250,
        audio: { output: { voice: 'alloy' } },
        tools: [{ type: 'function', name: 'getWeather', description: 'Get the current weather' }],
      },
    })
    expect(temperature).toMatchObject({ type: 'session.update', session: { temperature: 0.7 } })
    // OpenAI’s current models take none; it is told.
    expect(session.errors).toMatchObject([{ code: 'unknown_parameter' }])
    const [sent] = server.connections.map(({ texts }) => texts.map(text => JSON.parse(text).type))
    expect(sent.indexOf('session.update')).toBeLessThan(sent.indexOf('input_audio_buffer.append'))
    expect(
      all('transcript')
        .filter(({ transcriptType }) => transcriptType === 'final')
        .map(({ role, transcript }) => [role, transcript]),
    ).toEqual([
      ['assistant', 'Hi!'],
      ['user', 'What is the weather?'],
      ['assistant', 'It is sunny.'],
    ])
  })

  it('[realtime-temperature] has the temperature in its session where the model takes one', async () => {
    const { session } = await callRealtime(
      { answers: [{ text: 'Hello.' }] },
      {
        model: { model: 'gpt-4o-realtime-preview-2024-12-17', temperature: 0.7 },
        firstMessageMode: 'assistant-speaks-first-with-model-generated-message',
      },
      await callerFile(2000),
    )
    expect(session).toMatchObject({ beta: true, errors: [], session: { temperature: 0.7 } })
  })

  it('of Google speaks with its own five voices alone', async () => {
    const speaking = (voiceName: string) => ({
      model: {
        provider: 'google',
        model: 'gemini-2.0-flash-realtime-exp',
        realtimeConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName } } } },
      },
    })
    expect((await compile(speaking('Kore'))).plan.voice.voices[0]?.name).toBe('google/Kore')
    await expect(compile(speaking('alloy'))).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining('gemini-2.0-flash-realtime-exp has no voice alloy'),
      hint: 'its voices are Puck, Charon, Kore, Fenrir, Aoede',
    })
  })

  it('[realtime-endpointing-is-ours] answers when the start speaking plan says so', async () => {
    const path = await callerFile(300, 'Hello there.', 4000)
    const behaviour = { answers: [{ text: 'Hi.' }], hears: ['Hello there.'] }
    const waits: number[] = []
    for (const onPunctuationSeconds of [0.1, 1.5]) {
      const startSpeakingPlan = { waitSeconds: 0, transcriptionEndpointingPlan: { onPunctuationSeconds } }
      const { all, session } = await callRealtime(behaviour, { startSpeakingPlan }, path)
      const [stopped] = all('customer.speech.stopped')
      const [ended] = all('turn.ended')
      waits.push(ended.atMs - stopped.audioMs)
      expect(session.session).toMatchObject({ audio: { input: { turn_detection: null } } })
      expect(session.answers).toBe(1)
    }
    expect(waits[1]).toBeGreaterThanOrEqual(1500)
    expect(waits[0]).toBeLessThan(1000)
  })

  it('[realtime-interruption-is-ours] is interrupted as the stop speaking plan says, and the session is told', async () => {
    const long = Array.from({ length: 30 }, (_, place) => `word${place}`).join(' ')
    const path = await callerFile(300, 'Tell me a story.', 4000, 'Yes', 6000)
    const { all, session } = await callRealtime(
      { answers: [{ text: long }], hears: ['Tell me a story.', 'Yes.', ''] },
      // A short word does not stop it.
      { ...quick, stopSpeakingPlan: { numWords: 3 } },
      path,
    )
    expect(all('interruption').filter(({ ignored }) => !ignored)).toEqual([])
    expect(session.events.filter(({ type }) => type === 'conversation.item.truncate')).toEqual([])
    expect(all('assistant.speech.stopped')[0]).toMatchObject({ reason: 'completed' })
  })

  it('[realtime-function-calls] calls function tools as others do', async () => {
    const { session, all } = await callRealtime(
      {
        answers: [
          { calls: [{ name: 'getWeather', arguments: { location: 'Bonn' } }] },
          { text: 'It rains.' },
        ],
        hears: ['Weather in Bonn?'],
      },
      { ...ofThePage, model: { tools: ofThePage.model.tools }, ...quick },
      await callerFile(300, 'Weather in Bonn?', 3500),
      { script: { replies: null, tools: { getWeather: { result: 'rain' } } } },
    )
    expect(all('tool.called')).toMatchObject([{ name: 'getWeather', arguments: { location: 'Bonn' } }])
    expect(session.items.map(({ type }) => type)).toEqual([
      'message',
      'function_call',
      'function_call_output',
      'message',
    ])
    expect(session.items.find(({ type }) => type === 'function_call_output')).toMatchObject({
      output: 'rain',
    })
    expect(session.errors).toEqual([])
  })
})
