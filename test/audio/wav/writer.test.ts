import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { encodeWav } from '../../../src/audio/wav/encode.ts'
import { readWav } from '../../../src/audio/wav/read.ts'
import { WavWriter } from '../../../src/audio/wav/writer.ts'
import { buildWritingChild, run, temporaryFolder } from './child-program.ts'

const SHAPE = { sampleRate: 16_000, channels: 1 }
let folder: string
let removeFolder: () => Promise<void>
let child: string

beforeAll(async () => {
  const made = await temporaryFolder()
  folder = made.path
  removeFolder = made.remove
  child = await buildWritingChild(folder)
})
afterAll(() => removeFolder())

describe('WavWriter', () => {
  it('writes what it was given, in order', async () => {
    const path = join(folder, 'order.wav')
    const writer = await WavWriter.create(path, { sampleRate: 16_000, channels: 2 })
    const samples = Int16Array.from({ length: 100_000 }, (_, index) => (index * 7) % 65_536)
    for (let from = 0; from < samples.length; from += 1234) writer.write(samples.subarray(from, from + 1234))
    expect(writer.durationMs).toBe(3125)
    await writer.close()
    expect(new Uint8Array(await readFile(path))).toEqual(
      encodeWav(samples, { sampleRate: 16_000, channels: 2 }),
    )
  })

  it('copies the samples: the caller may use their memory again', async () => {
    const path = join(folder, 'copy.wav')
    const writer = await WavWriter.create(path, SHAPE)
    const samples = new Int16Array(320).fill(5)
    writer.write(samples)
    samples.fill(9)
    await writer.close()
    expect(readWav(await readFile(path)).channels[0]?.at(0)).toBe(5 / 32768)
  })

  it('writes a valid file without any sound, and closes twice without harm', async () => {
    const path = join(folder, 'none.wav')
    const writer = await WavWriter.create(path, SHAPE)
    await writer.close()
    await writer.close()
    expect(new Uint8Array(await readFile(path))).toEqual(encodeWav(new Int16Array(0), SHAPE))
  })

  it('keeps the file whole up to the last second while it is being written', async () => {
    const path = join(folder, 'growing.wav')
    const writer = await WavWriter.create(path, SHAPE)
    for (let second = 1; second <= 3; second++) {
      for (let frame = 0; frame < 50; frame++) writer.write(new Int16Array(320).fill(second))
      await vi.waitFor(
        async () => expect(headerSeconds(await readFile(path))).toBeGreaterThan(second - 1),
        10_000,
      )
    }
    await writer.close()
    expect(readWav(await readFile(path)).durationMs).toBe(3000)
  })

  it.skipIf(process.platform === 'win32')('leaves a playable file when the process is killed', async () => {
    const path = join(folder, 'killed.wav')
    const writing = spawn(process.execPath, [child, 'forever', path], { stdio: 'inherit' })
    const ended = new Promise<NodeJS.Signals | null>(resolve =>
      writing.on('exit', (_, signal) => resolve(signal)),
    )
    try {
      await vi.waitFor(async () => expect((await stat(path)).size).toBeGreaterThan(44 + 5 * 32_000), 20_000)
    } finally {
      writing.kill('SIGKILL')
    }
    expect(await ended).toBe('SIGKILL')
    const bytes = await readFile(path)
    const sound = readWav(bytes)
    expect(sound.truncated).toBe(false)
    expect(sound.channels[0]?.every(value => value === 1000 / 32768)).toBe(true)
    const lostBytes = bytes.length - 44 - (sound.channels[0]?.length ?? 0) * 2
    expect(lostBytes).toBeLessThanOrEqual(32_000)
  })

  it.skipIf(process.platform === 'win32')('tells a failure of the disk once', async () => {
    const path = join(folder, 'limited.wav')
    // A limit on the size of files fails a write as a full disk does.
    const script = `trap '' XFSZ; ulimit -f 100; exec "$0" "$@"`
    const { output, code } = await run('sh', ['-c', script, process.execPath, child, 'finish', path])
    expect(code).toBe(0)
    expect(JSON.parse(output)).toEqual([
      `file-not-written: cannot write ${path}: the file may not grow further`,
    ])
    expect(readWav(await readFile(path)).durationMs).toBeGreaterThan(1000)
  })

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    await expect(WavWriter.create('/dev/full', SHAPE)).rejects.toMatchObject({
      code: 'file-not-written',
      message: 'cannot write /dev/full: the disk is full',
      exit: 1,
    })
  })

  it('says that the folder is missing', async () => {
    const path = join(folder, 'nowhere', 'call.wav')
    await expect(WavWriter.create(path, SHAPE)).rejects.toMatchObject({
      message: `cannot write ${path}: the folder does not exist`,
      hint: 'make the folder first',
    })
  })
})

/** The length of the sound as the header says. */
function headerSeconds(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(40, true) / 32_000
}
