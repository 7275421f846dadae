import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBody } from '../../../src/assistant/call-body.ts'
import type { Json } from '../../../src/assistant/overrides.ts'
import { noAccount } from '../../../src/assistant/sources.ts'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { type LiveResult, runLiveCall } from '../../../src/call/live/live-call.ts'
import { applyChoices } from '../../../src/call/live/parts/choices.ts'
import { type CallRequest, prepareCall } from '../../../src/call/live/prepare.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { createHttpClient } from '../../../src/net/http.ts'
import { createFliteEngine } from '../../../src/providers/embedded/flite-engine.ts'
import { faintNoise, sayAll, wordErrorRate } from '../../providers/recognisers/hearing.ts'
import { errorReply, type FakeOpenAi, startFakeOpenAi, textReply } from '../../support/fake-openai.ts'
import { changes } from '../../support/fallback.ts'
import { temporaryFolder } from '../../support/program.ts'
import { requires } from '../../support/requires.ts'

/** Runs a call on this machine, on the wall clock. */
async function callLocally(
  assistant: Json,
  more: Partial<CallRequest> & Pick<CallRequest, 'customer'>,
  { env = {}, observed = () => {} }: { env?: NodeJS.ProcessEnv; observed?: (seen: Observation) => void } = {},
): Promise<LiveResult & { observations: Observation[] }> {
  const workingDirectory = temporaryFolder()
  const http = createHttpClient()
  const flite = createFliteEngine()
  const { signal } = new AbortController()
  const observations: Observation[] = []
  const request: CallRequest = {
    speaker: {
      body: readBody({ assistant }, 'test'),
      origin: { name: 'test' },
    },
    loadStored: noAccount,
    choices: { transcriber: null, model: null, voice: null, offline: false },
    variables: {},
    semantics: 'documentation',
    check: () => [],
    clientMessages: null,
    prices: null,
    analyse: false,
    output: { type: 'none' },
    headphones: false,
    denoiser: 'rnnoise',
    files: {},
    maximumDurationMs: 60_000,
    allowCode: false,
    warnings: [],
    script: null,
    ...more,
  }
  try {
    const surroundings = { http, flite, env: { HOME: workingDirectory, ...env }, workingDirectory, signal }
    const call = await prepareCall(request, surroundings)
    const listener = {
      observation: (seen: Observation) => {
        observations.push(seen)
        observed(seen)
      },
    }
    return { ...(await runLiveCall(call, listener, signal)), observations }
  } finally {
    http.close()
    await flite.close()
  }
}

async function* lines(...texts: string[]) {
  yield* texts
}

/** The assistant waits for the customer, and answers soon. */
const quick = {
  firstMessageMode: 'assistant-waits-for-user',
  startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'livekit', waitFunction: '500' } },
}

describe('the models of a local call', () => {
  let server: FakeOpenAi
  beforeEach(async () => {
    server = await startFakeOpenAi()
  })
  afterEach(() => server.close())

  it('[api-model-fallback] are asked in order at their server, and counted by their names', async () => {
    server.script(
      errorReply(500, 'out of order'),
      errorReply(429, 'too much'),
      textReply(['It is ', 'noon.'], { usage: { prompt_tokens: 11, completion_tokens: 3 } }),
      textReply(['You are welcome.']),
    )
    const assistant = {
      ...quick,
      model: {
        provider: 'custom-llm',
        url: server.baseUrl,
        model: 'first',
        fallbackModels: ['second', 'third'],
        temperature: 0.3,
        maxTokens: 77,
      },
    }
    const customer = { type: 'typed', lines: lines('What time is it?', 'Thanks.'), takeTurns: true } as const
    const { observations, result, record } = await callLocally(assistant, { customer })
    expect(changes({ observations }).map(change => change.replace(/^\d+ /, ''))).toEqual([
      'failed custom-llm/first',
      'custom-llm/first > custom-llm/second',
      'failed custom-llm/second',
      'custom-llm/second > custom-llm/third',
    ])
    expect(server.requests.map(({ json }) => json)).toMatchObject(
      ['first', 'second', 'third', 'third'].map(model => ({ model, temperature: 0.3, max_tokens: 77 })),
    )
    expect(result.endedReason).toBe('customer-ended-call')
    const said = observations.flatMap(seen =>
      seen.type === 'assistant.speech.stopped' ? [seen.spokenText] : [],
    )
    expect(said).toEqual(['It is noon.', 'You are welcome.'])
    const costs = (record.costs ?? []) as { type: string; model?: Json }[]
    expect(costs.filter(({ type }) => type === 'model')).toMatchObject([
      { model: { provider: 'custom-llm', model: 'third' } },
    ])
  })

  it('are left out with the transcribers of the plan where the user names others', async () => {
    const assistant = {
      model: { provider: 'openai', model: 'gpt-4o', fallbackModels: ['gpt-4.1'], temperature: 0.3 },
      transcriber: {
        provider: 'deepgram',
        language: 'en',
        fallbackPlan: { transcribers: [{ provider: 'gladia' }] },
      },
    }
    const choices = {
      model: 'ollama/llama3',
      transcriber: 'pocketsphinx',
      voice: null,
      offline: false,
      listening: true,
    }
    const http = createHttpClient()
    const chosen = await applyChoices(assistant, choices, http, {}, new AbortController().signal)
    http.close()
    expect(chosen.assistant).toEqual({
      model: { provider: 'ollama', model: 'llama3', temperature: 0.3 },
      transcriber: { provider: 'pocketsphinx', language: 'en' },
    })
  })

  it('are those of this machine offline, and a choice that is not is refused', async () => {
    const assistant = {
      model: { provider: 'ollama', model: 'llama3' },
      voice: {
        provider: 'embedded',
        voiceId: 'slt',
        fallbackPlan: {
          voices: [
            { provider: 'openai', voiceId: 'alloy' },
            { provider: 'embedded', voiceId: 'rms' },
          ],
        },
      },
      transcriber: { provider: 'pocketsphinx', fallbackPlan: { transcribers: [{ provider: 'deepgram' }] } },
    }
    const choices = { model: null, transcriber: null, voice: null, offline: true, listening: true }
    const http = createHttpClient()
    const { signal } = new AbortController()
    const chosen = await applyChoices(assistant, choices, http, {}, signal)
    expect(chosen).toMatchObject({
      assistant: {
        voice: { fallbackPlan: { voices: [{ provider: 'embedded', voiceId: 'rms' }] } },
        transcriber: { fallbackPlan: { transcribers: [] } },
      },
      warnings: [
        'offline: openai/alloy of the fallback plan cannot take over',
        'offline: deepgram of the fallback plan cannot take over',
      ],
    })
    await expect(
      applyChoices(assistant, { ...choices, voice: 'openai/alloy' }, http, {}, signal),
    ).rejects.toThrow('--offline and --voice openai/alloy do not go together')
    http.close()
  })

  it('[api-model-fallback] that have all failed end the call with the reason of the last failure', async () => {
    server.script(errorReply(500, 'out of order'), errorReply(401, 'who are you?'))
    const { result } = await callLocally(
      {
        ...quick,
        model: { provider: 'custom-llm', url: server.baseUrl, model: 'first', fallbackModels: ['second'] },
      },
      { customer: { type: 'typed', lines: lines('Hello.'), takeTurns: true } },
    )
    expect(result.endedReason).toBe('call.in-progress.error-vapifault-custom-llm-401-unauthorized')
  })
})

