import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { joinSamples } from '../../src/audio/samples.ts'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import { identityModel } from '../providers/end-of-turn/tiny-onnx.ts'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { synthesise } from '../support/speech.ts'

const missing = requires('pocketsphinx_continuous')

describe('krisp in a call from a sound file', () => {
  it.skipIf(missing)(`ends the turn by the sound ${missing || ''}`, async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.script(textReply(['Good.']))
    const folder = temporaryFolder()
    const speech = await synthesise('I would like to go to the airport tomorrow.')
    const quiet = new Int16Array(8000)
    const sound = encodeWav(joinSamples([quiet, speech, quiet]), { sampleRate: 16_000, channels: 1 })
    writeFileSync(join(folder, 'caller.wav'), sound)
    const assistant = {
      firstMessageMode: 'assistant-waits-for-user',
      model: {
        provider: 'custom-llm',
        url: server.baseUrl,
        model: 'test',
        messages: [{ role: 'system', content: 'Be brief.' }],
      },
      voice: { provider: 'silent' },
      transcriber: { provider: 'pocketsphinx' },
      startSpeakingPlan: {
        waitSeconds: 0,
        smartEndpointingPlan: { provider: 'krisp', threshold: 0.5 },
      },
    }
    writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
    const { stdout, stderr, code } = await vapi(
      ['call', 'local', 'assistant.json', '--in', 'caller.wav', '--json', '--skip-analysis'],
      { cwd: folder },
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const events = jsonLines(stdout)
    const decided = events.find(({ type }) => type === 'endpointing.decided')
    expect(decided).toMatchObject({
      by: 'krisp',
      detail: expect.stringMatching(/^probability .*, threshold 0.5$/),
    })
    expect(decided?.finished).toBeGreaterThanOrEqual(0.5)
    expect(events.find(({ type }) => type === 'turn.ended')).toBeDefined()
    expect(events.filter(({ type }) => type === 'warning')).toEqual([])
    expect(events.find(({ type }) => type === 'assistant.speech.started')).toMatchObject({ text: 'Good.' })
  })
})

/** A folder with a small ONNX model, a tokenizer of bytes beside it, and a simulation that livekit decides. */
function modelFolder(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'model'))
  writeFileSync(join(folder, 'model', 'turn.onnx'), identityModel())
  const letters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  const tokens = [...letters, 'Ġ', 'Ċ', 'ye', 'yes', 'no']
  const tokenizer = {
    added_tokens: [
      { id: 200, content: '<|im_start|>' },
      { id: 201, content: '<|im_end|>' },
    ],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(tokens.map((token, index) => [token, index])),
      merges: ['y e', 'ye s', 'n o'],
    },
  }
  writeFileSync(join(folder, 'model', 'tokenizer.json'), JSON.stringify(tokenizer))
  const scenario = {
    assistant: {
      firstMessageMode: 'assistant-waits-for-user',
      startSpeakingPlan: {
        waitSeconds: 0,
        smartEndpointingPlan: { provider: 'livekit', waitFunction: '1000 * x' },
      },
    },
    caller: [{ at: 0, say: 'yes', lasts: 1 }],
    model: [{ reply: 'Good.' }],
  }
  writeFileSync(join(folder, 'call.json'), JSON.stringify(scenario))
  return folder
}

/** Where the user's onnxruntime-node is; the tests name a folder by NODE_PATH. */
function runtimeFolder(): string | null {
  for (const folder of [process.env.NODE_PATH ?? '', process.cwd()].filter(Boolean)) {
    try {
      createRequire(join(folder, 'any.js')).resolve('onnxruntime-node')
      return folder
    } catch {
      // Not there.
    }
  }
  return null
}

const runtime = runtimeFolder()
const withModel = ['call', 'simulate', 'call.json', '--json', '--end-of-turn-model']

describe('--end-of-turn-model', () => {
  it('estimator judges the words of a simulation by the estimator of local calls', async () => {
    const { stdout, code } = await vapi([...withModel, 'estimator'], { cwd: modelFolder() })
    expect(code).toBe(0)
    const decided = jsonLines(stdout).find(({ type }) => type === 'endpointing.decided')
    // By the script alone the turn would be over with certainty, after 0 ms.
    expect(decided).toMatchObject({ by: 'livekit' })
    expect(Number(decided?.waitMs)).toBeGreaterThan(50)
    expect(Number(decided?.waitMs)).toBeLessThan(500)
  })

  it.each([
    ['simulate', ['call', 'simulate', 'call.json']],
    ['local', ['call', 'local', 'assistant.json', '--in', 'text']],
  ])('of call %s says what is missing for an ONNX file, and how to get it', async (_command, args) => {
    const folder = modelFolder()
    const assistant = { model: { provider: 'custom-llm', url: 'http://127.0.0.1:9/v1', model: 'x' } }
    writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
    const none = await vapi([...args, '--end-of-turn-model', 'nowhere/turn.onnx'], { cwd: folder })
    expect(none.code).toBe(5)
    expect(none.stderr).toMatch(/there is no .*nowhere\/tokenizer\.json/)
    // A machine may have the package among its global ones; the message is for those that have not.
    const absent = await vapi([...args, '--end-of-turn-model', 'model/turn.onnx'], { cwd: folder })
    if (absent.code !== 2) return
    expect(absent.stderr).toContain('needs onnxruntime-node, which is not installed')
    expect(absent.stderr).toContain('hint: npm install -g onnxruntime-node')
  })

  it.skipIf(runtime === null)(
    `runs an ONNX file ${runtime === null ? '(skipped: no onnxruntime-node in NODE_PATH)' : ''}`,
    async () => {
      const { stdout, stderr, code } = await vapi([...withModel, 'model/turn.onnx'], {
        cwd: modelFolder(),
        env: { NODE_PATH: runtime ?? '' },
      })
      expect({ code, stderr }).toMatchObject({ code: 0 })
      // The file answers with a sigmoid of the last token's number, 97, less 98: 0.269.
      expect(jsonLines(stdout).find(({ type }) => type === 'endpointing.decided')).toMatchObject({
        by: 'livekit',
        stillSpeaking: 0.731,
        waitMs: 731,
      })
    },
  )
})
