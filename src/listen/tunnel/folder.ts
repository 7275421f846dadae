import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, systemCodeOf, VapiError } from '../../errors.ts'

/** Makes the folder of the listener's files, which git ignores. Throws VapiError `listen-folder`. */
export function prepareFolder(folder: string): void {
  const ignore = join(folder, '.gitignore')
  try {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o700)
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
  } catch (error) {
    throw new VapiError({
      code: 'listen-folder',
      message: `the folder ${folder} cannot be written (${systemCodeOf(error) ?? messageOf(error)})`,
      hint: 'run the command in a folder that you may write to',
      cause: error,
    })
  }
}
