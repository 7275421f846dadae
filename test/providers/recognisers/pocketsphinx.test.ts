import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'
import { VapiError } from '../../../src/errors.ts'
import { createFliteEngine } from '../../../src/providers/embedded/flite-engine.ts'
import { createPocketSphinx } from '../../../src/providers/recognisers/pocketsphinx.ts'
import { requires } from '../../support/requires.ts'
import { faintNoise, hear, Notes, type Speech, sayAll, wordErrorRate } from './hearing.ts'

const SENTENCES = [
  'I need an appointment for tomorrow morning.',
  'Can you tell me the opening hours on Saturday?',
  'My name is John and I live in Boston.',
  'I would like to speak to a person, please.',
  'Yes, that works for me.',
  'Please send the bill to my office.',
  'Could you repeat the last part?',
  'I want to cancel my order from yesterday.',
]
const missing = requires('pocketsphinx_continuous')
const programPath = () =>
  spawnSync('sh', ['-c', 'command -v pocketsphinx_continuous'], { encoding: 'utf8' }).stdout.trim()
const pocketSphinx = (path = programPath()) => createPocketSphinx({ kind: 'continuous', path })

describe.skipIf(missing)(`PocketSphinx ${missing || ''}`, () => {
  describe('hearing eight sentences', () => {
    let speech: Speech
    const notes = new Notes()
    let transcriber: Transcriber

    beforeAll(async () => {
      const engine = createFliteEngine()
      speech = await sayAll(engine, SENTENCES)
      await engine.close()
      transcriber = pocketSphinx()
      await transcriber.start(notes)
      hear(transcriber, speech.samples)
      const lastMs = speech.utterances[7].endMs - 500
      await notes.until(
        () => notes.failures.length > 0 || notes.finals().some(({ audioMs }) => audioMs > lastMs),
      )
      await transcriber.close()
    }, 180_000)

    it('understands most words', () => {
      const heard = notes.finals().map(({ text }) => text)
      expect(wordErrorRate(SENTENCES.join(' '), heard.join(' ')), heard.join('\n')).toBeLessThan(0.3)
    })

    it('gives their texts in order, each with the time at which its speech ended', () => {
      const times = notes.finals().map(({ audioMs }) => audioMs)
      expect(times).toEqual([...times].sort((a, b) => a - b))
      for (const { text, endMs } of speech.utterances) {
        const nearest = notes.finals().find(({ audioMs }) => Math.abs(audioMs - endMs) < 300)
        expect(nearest, `a final within 300 ms of ${endMs}, for: ${text}`).toBeDefined()
        expect(wordErrorRate(text, nearest?.text ?? '')).toBeLessThan(0.7)
      }
    })

    it('tells how sure it is, gives no partials and has not failed', () => {
      for (const { confidence } of notes.finals()) {
        expect(confidence).toBeGreaterThan(0.2)
        expect(confidence).toBeLessThanOrEqual(1)
      }
      expect(transcriber.capabilities).toEqual({ endOfTurn: false, partials: false, languages: ['en'] })
      expect(notes.transcripts).toEqual(notes.finals())
      expect(notes.failures).toEqual([])
    })
  })

  it('gives the text of an utterance that is under way when it is closed', async () => {
    const engine = createFliteEngine()
    const { samples, utterances } = await sayAll(engine, ['Good morning.'])
    await engine.close()
    const notes = new Notes()
    const transcriber = pocketSphinx()
    await transcriber.start(notes)
    hear(transcriber, samples.slice(0, utterances[0].endMs * 16 + 800))
    await transcriber.close()
    expect(notes.finals().map(({ text }) => text)).toEqual(['good morning'])
  })

  it('hears nothing in silence and noise', async () => {
    const notes = new Notes()
    const transcriber = pocketSphinx()
    await transcriber.start(notes)
    hear(transcriber, new Int16Array(32_000))
    hear(transcriber, faintNoise(64_000))
    await transcriber.close()
    expect(notes).toMatchObject({ transcripts: [], failures: [] })
  })

  describe('as a process', () => {
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vapi-pocketsphinx-'))
    })
    afterAll(() => rm(folder, { recursive: true }))

    /** The real program, whose process id is written down. */
    async function wrapped(
      name: string,
      ...options: string[]
    ): Promise<{ path: string; pid(): Promise<number> }> {
      const path = join(folder, name)
      await writeFile(
        path,
        `#!/bin/sh\necho $$ > ${path}.pid\nexec ${programPath()} ${options.join(' ')} "$@"\n`,
      )
      await chmod(path, 0o755)
      return { path, pid: async () => Number(await readFile(`${path}.pid`, 'utf8')) }
    }

    const exists = (pid: number) => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }

    it('says why it cannot start', async () => {
      const { path } = await wrapped('without-model', '-hmm', '/nonexistent')
      const notes = new Notes()
      const failure = await pocketSphinx(path)
        .start(notes)
        .catch(error => error)
      expect(failure).toBeInstanceOf(VapiError)
      expect(failure).toMatchObject({
        code: 'recogniser-failed',
        message: expect.stringContaining("'/nonexistent' does not contain acoustic model"),
        endedReason: 'call.in-progress.error-vapifault-vapi-transcriber-failed',
      })
      await expect(pocketSphinx(join(folder, 'absent')).start(notes)).rejects.toMatchObject({
        code: 'recogniser-failed',
      })
      expect(notes.failures).toEqual([])
    })

    it('tells once when it dies', async () => {
      const { path, pid } = await wrapped('mortal')
      const notes = new Notes()
      const transcriber = pocketSphinx(path)
      await transcriber.start(notes)
      process.kill(await pid(), 'SIGKILL')
      await notes.until(() => notes.failures.length > 0)
      hear(transcriber, faintNoise(16_000))
      await transcriber.close()
      expect(notes.failures).toHaveLength(1)
      expect(notes.failures[0]).toMatchObject({ code: 'recogniser-failed' })
    })

    it('is gone after close', async () => {
      const { path, pid } = await wrapped('closing')
      const notes = new Notes()
      const transcriber = pocketSphinx(path)
      await transcriber.start(notes)
      expect(exists(await pid())).toBe(true)
      await transcriber.close()
      expect(exists(await pid())).toBe(false)
      expect(notes.failures).toEqual([])
    })

    it('is gone after we were killed', async () => {
      const { path, pid } = await wrapped('orphan')
      const script = join(folder, 'parent.mjs')
      await writeFile(
        `${script}.ts`,
        `import { createPocketSphinx } from ${JSON.stringify(new URL('../../../src/providers/recognisers/pocketsphinx.ts', import.meta.url).pathname)}
         await createPocketSphinx({ kind: 'continuous', path: ${JSON.stringify(path)} }).start({ transcript() {}, failed() {} })
         process.stdout.write('started')`,
      )
      const build = await rolldown({ input: `${script}.ts`, platform: 'node' })
      await build.write({ file: script, format: 'esm' })
      await build.close()
      const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(parent.stdout, 'data')
      const recogniser = await pid()
      expect(exists(recogniser)).toBe(true)
      parent.kill('SIGKILL')
      await vi.waitFor(() => expect(exists(recogniser)).toBe(false), { timeout: 20_000 })
    })
  })
})
