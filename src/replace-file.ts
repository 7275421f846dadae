import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Replaces a file whole or not at all, also when the program is killed. `mode` is that of a new file unless given. */
export function replaceFile(path: string, content: string | Uint8Array, mode?: number): void {
  const temporary = `${path}.vapi-${process.pid}`
  try {
    const file = openSync(temporary, 'w', mode)
    try {
      writeFileSync(file, content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
