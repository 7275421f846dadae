import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { compileArtifactPlan } from '../../src/assistant/artifact-plan.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { type Background, createOffice } from '../../src/audio/background/office.ts'
import type { OutputDevice, OutputSource } from '../../src/audio/devices/output-device.ts'
import { createPlayback } from '../../src/audio/plane/playback.ts'
import { splitRecording } from '../../src/audio/wav/split.ts'
import { WavWriter } from '../../src/audio/wav/writer.ts'
import { estimateCosts } from '../../src/call/costs/estimate.ts'
import { createMeter } from '../../src/call/costs/meter.ts'
import { loadPrices, type PriceTable, priceOf } from '../../src/call/costs/prices.ts'
import type { MemberPorts } from '../../src/call/ports.ts'
import { createRealClock } from '../../src/call/real-clock.ts'
import callLocal from '../../src/commands/call-local.ts'
import { createScriptedModel } from '../../src/engine/ports/language-model.scripted.ts'
import { createSimulatedVoice } from '../../src/engine/ports/voice.simulated.ts'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { CALL_BEGAN_MS, shippedPrices, tellCall, tellSquad } from '../support/messages.ts'
import { runCommand } from '../support/run-command.ts'

const conversation = `
caller:
  - { at: 0, say: "When are you open?", lasts: 1 }
  - { after: assistant, plus: 1, say: "Thank you.", lasts: 1 }
model: [{ reply: "From eight to five." }, { reply: "Goodbye." }]`

const withTool = `
assistant:
  model:
    provider: openai
    model: gpt-4o
    messages: [{ role: system, content: "Be brief." }]
    tools: [{ type: function, function: { name: book }, messages: [{ type: request-start, content: "" }] }]
latencies: { transcriberMs: 100, modelMs: 500, voiceMs: 300 }
caller: [{ at: 0, say: "Book it.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: book, arguments: { day: Friday } }] }, { reply: "Done." }]`

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'artifact-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('the messages', () => {
  it('[api-artifact-messages] have the five roles, with times since 1970 and since the begin, and lengths in ms', async () => {
    const { aftermath } = await tellCall(withTool)
    const { messages } = aftermath.artifact
    expect(messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'tool_calls',
      'tool_call_result',
      'bot',
    ])
    const user = messages.find(({ role }) => role === 'user')
    expect(user).toMatchObject({
      message: 'Book it.',
      time: CALL_BEGAN_MS,
      endTime: CALL_BEGAN_MS + 1000,
      secondsFromStart: 0,
      duration: 1000,
    })
    for (const { time, secondsFromStart } of messages)
      expect(time).toBe(CALL_BEGAN_MS + Math.round(secondsFromStart * 1000))
  })

  it('[api-artifact-openai-messages] stand in OpenAI’s form beside them', async () => {
    const { aftermath } = await tellCall(withTool)
    expect(aftermath.artifact.messagesOpenAIFormatted).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Book it.' },
      { role: 'assistant', tool_calls: [{ function: { name: 'book', arguments: '{"day":"Friday"}' } }] },
      { role: 'tool', content: 'success' },
      { role: 'assistant', content: 'Done.' },
    ])
  })

  it('[api-model-output-in-messages] hold what was heard unless the model’s own text is wanted', async () => {
    const cut = (more: string) =>
      tellCall(`
assistant: { ${more} }
caller:
  - { at: 0, say: "Tell me.", lasts: 1 }
  - { during: assistant, plus: 0.8, say: "Stop please", lasts: 1 }
model: [{ reply: "This is a rather long answer with many words in it." }, { reply: "Yes?" }]`)
    const spoken = async (more: string) =>
      (await cut(more)).aftermath.artifact.messages.flatMap(message =>
        message.role === 'bot' ? [message.message] : [],
      )[0]
    expect(await spoken('')).toMatch(/^This is/)
    expect((await spoken(''))?.length).toBeLessThan(30)
    expect(await spoken('modelOutputInMessagesEnabled: true')).toBe(
      'This is a rather long answer with many words in it.',
    )
  })

  it('[api-full-message-history] leave out what a hand-off hid, unless all of it is wanted', async () => {
    const said = async (artifactPlan: Record<string, unknown>) => {
      const hiding = { contextEngineeringPlan: { type: 'none' } }
      const { aftermath } = await tellSquad({ artifactPlan }, hiding)
      return aftermath.artifact.messages.flatMap(message => ('message' in message ? [message.message] : []))
    }
    expect(await said({})).not.toContain('A question about my invoice.')
    expect(await said({ fullMessageHistoryEnabled: true })).toContain('A question about my invoice.')

    const plan = (artifactPlan: unknown) =>
      compileArtifactPlan(parseAssistant({ artifactPlan }, 'test')).plan.fullHistory
    expect(plan(undefined)).toBe(false)
    expect(plan({ fullMessageHistoryEnabled: true })).toBe(true)
  })
})

