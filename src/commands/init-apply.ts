import type { Context } from '../cli/context.ts'
import { emptyJournal } from '../init/journal.ts'
import type { FileChange, InitPlan } from '../init/types.ts'
import { createWriter, type Writer } from '../init/write.ts'
import { diffText } from './init-plan-view.ts'

export interface FileOutcome {
  path: string
  /** `kept`: a file of the user's that was in the way. */
  action: 'create' | 'edit' | 'replace' | 'kept'
  /** Where what was there before is. */
  backup: string | null
}

export interface InstallOutcome {
  command: readonly string[]
  status: 'done' | 'failed' | 'skipped'
  reason?: string
}

export interface Outcome {
  files: FileOutcome[]
  installs: InstallOutcome[]
}

/** Does what is planned. `asks`: each file that is in the way is asked for. */
export async function applyPlan(
  plan: InitPlan,
  { force, skipInstall }: { force: boolean; skipInstall: boolean },
  asks: boolean,
  context: Context,
): Promise<Outcome> {
  const replaced = new Set<string>()
  for (const change of plan.changes)
    if (change.kind === 'replace' && (force || (asks && (await mayReplace(change, context)))))
      replaced.add(change.path)
  context.signal.throwIfAborted()
  const writer = createWriter(plan.detection.root, emptyJournal(new Date().toISOString()))
  const files = plan.changes.map(change => writeChange(change, replaced.has(change.path), writer))
  const kept = files.filter(({ action }) => action === 'kept').map(({ path }) => path)
  if (kept.length > 0)
    context.output.warning(`left as they are: ${kept.join(', ')} (--force replaces them and keeps a .backup)`)
  return { files, installs: skipInstall ? skipped(plan) : await install(plan, writer, context) }
}

function writeChange(change: FileChange, isReplaced: boolean, writer: Writer): FileOutcome {
  const { path, kind } = change
  if (kind === 'replace' && !isReplaced) return { path, action: 'kept', backup: null }
  return { path, action: kind, backup: writer.write(change, kind === 'replace') }
}

async function mayReplace(change: FileChange, { output, prompt: open }: Context): Promise<boolean> {
  const { Chalk } = await import('chalk')
  const paint = new Chalk({ level: output.isJson ? 0 : output.options.colour.stdout ? 1 : 0 })
  const text = await diffText(change, paint)
  if (output.isJson) output.note(text)
  else output.text(`\n${text}\n\n`)
  const prompt = await open()
  return prompt.confirm({
    message: `${change.path} is there already. Replace it, and keep yours as ${change.path}.backup?`,
    default: false,
  })
}

function skipped({ installs }: InitPlan): InstallOutcome[] {
  return installs.map(({ command }) => ({ command, status: 'skipped' }))
}

async function install(
  { detection, installs }: InitPlan,
  writer: Writer,
  { output, env, signal }: Context,
): Promise<InstallOutcome[]> {
  const { manager, layout, root } = detection
  if (installs.length === 0 || manager === null) return []
  const { filesOfInstall, runInstall } = await import('../init/install.ts')
  const outcomes: InstallOutcome[] = []
  for (const step of installs) {
    output.note(`$ ${step.command.join(' ')}`)
    const options = { folder: root, env, output: output.streams.stderr, signal }
    try {
      const paths = filesOfInstall(manager, layout?.manifest ?? null)
      outcomes.push(await writer.around(paths, step.command, () => runInstall(step, options)))
    } catch (error) {
      if (signal.aborted) output.note(`The files are written; what is left to do: ${step.command.join(' ')}`)
      throw error
    }
  }
  return outcomes
}
