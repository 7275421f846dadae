// Writes a WAV file without end (`forever`), or ten seconds and what it was told of failures (`finish`).
import { setImmediate } from 'node:timers/promises'
import { WavWriter } from '../../../src/audio/wav/writer.ts'
import { VapiError } from '../../../src/errors.ts'

const FRAME = new Int16Array(320).fill(1000)

async function main(mode: string, path: string): Promise<void> {
  const writer = await WavWriter.create(path, { sampleRate: 16_000, channels: 1 })
  const failures: string[] = []
  const noting = async (action: () => void | Promise<void>) => {
    try {
      await action()
    } catch (error) {
      failures.push(error instanceof VapiError ? `${error.code}: ${error.message}` : `no VapiError: ${error}`)
    }
  }
  for (let frame = 0; mode === 'forever' || frame < 500; frame++) {
    await noting(() => writer.write(FRAME))
    await setImmediate()
  }
  await noting(() => writer.close())
  await noting(() => writer.close())
  process.stdout.write(JSON.stringify(failures))
}

main(process.argv[2] ?? '', process.argv[3] ?? '')
