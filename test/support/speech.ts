import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { joinSamples } from '../../src/audio/samples.ts'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import { createFliteEngine } from '../../src/providers/embedded/flite-engine.ts'
import type { FliteVoiceId } from '../../src/providers/embedded/flite-sound.ts'
import { temporaryFolder } from './program.ts'

const run = promisify(execFile)

/** Speech of the embedded voice, 16 kHz. */
export async function synthesise(text: string, voice: FliteVoiceId = 'rms'): Promise<Int16Array> {
  const engine = createFliteEngine()
  try {
    const pieces: Int16Array[] = []
    const request = { text, settings: {} }
    for await (const { audio } of engine.voice({ voice }).speak(request, new AbortController().signal)) {
      if (audio.type === 'pcm') pieces.push(audio.samples)
    }
    return joinSamples(pieces)
  } finally {
    await engine.close()
  }
}

/** What PocketSphinx understands of 16 kHz mono sound: lower-case words. */
export async function recognise(samples: Int16Array): Promise<string> {
  const path = join(temporaryFolder(), 'sound.wav')
  writeFileSync(path, encodeWav(samples, { sampleRate: 16_000, channels: 1 }))
  const { stdout } = await run('pocketsphinx_continuous', ['-infile', path, '-logfn', '/dev/null'])
  return stdout.toLowerCase().replace(/\s+/g, ' ').trim()
}

/** Index of the first sample of the first stretch of 10 ms that is louder than `level` (0 to 1), from `from` on; -1 without one. */
export function firstLoud(samples: Int16Array, level: number, from = 0): number {
  const size = 160
  for (let start = from; start + size <= samples.length; start += size) {
    if (rms(samples.subarray(start, start + size)) > level) return start
  }
  return -1
}

function rms(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += (sample / 32_768) ** 2
  return Math.sqrt(sum / samples.length)
}
