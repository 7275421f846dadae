import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../cli/context.ts'
import { Exit, type ExitCode, VapiError } from '../errors.ts'
import { readJournal } from '../init/journal.ts'
import { undoInit } from '../init/undo.ts'

/** Takes back what the last run of `vapi init` wrote in this folder. */
export async function undoLastRun(
  folder: string,
  force: boolean,
  { output }: Context,
): Promise<ExitCode | undefined> {
  const journal = readJournal(folder)
  if (journal === null)
    throw new VapiError({
      code: 'nothing-to-undo',
      message: `vapi init has written nothing in ${folder} that is not taken back already`,
      exit: Exit.notFound,
      hint: existsSync(join(folder, 'package.json'))
        ? 'in a monorepo name the package: vapi init --undo apps/web'
        : 'name the project: vapi init --undo DIR',
    })
  const undone = undoInit(folder, journal, force)
  if (output.isJson || output.options.format === 'yaml') await output.document({ root: folder, ...undone })
  else {
    for (const path of undone.removed) output.text(`removed   ${path}\n`)
    for (const path of undone.restored) output.text(`restored  ${path}\n`)
  }
  for (const command of undone.installs)
    output.note(
      `${command.join(' ')} had been run: the manifest is as it was, what was installed is still there`,
    )
  if (undone.changed.length === 0) return undefined
  throw new VapiError({
    code: 'changed-since',
    message: `changed since and left as they are: ${undone.changed.join(', ')}`,
    hint: 'vapi init --undo --force takes these back too',
  })
}
