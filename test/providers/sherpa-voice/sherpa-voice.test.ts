import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { VoicePiece } from '../../../src/engine/ports/voice.ts'
import { createSherpaVoice } from '../../../src/providers/sherpa-voice/sherpa-voice.ts'
import { findVoiceModel } from '../../../src/providers/sherpa-voice/voice-model.ts'
import { temporaryFolder } from '../../support/program.ts'
import { TINY_VOICE } from '../../support/tiny-speech-models.ts'

/**
 * Has the interface of sherpa-onnx-node and no voice: 100 samples a letter, a piece for each sentence. Like the real one it
 * ends the process when the model is damaged.
 */
const STAND_IN = `
exports.OfflineTts = class {
  constructor({ model }) {
    if (require('node:fs').readFileSync(model.vits.model, 'utf8') === 'damaged') process.abort()
    this.numSpeakers = 2
    this.sampleRate = 22050
  }
  async generateAsync({ text, sid, speed, onProgress }) {
    if (text.includes('!')) throw new Error('no such letter')
    for (const sentence of text.split(/(?<=[.])\\s*/)) {
      if (sentence === 'die.') process.abort()
      const samples = new Float32Array(Math.round(sentence.length * 100 / speed)).fill(sid + 0.5)
      if (onProgress({ samples, progress: 0 }) === 0) return
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}`

describe('voices of sherpa-onnx', () => {
  let env: NodeJS.ProcessEnv
  let kept: (name: string, files: Record<string, string | Uint8Array>) => string
  beforeEach(() => {
    const root = temporaryFolder()
    const packages = join(root, 'node_modules')
    mkdirSync(join(packages, 'sherpa-onnx-node'), { recursive: true })
    writeFileSync(join(packages, 'sherpa-onnx-node', 'index.js'), STAND_IN)
    env = { VAPI_MODELS_DIR: join(root, 'models'), NODE_PATH: packages }
    kept = (name, files) => {
      const folder = join(root, 'models', 'sherpa-onnx', name)
      mkdirSync(folder, { recursive: true })
      for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content)
      return folder
    }
  })

  const voiceOf = (voiceId: string) =>
    createSherpaVoice({ name: `sherpa-onnx/${voiceId}`, voiceId, env, cwd: temporaryFolder() })
  async function speak(
    voice: ReturnType<typeof createSherpaVoice>,
    text: string,
    settings = {},
    signal = new AbortController().signal,
  ): Promise<{ samples: Int16Array; sampleRate: number }[]> {
    const sound: { samples: Int16Array; sampleRate: number }[] = []
    for await (const { audio } of voice.speak({ text, settings }, signal) as AsyncIterable<VoicePiece>)
      if (audio.type === 'pcm') sound.push(audio)
    return sound
  }

  it('speak sentence by sentence, at the wanted speed', async () => {
    kept('vits-ljs', TINY_VOICE)
    const voice = voiceOf('vits-ljs')
    const sound = await speak(voice, 'One. Two and.')
    expect(sound.map(({ samples, sampleRate }) => [samples.length, sampleRate])).toEqual([
      [400, 22_050],
      [800, 22_050],
    ])
    expect(sound[0]?.samples[0]).toBe(16_384)
    const [fast] = await speak(voice, 'One.', { speed: 2 })
    expect(fast?.samples.length).toBe(200)
    await voice.close()
  })

  it('take a speaker by its number, and refuse one that they do not have', async () => {
    kept('own', TINY_VOICE)
    const voice = voiceOf('own/1')
    const [sound] = await speak(voice, 'a.')
    expect(sound?.samples[0]).toBe(32_767)
    await voice.close()
    const none = voiceOf('own/7')
    await expect(speak(none, 'a.')).rejects.toMatchObject({ code: 'voice-failed', message: /no speaker 7/ })
    await none.close()
    kept('kokoro-en-v0_19', { ...TINY_VOICE, 'voices.bin': '' })
    expect(findVoiceModel(env, 'kokoro-en-v0_19/bm_george')).toMatchObject({
      speaker: 9,
      model: { kokoro: {} },
    })
    expect(() => findVoiceModel(env, 'kokoro-en-v0_19/nobody')).toThrow(/no speaker nobody/)
  })

  it('stop when nobody listens any more, and speak the next text', async () => {
    kept('vits-ljs', TINY_VOICE)
    const voice = voiceOf('vits-ljs')
    const stop = new AbortController()
    for await (const _ of voice.speak({ text: 'One. '.repeat(50), settings: {} }, stop.signal)) stop.abort()
    expect(await speak(voice, 'Two.')).toHaveLength(1)
    await voice.close()
  })

  it('fail by a text that cannot be spoken, and by the end of their process, and come back', async () => {
    kept('vits-ljs', TINY_VOICE)
    const voice = voiceOf('vits-ljs')
    await expect(speak(voice, 'Oh!')).rejects.toMatchObject({
      code: 'voice-failed',
      message: /no such letter/,
    })
    await expect(speak(voice, 'One. die. Two.')).rejects.toMatchObject({
      code: 'voice-failed',
      message: expect.stringContaining('its process ended'),
      endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
    })
    expect(await speak(voice, 'Two.')).toHaveLength(1)
    await voice.close()
  })

  it('fail, and do not take us with them, when a model is damaged', async () => {
    kept('vits-ljs', { ...TINY_VOICE, 'model.onnx': 'damaged' })
    const voice = voiceOf('vits-ljs')
    await expect(speak(voice, 'One.')).rejects.toMatchObject({ code: 'voice-failed', retryable: true })
    await voice.close()
  })

  it('say before the call what is missing', () => {
    expect(() => voiceOf('vits-ljs')).toThrow(
      expect.objectContaining({ code: 'voice-model-not-found', hint: 'vapi voice models pull vits-ljs' }),
    )
    kept('half', { 'model.onnx': '' })
    expect(() => voiceOf('half')).toThrow(/lacks tokens\.txt, lexicon\.txt or espeak-ng-data/)
    for (const none of ['', 'default']) expect(() => voiceOf(none)).toThrow(/no voice of sherpa-onnx/)
    kept('zipformer-en', {})
    expect(() => voiceOf('zipformer-en')).toThrow(/recognises speech/)
    const folder = kept('vits-ljs', TINY_VOICE)
    const model = { vits: { model: join(folder, 'model.onnx') } }
    for (const first of ['', 'default', 'vits-ljs', folder])
      expect(findVoiceModel(env, first)).toMatchObject({ speaker: 0, model })
    env.NODE_PATH = ''
    expect(() => voiceOf('vits-ljs')).toThrow(expect.objectContaining({ code: 'recogniser-not-installed' }))
  })
})