describe('the transcript', () => {
  it('[api-artifact-transcript, api-transcript-plan, languages-call-has-transcript] has a line for each utterance, AI and User by default', async () => {
    const { aftermath } = await tellCall(conversation)
    expect(aftermath.artifact.transcript).toBe(
      'User: When are you open?\nAI: From eight to five.\nUser: Thank you.\nAI: Goodbye.',
    )
  })

  it('[api-transcript-plan] has the names of its plan, and is left out where that is off', async () => {
    const named = await tellCall(`
assistant: { artifactPlan: { transcriptPlan: { assistantName: Desk, userName: Caller } } }
${conversation}`)
    expect(named.aftermath.artifact.transcript).toMatch(/^Caller: When are you open\?\nDesk: From eight/)
    const off = await tellCall(`
assistant: { artifactPlan: { transcriptPlan: { enabled: false } } }
${conversation}`)
    expect(off.aftermath.artifact).not.toHaveProperty('transcript')
  })
})

describe('the figures', () => {
  it('[api-artifact-performance, timing-stages-told] are those of each turn, with averages and interruptions', async () => {
    const { aftermath, observations } = await tellCall(withTool)
    const { performanceMetrics: figures } = aftermath.artifact
    const [turn] = figures.turnLatencies
    expect(turn).toMatchObject({ transcriberLatency: 100, turnLatency: expect.any(Number) })
    expect(figures).toMatchObject({
      modelLatencyAverage: turn?.modelLatency,
      voiceLatencyAverage: turn?.voiceLatency,
      endpointingLatencyAverage: turn?.endpointingLatency,
      transcriberLatencyAverage: 100,
      turnLatencyAverage: turn?.turnLatency,
      numUserInterrupted: 0,
      numAssistantInterrupted: 0,
    })
    for (const latency of observations.filter(({ type }) => type === 'turn.latency')) {
      if (latency.type !== 'turn.latency') continue
      const { endpointingMs, modelMs, voiceMs, waitMs, totalMs } = latency
      expect(endpointingMs + modelMs + voiceMs + waitMs).toBe(totalMs)
    }
  })

  it('[api-artifact-performance] count how often each side was interrupted', async () => {
    const { aftermath } = await tellCall(`
caller:
  - { at: 0, say: "Tell me.", lasts: 1 }
  - { during: assistant, plus: 1, say: "Stop please", lasts: 1 }
model: [{ reply: "This is a rather long answer with many words in it." }, { reply: "Yes?" }]`)
    expect(aftermath.artifact.performanceMetrics).toMatchObject({
      numAssistantInterrupted: 1,
      numUserInterrupted: 0,
    })
    const overTalked = await tellCall(`
caller: [{ at: 0, say: "I am telling a very long story now", lasts: 5 }]
control: [{ at: 1, send: { type: say, content: "Excuse me." } }]
model: [{ reply: "Yes?" }, { reply: "Yes?" }]`)
    expect(overTalked.aftermath.artifact.performanceMetrics.numUserInterrupted).toBe(1)
  })
})

