import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeData } from '../../../scripts/data.mjs'

/** The content of silero-v6.bin as the build makes it. */
export async function builtWeights(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-data-'))
  try {
    await writeData(folder)
    return new Uint8Array(await readFile(join(folder, 'silero-v6.bin')))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
