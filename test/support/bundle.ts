import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { packageFile } from '../../src/package-root.ts'

/**
 * Bundles a small program that a test runs as a process of its own; Node 20 runs no TypeScript. It stands inside the
 * package, so that it finds the same libraries. `remove` when the tests are over.
 */
export async function bundleProgram(entry: string): Promise<{ file: string; remove(): void }> {
  const parent = packageFile('node_modules', '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'vapi-program-'))
  const build = await rolldown({
    input: { program: entry },
    platform: 'node',
    external: [/^node:/, 'jq-web'],
    logLevel: 'warn',
  })
  await build.write({ dir: folder, format: 'cjs', entryFileNames: '[name].cjs', exports: 'named' })
  await build.close()
  return {
    file: join(folder, 'program.cjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
