import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toInt16 } from '../../src/audio/samples.ts'
import { readWav } from '../../src/audio/wav/read.ts'
import callConnect from '../../src/commands/call-connect.ts'
import { type HostedCall, type HostedConnection, startHostedCall } from '../support/hosted-call.ts'
import { jsonLines, temporaryFolder } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { type CommandRun, runCommand } from '../support/run-command.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../support/sound-card.ts'
import { firstLoud } from '../support/speech.ts'

const missing = requires(...soundCardPrograms)

describe.skipIf(missing)(`call connect with a sound card${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let card: SoundCard
  let hosted: HostedCall
  let run: CommandRun
  beforeAll(async () => {
    card = await startSoundCard()
  })
  afterAll(() => card.stop())
  beforeEach(async () => {
    hosted = await startHostedCall()
  })
  afterEach(() => hosted.close())

  let folder: string
  async function start(...args: string[]): Promise<HostedConnection> {
    folder = temporaryFolder()
    writeFileSync(join(folder, 'desk.json'), '{"name":"Desk"}')
    const connected = new Promise<HostedConnection>(resolve => {
      hosted.serve = resolve
    })
    run = runCommand(callConnect, ['desk.json', '--json', ...args], {
      baseUrl: hosted.url,
      cwd: folder,
      env: card.env,
    })
    await run.prints('Listening')
    return connected
  }
  async function end(): Promise<Record<string, unknown> | undefined> {
    run.interrupt()
    const { stdout, exit } = await run.finished
    expect(exit).toBe(130)
    return jsonLines(stdout).at(-1)
  }

  it('sends what the microphone hears, without a gap, soon after it was said', async () => {
    const connection = await start('--echo', 'none')
    const microphone = await card.recorder('vmic')
    await card.speakSamples(tone(1))
    await new Promise(resolve => setTimeout(resolve, 300))
    const spoken = await microphone.stop()
    await end()
    const sent = samplesOf(Buffer.concat(connection.sound.map(({ bytes }) => bytes)))
    const from = firstLoud(sent, 0.05)
    expect(from).toBeGreaterThan(0)
    // A busy machine's sound server leaves something out by itself, now and then.
    expect(silentMs(sent.subarray(from, from + 15_000))).toBeLessThanOrEqual(60)
    const arrivedMs = connection.sound[Math.floor(from / 320)]?.atMs ?? 0
    const saidMs = spoken.arrivedAt(firstLoud(spoken.samples, 0.05))
    expect(arrivedMs - saidMs).toBeLessThan(250)
  }, 30_000)

  it('plays a stream that the network makes uneven by 40 ms without a gap, soon after it came', async () => {
    const connection = await start('--echo', 'none')
    const speaker = await card.recorder()
    const samples = tone(4)
    const bytes = Buffer.from(samples.buffer)
    const beganMs = performance.now()
    await connection.stream(bytes, { pieceBytes: 640, pieceMs: 20, delayOf: piece => (piece * 17) % 40 })
    await new Promise(resolve => setTimeout(resolve, 500))
    const heard = await speaker.stop()
    const ended = await end()
    const from = firstLoud(heard.samples, 0.05)
    expect(from).toBeGreaterThan(0)
    const latencyMs = heard.arrivedAt(from) - beganMs
    const played = heard.samples.subarray(from, from + 3.8 * 16_000)
    expect(silentMs(played), JSON.stringify(ended?.sound)).toBeLessThanOrEqual(60)
    expect(latencyMs).toBeLessThan(600)
  }, 30_000)

  it('rests the microphone while the assistant is heard, but not in the recording', async () => {
    const connection = await start('--record', 'both.wav')
    expect(run.stderr).toMatch(/echo: half-duplex/)
    const before = connection.sound.length
    const playing = connection.stream(Buffer.from(tone(2).buffer), { pieceBytes: 640, pieceMs: 20 })
    await new Promise(resolve => setTimeout(resolve, 500))
    await card.speakSamples(tone(0.6))
    await playing
    const during = samplesOf(Buffer.concat(connection.sound.slice(before).map(({ bytes }) => bytes)))
    await new Promise(resolve => setTimeout(resolve, 800))
    const silentUntil = connection.sound.length
    await card.speakSamples(tone(0.6))
    await connection.hears((connection.sound.length + 15) * 640)
    const after = samplesOf(Buffer.concat(connection.sound.slice(silentUntil).map(({ bytes }) => bytes)))
    await end()
    const { channels } = readWav(readFileSync(join(folder, 'both.wav')))
    const [customer = new Int16Array(), assistant = new Int16Array()] = channels.map(toInt16)
    const beganAt = firstLoud(assistant, 0.05)
    const spokenAt = firstLoud(customer, 0.05)
    expect(beganAt).toBeGreaterThan(0)
    expect(spokenAt).toBeGreaterThan(beganAt)
    expect(spokenAt).toBeLessThan(beganAt + 32_000)
    expect(firstLoud(during, 0.05)).toBe(-1)
    expect(firstLoud(after, 0.05)).toBeGreaterThanOrEqual(0)
  }, 30_000)
})

function tone(seconds: number): Int16Array {
  return Int16Array.from({ length: 16_000 * seconds }, (_, index) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * 440 * index) / 16_000)),
  )
}

/** How much of a sound is silent, in pieces of 10 ms. */
function silentMs(samples: Int16Array): number {
  let ms = 0
  for (let at = 0; at + 160 <= samples.length; at += 160)
    if (firstLoud(samples.subarray(at, at + 160), 0.05) === -1) ms += 10
  return ms
}

function samplesOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1)
  Buffer.from(samples.buffer).set(bytes.subarray(0, samples.byteLength))
  return samples
}