const missing = requires('pocketsphinx_continuous')
describe.skipIf(missing)(`the transcribers of a local call ${missing || ''}`, () => {
  const sentence = 'Can you tell me the opening hours on Saturday?'
  const heard = (observations: readonly Observation[]) =>
    observations.flatMap(seen => (seen.type === 'turn.ended' ? [seen.text] : [])).join(' ')
  const recorded = async () => {
    const engine = createFliteEngine()
    const { samples } = await sayAll(engine, [sentence])
    await engine.close()
    const path = join(temporaryFolder(), 'caller.wav')
    const sound = Int16Array.from([...samples, ...faintNoise(16_000)])
    await writeFile(path, encodeWav(sound, { sampleRate: 16_000, channels: 1 }))
    return path
  }
  const assistant = (transcriber: Json) => ({
    ...quick,
    model: { provider: 'none', model: 'none' },
    voice: { provider: 'silent' },
    transcriber,
  })
  const script = { replies: [{ reply: 'From ten to four.' }, { reply: 'Yes.' }], tools: {} }

  it('[api-transcriber-fallback] take over from one that is killed while the customer speaks', async () => {
    const folder = temporaryFolder()
    const program = spawnSync('sh', ['-c', 'command -v pocketsphinx_continuous'], {
      encoding: 'utf8',
    }).stdout.trim()
    const wrapper = join(folder, 'bin', 'pocketsphinx_continuous')
    await mkdir(join(folder, 'bin'))
    await writeFile(wrapper, `#!/bin/sh\necho $$ >> ${folder}/pids\nexec ${program} "$@"\n`)
    await chmod(wrapper, 0o755)
    let killed = false
    const { observations, result } = await callLocally(
      assistant({ provider: 'pocketsphinx', fallbackPlan: { transcribers: [{ provider: 'pocketsphinx' }] } }),
      { customer: { type: 'file', path: await recorded() }, script },
      {
        env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
        observed: ({ type }) => {
          if (type !== 'customer.speech.started' || killed) return
          killed = true
          void readFile(`${folder}/pids`, 'utf8').then(pids =>
            process.kill(Number(pids.split('\n')[0]), 'SIGKILL'),
          )
        },
      },
    )
    expect(changes({ observations }).map(change => change.replace(/^\d+ /, ''))).toEqual([
      'failed pocketsphinx/default',
      'pocketsphinx/default > pocketsphinx/default',
    ])
    expect((await readFile(`${folder}/pids`, 'utf8')).trim().split('\n')).toHaveLength(2)
    expect(wordErrorRate(sentence, heard(observations)), heard(observations)).toBeLessThan(0.3)
    expect(result.endedReason).toBe('customer-ended-call')
  }, 60_000)

  it('[api-transcriber-fallback] that do not run here are passed over', async () => {
    const { observations, result } = await callLocally(
      assistant({
        provider: 'deepgram',
        model: 'nova-3',
        fallbackPlan: { transcribers: [{ provider: 'gladia' }, { provider: 'pocketsphinx' }] },
      }),
      { customer: { type: 'file', path: await recorded() }, script },
      { env: { PATH: process.env.PATH } },
    )
    expect(changes({ observations }).map(change => change.replace(/^\d+ /, ''))).toEqual([
      'failed deepgram/nova-3',
      'deepgram/nova-3 > gladia/default',
      'failed gladia/default',
      'gladia/default > pocketsphinx/default',
    ])
    expect(wordErrorRate(sentence, heard(observations)), heard(observations)).toBeLessThan(0.3)
    expect(result.endedReason).toBe('customer-ended-call')
  }, 60_000)

  it('[api-transcriber-fallback] none of which runs here keep the call from beginning', async () => {
    await expect(
      callLocally(
        assistant({ provider: 'deepgram', fallbackPlan: { transcribers: [{ provider: 'gladia' }] } }),
        {
          customer: { type: 'file', path: await recorded() },
          script,
        },
      ),
    ).rejects.toThrow('Deepgram needs a key and none is set')
  }, 60_000)
})
