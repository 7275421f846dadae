import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FRAME_SAMPLES } from '../../../src/engine/ports/audio-input.ts'
import { createSherpa } from '../../../src/providers/recognisers/sherpa.ts'
import { findSherpaModel } from '../../../src/providers/recognisers/sherpa-model.ts'
import { Notes } from './hearing.ts'

/**
 * Has the interface of sherpa-onnx-node and no recognition: it gives one word per 100 ms of sound and, like the
 * real one, ends the process when the model is damaged.
 */
const STAND_IN = `
exports.OnlineRecognizer = class {
  constructor({ modelConfig }) {
    const { readFileSync } = require('node:fs')
    for (const file of Object.values(modelConfig.transducer)) if (readFileSync(file, 'utf8') !== 'int8') process.abort()
    this.words = readFileSync(modelConfig.tokens, 'utf8').split(' ')
  }
  createStream() { return { samples: 0, finished: false, acceptWaveform({ samples }) { if (this.finished) throw new Error('finished'); this.samples += samples.length }, inputFinished() { this.finished = true } } }
  isReady() { return false }
  decode() {}
  isEndpoint() { return false }
  reset(stream) { stream.samples = 0 }
  getResult(stream) {
    if (stream.samples > 160_000) throw new Error('too much sound')
    return { text: this.words.slice(0, Math.floor(stream.samples / 1600)).join(' ') }
  }
}`

describe('sherpa-onnx', () => {
  let folder: string
  let model: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vapi-sherpa-'))
    model = join(folder, 'model')
    await mkdir(model)
    await mkdir(join(folder, 'node_modules', 'sherpa-onnx-node'), { recursive: true })
    await writeFile(join(folder, 'node_modules', 'sherpa-onnx-node', 'index.js'), STAND_IN)
    for (const part of ['encoder', 'decoder', 'joiner']) {
      await writeFile(join(model, `${part}-epoch-99.onnx`), 'float')
      await writeFile(join(model, `${part}-epoch-99.int8.onnx`), 'int8')
    }
    await writeFile(join(model, 'tokens.txt'), 'ONE TWO THREE FOUR')
  })
  afterAll(() => rm(folder, { recursive: true }))

  const sherpa = (modelFolder = model, cwd = folder) => createSherpa({ modelFolder, env: {}, cwd })
  const frame = (audioMs: number) => ({ audioMs, samples: new Int16Array(FRAME_SAMPLES) })

  it('prefers the small files of a model', async () => {
    expect(await findSherpaModel(model)).toEqual({
      encoder: join(model, 'encoder-epoch-99.int8.onnx'),
      decoder: join(model, 'decoder-epoch-99.int8.onnx'),
      joiner: join(model, 'joiner-epoch-99.int8.onnx'),
      tokens: join(model, 'tokens.txt'),
    })
  })

  it('lists what a model folder lacks', async () => {
    await mkdir(join(folder, 'half'))
    await writeFile(join(folder, 'half', 'decoder.onnx'), '')
    await expect(sherpa(join(folder, 'half')).start(new Notes())).rejects.toMatchObject({
      code: 'recogniser-model-incomplete',
      message: expect.stringMatching(/half lacks encoder\*\.onnx, joiner\*\.onnx, tokens\.txt$/),
    })
    await expect(sherpa(join(folder, 'none')).start(new Notes())).rejects.toMatchObject({
      code: 'recogniser-model-not-found',
    })
  })

  it('says how to install the package where it is missing', async () => {
    await expect(sherpa(model, tmpdir()).start(new Notes())).rejects.toMatchObject({
      code: 'recogniser-not-installed',
      hint: 'npm install -g sherpa-onnx-node',
    })
  })

  it('gives partials as words come and a final when speech has ended', async () => {
    const notes = new Notes()
    const transcriber = sherpa()
    expect(transcriber.name).toBe('sherpa-onnx/model')
    await transcriber.start(notes)
    transcriber.speech('started', 0)
    for (let audioMs = 0; audioMs < 240; audioMs += 20) transcriber.push(frame(audioMs))
    transcriber.speech('stopped', 200)
    for (let audioMs = 240; audioMs < 800; audioMs += 20) transcriber.push(frame(audioMs))
    await transcriber.close()
    expect(notes.transcripts).toEqual([
      { transcriptType: 'partial', text: 'one', audioMs: 100 },
      { transcriptType: 'partial', text: 'one two', audioMs: 200 },
      { transcriptType: 'partial', text: 'one two three', audioMs: 300 },
      { transcriptType: 'partial', text: 'one two three four', audioMs: 400 },
      { transcriptType: 'final', text: 'one two three four', audioMs: 200 },
    ])
    expect(notes.failures).toEqual([])
  })

  it('starts every stretch of speech anew', async () => {
    const notes = new Notes()
    const transcriber = sherpa()
    await transcriber.start(notes)
    for (const startMs of [0, 2000]) {
      for (let audioMs = startMs; audioMs < startMs + 100; audioMs += 20) transcriber.push(frame(audioMs))
      transcriber.speech('started', startMs)
      transcriber.speech('stopped', startMs + 100)
      for (let audioMs = startMs + 100; audioMs < startMs + 1000; audioMs += 20)
        transcriber.push(frame(audioMs))
    }
    await transcriber.close()
    expect(notes.finals().map(({ audioMs }) => audioMs)).toEqual([100, 2100])
  })

  it('fails, and does not take us with it, when a damaged model ends its process', async () => {
    const damaged = join(folder, 'damaged')
    await mkdir(damaged)
    for (const part of ['encoder', 'decoder', 'joiner']) await writeFile(join(damaged, `${part}.onnx`), '?')
    await writeFile(join(damaged, 'tokens.txt'), '')
    await expect(sherpa(damaged).start(new Notes())).rejects.toMatchObject({
      code: 'recogniser-failed',
      message: expect.stringContaining('its process ended'),
      endedReason: 'call.in-progress.error-vapifault-vapi-transcriber-failed',
    })
  })

  it('tells once when recognition fails during the call', async () => {
    const notes = new Notes()
    const transcriber = sherpa()
    await transcriber.start(notes)
    transcriber.speech('started', 0)
    for (let audioMs = 0; audioMs < 10_200; audioMs += 20) transcriber.push(frame(audioMs))
    await notes.until(() => notes.failures.length > 0)
    await transcriber.close()
    expect(notes.failures.map(({ message }) => message)).toEqual(['sherpa-onnx failed: too much sound'])
  })
})
