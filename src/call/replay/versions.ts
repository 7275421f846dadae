import { readFileSync } from 'node:fs'
import { packageFile } from '../../package-root.ts'

/** The versions of this program and of Node, which an exact replay needs to be the same. */
export function versions(): { program: string; node: string } {
  const { version }: { version: string } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
  return { program: version, node: process.version }
}
