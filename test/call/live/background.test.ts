import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compileArtifactPlan } from '../../../src/assistant/artifact-plan.ts'
import { parseAssistant } from '../../../src/assistant/schema.ts'
import { createLoop } from '../../../src/audio/background/loop.ts'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { readWav } from '../../../src/audio/wav/read.ts'
import callLocal from '../../../src/commands/call-local.ts'
import { startFakeOpenAi } from '../../support/fake-openai.ts'
import { temporaryFolder } from '../../support/program.ts'
import { runCommand } from '../../support/run-command.ts'

const tone = (ms: number, rate: number) =>
  Int16Array.from({ length: (rate / 1000) * ms }, (_, at) =>
    Math.round(1500 * Math.sin((2 * Math.PI * 500 * at) / rate)),
  )

async function call(backgroundSound: (url: string) => string, ...argv: string[]) {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(({ path }) =>
    path.endsWith('room.wav')
      ? {
          headers: { 'content-type': 'audio/wav' },
          steps: [encodeWav(tone(700, 44_100), { sampleRate: 44_100, channels: 1 })],
        }
      : path.endsWith('.mp3')
        ? {
            headers: { 'content-type': 'audio/mpeg' },
            steps: [Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb')],
          }
        : { status: 404, steps: ['nothing'] },
  )
  const cwd = temporaryFolder()
  const assistant = {
    firstMessage: 'Hello, how can I help you?',
    voice: { provider: 'embedded', voiceId: 'slt' },
    model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
    backgroundSound: backgroundSound(server.url),
  }
  writeFileSync(join(cwd, 'a.json'), JSON.stringify(assistant))
  const words = ['a.json', '--in', 'text', '--out', 'said.wav', '--json', '--skip-analysis', ...argv]
  const { stdout, error } = await runCommand(callLocal, words, { baseUrl: server.url, cwd }).finished
  expect(error).toBeNull()
  const [sound = new Float32Array()] = readWav(readFileSync(join(cwd, 'said.wav'))).channels
  return { stdout, sound }
}

/** The part of the stretches of 50 ms that are louder than -36 dBFS. */
function loudShare(sound: Float32Array): number {
  let loud = 0
  let all = 0
  for (let at = 0; at + 800 <= sound.length; at += 800) {
    const energy = sound.subarray(at, at + 800).reduce((sum, sample) => sum + sample * sample, 0)
    all++
    if (energy / 800 > 0.016 ** 2) loud++
  }
  return loud / all
}

describe('the background sound of a call', () => {
  it('is the sound file at the address that is configured, resampled and repeated, under speech and silence', async () => {
    const { stdout, sound } = await call(url => `${url}/room.wav`)
    expect(stdout).not.toContain('backgroundSound')
    expect(sound.length).toBeGreaterThan(16_000)
    expect(loudShare(sound)).toBe(1)
    const without = await call(() => 'off')
    expect(loudShare(without.sound)).toBeLessThan(0.95)
  }, 30_000)

  it.each([
    [
      'a sound that is no WAV',
      (url: string) => `${url}/room.mp3`,
      [],
      /backgroundSound: \S+room\.mp3 is not played: .*MP3.*WAV files/,
    ],
    [
      'one that is not there',
      (url: string) => `${url}/other`,
      [],
      /backgroundSound: \S+other is not played: its server answered 404/,
    ],
    [
      'one of another machine, offline',
      () => 'https://example.com/room.wav',
      ['--offline'],
      /is not played: it is not on this machine/,
    ],
    ['no address', () => 'cafe', [], /backgroundSound is neither off, office nor the address/],
  ])(
    'is nothing, with a warning, for %s',
    async (_what, background, argv, warning) => {
      const { stdout, sound } = await call(background, ...argv)
      expect(stdout).toMatch(warning)
      expect(loudShare(sound)).toBeLessThan(0.95)
    },
    30_000,
  )

  it('compiles to the address', () => {
    const backgroundSound = 'https://example.com/room.wav'
    expect(compileArtifactPlan(parseAssistant({ backgroundSound }, 'test')).plan.background).toEqual({
      url: backgroundSound,
    })
  })

  it('repeats without a seam, and does not wrap around where it is loud', () => {
    const ramp = Int16Array.from({ length: 8000 }, (_, at) => at - 4000)
    const background = createLoop(ramp)
    const heard = new Int16Array(30_000)
    background(heard)
    const steps = heard.slice(1).map((sample, at) => Math.abs(sample - (heard[at] ?? 0)))
    expect(Math.max(...steps)).toBeLessThan(20)
    const short = new Int16Array(10).fill(30_000)
    createLoop(Int16Array.of(10_000, 10_000))(short)
    expect(new Set(short)).toEqual(new Set([32_767]))
  })
})