describe('the rest of the artifact', () => {
  it('[api-artifact-variables] has the variables of the call', async () => {
    const { aftermath } = await tellCall(`
assistantOverrides: { variableValues: { city: Oslo } }
${conversation}`)
    expect(aftermath.artifact.variableValues).toMatchObject({ city: 'Oslo', year: '2026' })
  })

  it('[api-artifact-activations] has each assistant that took the call', async () => {
    const { aftermath } = await tellCall(`assistant: { id: a-1 }\n${conversation}`)
    expect(aftermath.artifact.assistantActivations).toEqual([{ assistantName: 'Desk', assistantId: 'a-1' }])
  })

  it('[api-artifact-transfers] has each transfer with its destination and status', async () => {
    const { aftermath } = await tellCall(`
assistant:
  model:
    provider: openai
    model: gpt-4o
    tools: [{ type: transferCall, destinations: [{ type: number, number: "+15551234567" }] }]
caller: [{ at: 0, say: "Somebody else please.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: "+15551234567" } }] }]`)
    expect(aftermath.artifact.transfers).toMatchObject([
      { destination: { number: '+15551234567' }, status: 'completed', dryRun: true },
    ])
  })
})

describe('the costs', () => {
  let prices: PriceTable
  beforeAll(async () => {
    prices = await shippedPrices()
  })

  it('[api-costs] have an entry for transcriber, model and voice, estimated from the table', async () => {
    const { aftermath, told } = await tellCall(conversation, prices)
    const { costs } = aftermath
    expect(costs?.costs).toMatchObject([
      { type: 'transport' },
      { type: 'transcriber', transcriber: { provider: 'deepgram' }, minutes: expect.any(Number) },
      {
        type: 'model',
        model: { provider: 'openai', model: 'gpt-4o' },
        promptTokens: expect.any(Number),
        completionTokens: expect.any(Number),
      },
      { type: 'voice', voice: { provider: 'openai', voiceId: 'alloy' }, characters: 27 },
      { type: 'vapi', subType: 'normal' },
    ])
    const voice = costs?.costs.find(({ type }) => type === 'voice')
    expect(voice?.cost).toBeCloseTo((27 / 1000) * 0.015, 6)
    expect(costs?.cost).toBeCloseTo(costs?.costs.reduce((sum, { cost }) => sum + cost, 0) ?? 0, 5)
    expect(costs?.costEstimate).toMatchObject({ estimated: true, unpriced: [], tokensEstimated: true })
    expect(costs?.costBreakdown).toMatchObject({ ttsCharacters: 27, total: costs?.cost })
    expect(told('end-of-call-report')[0]).toMatchObject({ cost: costs?.cost, costs: costs?.costs })
  })

  it('[fallback-cost-of-each-voice] have an entry for each voice that spoke', async () => {
    const { told } = await tellCall(
      `
assistant:
  voice: { provider: openai, voiceId: alloy, fallbackPlan: { voices: [{ provider: cartesia, voiceId: b }] } }
caller:
  - { at: 0, say: "When are you open?", lasts: 1 }
failures: [{ voice: openai/alloy, times: 1 }]
model: [{ reply: "From eight to five." }]`,
      prices,
    )
    const entries = told('end-of-call-report')[0]?.costs as { type: string }[]
    expect(entries.filter(({ type }) => type === 'voice')).toMatchObject([
      { voice: { provider: 'cartesia', voiceId: 'b' }, characters: 19, cost: expect.any(Number) },
    ])
    const clock = createRealClock()
    const meter = createMeter()
    const voiceOf = (name: string) =>
      createSimulatedVoice({ name, latencyMs: 0, charactersPerSecond: 1000, clock })
    const { voices: measured } = meter.measure({
      models: [createScriptedModel({ name: 'openai/gpt-4o', replies: [], latencyMs: 0, clock })],
      voices: [voiceOf('openai/alloy'), voiceOf('cartesia/b')],
    } as unknown as MemberPorts)
    for (const [voice, text] of [
      [measured[0], 'Until here'],
      [measured[1], 'and on.'],
    ] as const) {
      const pieces = voice?.speak({ text, settings: {} }, new AbortController().signal) ?? []
      for await (const piece of pieces) expect(piece.audio).toBeDefined()
    }
    const estimate = { durationMs: 60_000, usage: meter.usage(), analysis: [], transcribers: [] }
    const { costs } = estimateCosts(estimate, prices)
    expect(costs.filter(({ type }) => type === 'voice')).toMatchObject([
      { voice: { provider: 'openai', voiceId: 'alloy' }, characters: 10 },
      { voice: { provider: 'cartesia', voiceId: 'b' }, characters: 7 },
    ])
  })

  it('[api-costs] name the parts without a price, and follow the user’s own table', async () => {
    const folder = temporary()
    const own = join(folder, 'prices.yaml')
    writeFileSync(own, 'voices: { lmnt: { perThousandCharacters: 1 } }\nvapi: { perMinute: 0 }\n')
    const call = `assistant: { voice: { provider: lmnt, voiceId: lily } }\n${conversation}`
    const unpriced = await tellCall(call, prices)
    expect(unpriced.aftermath.costs?.costEstimate.unpriced).toEqual(['lmnt/lily'])
    const priced = await tellCall(call, await loadPrices(own, { HOME: '/nowhere' }))
    expect(priced.aftermath.costs?.costs.find(({ type }) => type === 'voice')?.cost).toBeCloseTo(0.027, 6)
    expect(priced.aftermath.costs?.costBreakdown.vapi).toBe(0)
    writeFileSync(own, 'voices: { lmnt: { perWord: 1 } }\n')
    await expect(loadPrices(own, {})).rejects.toThrow(/perWord/)
  })

  it('take the price of the longest name that a model begins with', () => {
    const table = { 'openai/gpt-4o': 1, 'openai/gpt-4o-mini': 2, ollama: 3 }
    expect(priceOf(table, 'openai/gpt-4o-2024-08-06')).toBe(1)
    expect(priceOf(table, 'openai/gpt-4o-mini-2024-07-18')).toBe(2)
    expect(priceOf(table, 'ollama/llama3')).toBe(3)
    expect(priceOf(table, 'openai/gpt-4')).toBeUndefined()
  })
})

