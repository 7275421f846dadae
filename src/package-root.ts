import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The path of a file of this package (`packageFile('dist', 'data', 'silero-v6.bin')`). It holds both for the
 * bundled program in `dist/` and for sources under test: the package's root is the first folder upwards that has
 * a `package.json`.
 */
export function packageFile(...segments: string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder)
      throw new Error('the program is not inside its package: package.json was not found')
    folder = parent
  }
  return join(folder, ...segments)
}

/** The built file of a worker: `src/audio/denoise.worker.ts` is `workerFile('denoise')`. Names are unique. */
export function workerFile(name: string): string {
  return packageFile('dist', 'workers', `${name}.cjs`)
}
