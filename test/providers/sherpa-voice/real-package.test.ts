/**
 * The real sherpa-onnx-node with made models: its interface, not its quality. Runs where the package is found: beside this
 * program, in the global folder of npm, or in a `node_modules` that NODE_PATH names.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FRAME_SAMPLES } from '../../../src/engine/ports/audio-input.ts'
import { findLocalRecogniser } from '../../../src/providers/recognisers/local-recognisers.ts'
import { findSherpaPackage } from '../../../src/providers/recognisers/sherpa-model.ts'
import { createSherpaVoice } from '../../../src/providers/sherpa-voice/sherpa-voice.ts'
import { temporaryFolder } from '../../support/program.ts'
import { TINY_TRANSDUCER, TINY_VOICE } from '../../support/tiny-speech-models.ts'
import { Notes } from '../recognisers/hearing.ts'

function isInstalled(): boolean {
  try {
    return findSherpaPackage(process.env, process.cwd()) !== ''
  } catch {
    return false
  }
}

describe.skipIf(!isInstalled())('the real sherpa-onnx-node (skipped where it is not installed)', () => {
  const keep = (name: string, files: Readonly<Record<string, Uint8Array>>) => {
    const models = temporaryFolder()
    const folder = join(models, 'sherpa-onnx', name)
    mkdirSync(folder, { recursive: true })
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content)
    return { ...process.env, VAPI_MODELS_DIR: models }
  }

  it('hears with a pulled transducer: partials, then a final', async () => {
    const env = keep('zipformer-en', TINY_TRANSDUCER)
    const transcriber = (await findLocalRecogniser(env))?.create()
    expect(transcriber?.name).toBe('sherpa-onnx/zipformer-en')
    const notes = new Notes()
    await transcriber?.start(notes)
    transcriber?.speech('started', 0)
    const noise = () => Int16Array.from({ length: FRAME_SAMPLES }, () => (Math.random() - 0.5) * 20_000)
    for (let audioMs = 0; audioMs < 1000; audioMs += 20) transcriber?.push({ audioMs, samples: noise() })
    transcriber?.speech('stopped', 1000)
    for (let audioMs = 1000; audioMs < 1600; audioMs += 20)
      transcriber?.push({ audioMs, samples: new Int16Array(FRAME_SAMPLES) })
    await transcriber?.close()
    expect(notes.failures).toEqual([])
    const partials = notes.transcripts.filter(({ transcriptType }) => transcriptType === 'partial')
    expect(partials.map(({ text }) => text)).toContain('one two')
    expect(notes.finals()).toMatchObject([{ text: 'one two three four', audioMs: 1000 }])
  })

  it('speaks with a pulled voice, a piece for each sentence', async () => {
    const env = keep('vits-ljs', TINY_VOICE)
    const voice = createSherpaVoice({
      name: 'sherpa-onnx/vits-ljs',
      voiceId: 'vits-ljs',
      env,
      cwd: process.cwd(),
    })
    const lengths: number[] = []
    const { signal } = new AbortController()
    for await (const { audio } of voice.speak({ text: 'hello world. hello!', settings: {} }, signal)) {
      if (audio.type !== 'pcm') continue
      expect(audio.sampleRate).toBe(22_050)
      expect(audio.samples[100]).toBe(8192)
      lengths.push(audio.samples.length)
    }
    expect(lengths).toEqual([13_000, 8000])
    await voice.close()
  })
})