/** A call on this machine in which the assistant only says hello; gives its record. */
async function liveCall(fields: Record<string, unknown>, argv: readonly string[] = []) {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(() => textReply(['ok']))
  const folder = temporary()
  const assistant = {
    name: 'Desk',
    firstMessage: 'Hello there.',
    model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
    voice: { provider: 'embedded', voiceId: 'slt' },
    ...fields,
  }
  writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
  const { finished } = runCommand(
    callLocal,
    ['assistant.json', '--in', 'text', '--out', 'said.wav', '--json', ...argv],
    { baseUrl: server.url, cwd: folder },
  )
  const { exit, error, stdout, stderr } = await finished
  expect({ exit, error }).toEqual({ exit: 0, error: null })
  const path = /artifact +(\/.*)/.exec(stderr)?.[1] ?? ''
  return { record: JSON.parse(readFileSync(path, 'utf8')), stdout, server, folder }
}

describe('the recordings', () => {
  it('[api-artifact-recording, keys-recordings-kept, api-recording-default, api-recording-format] are WAV files of both sides, together and apart', async () => {
    const { record } = await liveCall({})
    const { stereoUrl, mono } = record.artifact.recording
    for (const url of [stereoUrl, mono.combinedUrl, mono.assistantUrl, mono.customerUrl]) {
      const bytes = readFileSync(fileURLToPath(url))
      expect(bytes.toString('latin1', 0, 4)).toBe('RIFF')
      expect(bytes.toString('latin1', 8, 12)).toBe('WAVE')
    }
    const loudest = (url: string) => {
      const bytes = readFileSync(fileURLToPath(url)).subarray(44)
      let peak = 0
      for (let place = 0; place + 1 < bytes.length; place += 2)
        peak = Math.max(peak, Math.abs(bytes.readInt16LE(place)))
      return peak
    }
    expect(loudest(mono.assistantUrl)).toBeGreaterThan(1000)
    expect(loudest(mono.customerUrl)).toBe(0)
  })

  it('[api-artifact-recording] give each channel of the stereo file its own', async () => {
    const folder = temporary()
    const stereo = join(folder, 'stereo.wav')
    const writer = await WavWriter.create(stereo, { sampleRate: 16_000, channels: 2 })
    writer.write(Int16Array.from([100, -300, 30_000, 30_000, 0, 7]))
    await writer.close()
    const files = {
      combined: join(folder, 'c.wav'),
      assistant: join(folder, 'a.wav'),
      customer: join(folder, 'u.wav'),
    }
    await splitRecording(stereo, files)
    const samples = (path: string) => {
      const bytes = readFileSync(path).subarray(44)
      return Array.from({ length: bytes.length / 2 }, (_, place) => bytes.readInt16LE(place * 2))
    }
    expect(samples(files.customer)).toEqual([100, 30_000, 0])
    expect(samples(files.assistant)).toEqual([-300, 30_000, 7])
    expect(samples(files.combined)).toEqual([-200, 32_767, 7])
  })

  it('[api-recording-default] are not kept where recordingEnabled is false', async () => {
    const { record } = await liveCall({ artifactPlan: { recordingEnabled: false } })
    expect(record.artifact).not.toHaveProperty('recording')
  })

  it('[api-recording-format] are WAV also where MP3 is wanted, with a warning', async () => {
    const { stdout } = await liveCall({ artifactPlan: { recordingFormat: 'mp3' } })
    expect(stdout).toMatch(/"type":"warning","message":"artifactPlan.recordingFormat mp3/)
  })
})

describe('the background', () => {
  /** Plays half a second of speech and a quarter of nothing; gives what was heard and told. */
  async function play(background: Background | null) {
    let source: OutputSource | null = null
    const device: OutputDevice = {
      name: 'test',
      open: async given => {
        source = given
      },
      drop: async () => 0,
      close: async () => {},
    }
    const heard: number[] = []
    const told: string[] = []
    const output = createPlayback(device, samples => heard.push(...samples), background)
    await output.open({
      started: id => told.push(`started ${id} at ${heard.length}`),
      drained: id => told.push(`drained ${id} at ${heard.length}`),
      cleared: () => told.push('cleared'),
      failed: error => told.push(error.message),
    })
    output.append(
      { utteranceId: 'u', workId: 'w' },
      { type: 'pcm', samples: new Int16Array(8000).fill(9000), sampleRate: 16_000 },
    )
    output.completeChunk({ utteranceId: 'u', workId: 'w' })
    output.play('u')
    output.finish('u')
    const opened: OutputSource = source ?? {
      pull: () => new Int16Array(0),
      played: () => {},
      failed: () => {},
    }
    for (let frame = 1; frame <= 38; frame++) {
      expect(opened.pull(320)).toHaveLength(320)
      opened.played(frame * 320)
    }
    return { heard, told }
  }

  it('[speech-background-sound-web, speech-background-sound-off] is silent where it is not set, or off', async () => {
    const background = (fields: Record<string, unknown>) =>
      compileArtifactPlan(parseAssistant(fields, 'test')).plan.background
    expect([background({}), background({ backgroundSound: 'off' })]).toEqual(['off', 'off'])
    const { heard } = await play(null)
    expect(new Set(heard.slice(8000))).toEqual(new Set([0]))
  })

  it('[speech-background-sound-office] is heard softly under speech and silence, and changes no time', async () => {
    expect(compileArtifactPlan(parseAssistant({ backgroundSound: 'office' }, 'test'))).toMatchObject({
      plan: { background: 'office' },
      warnings: [],
    })
    const [plain, office] = [await play(null), await play(createOffice(7))]
    expect(office.told).toEqual(plain.told)
    const added = office.heard.map((sample, place) => sample - (plain.heard[place] ?? 0))
    for (const part of [added.slice(0, 8000), added.slice(8000)]) {
      const level = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length)
      expect(level).toBeGreaterThan(20)
      expect(level).toBeLessThan(900)
    }
    expect(await play(createOffice(7))).toEqual(office)
  })
})
