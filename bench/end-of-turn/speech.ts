import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readWav, toMono16k } from '../../src/audio/wav/read.ts'
import { compileProgram, runProgram } from '../../src/providers/embedded/wasi.ts'

/** A spoken sentence and where its words end. */
export interface Spoken {
  samples: Int16Array
  /** The end of the first so many words, in milliseconds; null where it is not known. */
  endMs(words: number): Promise<number | null>
}

/** Speaks a sentence; null where the synthesiser could not tell where its words end. */
export type Speak = (text: string) => Promise<Spoken | null>

/** The synthesiser of the project. It tells its sounds; those of the first words are as many as those of the words alone. */
export async function createFlite(programPath: string): Promise<(voice: string) => Speak> {
  const program = await compileProgram(readFileSync(programPath))
  const run = (voice: string, text: string, option: string) =>
    runProgram(program, ['flite', '-voice', voice, option, '-t', text, '-o', '/speech.wav'])
  return voice => async text => {
    const { files, output } = await run(voice, text, '-psdur')
    const wav = files.get('speech.wav')
    if (wav === undefined) return null
    const sounds = output
      .trim()
      .split(/\s+/)
      .filter(sound => !sound.startsWith('pau:'))
    const ends = sounds.map(sound => Number(sound.split(':')[1]) * 1000)
    const words = text.split(' ')
    return {
      samples: await toMono16k(readWav(Buffer.from(wav))),
      endMs: async count =>
        ends[(count === words.length ? ends.length : await phonesOf(words.slice(0, count).join(' '))) - 1] ??
        null,
    }

    async function phonesOf(part: string): Promise<number> {
      const { output: alone } = await runProgram(program, [
        'flite',
        '-voice',
        'kal',
        '-ps',
        '-t',
        part,
        '-o',
        '/speech.wav',
      ])
      return alone
        .trim()
        .split(/\s+/)
        .filter(sound => sound !== 'pau').length
    }
  }
}

/** eSpeak NG, by its library: its command line does not tell where words end. Null where it is not installed. */
export function createEspeak(script: string): ((voice: string) => Speak) | null {
  if (spawnSync('espeak-ng', ['--version']).status !== 0 || spawnSync('python3', ['--version']).status !== 0)
    return null
  return voice => async text =>
    inFolder(async folder => {
      const wav = join(folder, 'speech.wav')
      const ends = JSON.parse(
        execFileSync('python3', [script, voice, wav, text], { encoding: 'utf8' }),
      ) as number[]
      return spokenOf(await toMono16k(readWav(readFileSync(wav))), ends, text)
    })
}

/** Festival, which prints the ends of its words. Null where it is not installed. */
export function createFestival(): Speak | null {
  if (spawnSync('festival', ['--version']).status !== 0) return null
  return async text =>
    inFolder(async folder => {
      const wav = join(folder, 'speech.wav')
      const words = join(folder, 'words')
      const input = `(set! u (utt.synth (Utterance Text ${JSON.stringify(text)})))(utt.save.wave u ${JSON.stringify(wav)})(utt.save.words u ${JSON.stringify(words)})`
      spawnSync('festival', ['--pipe'], { input })
      const ends = readFileSync(words, 'utf8')
        .split('\n')
        .slice(1)
        .filter(line => line !== '')
        .map(line => Number(line.split(' ')[0]) * 1000)
      return spokenOf(await toMono16k(readWav(readFileSync(wav))), ends, text)
    })
}

/** Sentences whose words the synthesiser counts in another way (contractions, numerals) are not used. */
function spokenOf(samples: Int16Array, ends: readonly number[], text: string): Spoken | null {
  const words = text.split(' ')
  return ends.length === words.length ? { samples, endMs: async count => ends[count - 1] ?? null } : null
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vapi-speech-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
