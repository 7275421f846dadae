import type { Context } from '../cli/context.ts'
import { asVapiError, type ExitCode, usageError, VapiError } from '../errors.ts'
import { type Applied, applyChange } from '../mcp/setup/apply.ts'
import { withoutSecrets } from '../mcp/setup/entry.ts'
import { maskedText } from '../mcp/setup/mask.ts'
import type { Change, Item, Manual, Place, Scope } from '../mcp/setup/types.ts'
import { printable, printableLines } from '../output/table.ts'

export interface ChangeFlags {
  dryRun: boolean
  yes: boolean
}

/** What came of one file; this is also what `--json` prints. */
interface Outcome {
  client: string
  label: string
  scope: Scope
  file: string | null
  action: 'add' | 'update' | 'replace' | 'remove' | 'none' | 'manual' | 'failed'
  done: boolean
  diff: string | null
  backup: string | null
  /** The client's own command, where that did it. */
  command: readonly string[] | null
  notes: readonly string[]
  manual: Manual | null
  error: { code: string; message: string; hint?: string } | null
}

type Pending = Item & { change: Change }

/** Shows what is planned, asks once, does it, and tells what came of it. Throws at the end where a file could not be changed. */
export async function carryOut(
  items: readonly Item[],
  { dryRun, yes }: ChangeFlags,
  place: Place,
  context: Context,
): Promise<ExitCode | undefined> {
  const { output, interactive } = context
  const isDocument = output.isJson || output.options.format === 'yaml'
  const pending = items.filter(isPending)
  if (pending.length > 0 && !dryRun && !yes && !interactive)
    throw usageError(
      'this changes files of other programs',
      '--yes does it, --dry-run shows what it would do',
    )
  const diffs = new Map<Item, string>()
  for (const item of pending) diffs.set(item, await diffOf(item))
  const asks = pending.length > 0 && !dryRun && !yes
  if (!isDocument && (asks || dryRun || !output.options.quiet))
    for (const item of pending) output.text(`${await shown(diffs.get(item) ?? '', context)}\n`)
  else if (asks) for (const item of pending) output.note(diffs.get(item) ?? '')
  if (asks) await askOnce(pending.length, context)

  const outcomes: Outcome[] = []
  for (const item of items) {
    const outcome = await outcomeOf(item, diffs.get(item) ?? null, dryRun, place, context)
    outcomes.push(outcome)
    if (!isDocument) tell(outcome, context)
  }
  if (isDocument) await output.document({ dryRun, clients: outcomes })
  else if (pending.length === 0 && outcomes.every(({ action }) => action === 'none'))
    output.note('Nothing to change.')
  else if (dryRun && pending.length > 0) output.note('Nothing was changed (--dry-run).')
  const failed = outcomes.filter(({ action }) => action === 'failed')
  const [first] = failed
  if (first === undefined) return undefined
  throw new VapiError({
    code: 'mcp-incomplete',
    message:
      failed.length === 1
        ? (first.error?.message ?? 'a file was not changed')
        : `not changed: ${failed.map(({ file, label }) => file ?? label).join(', ')}`,
    ...(first.error?.hint !== undefined && { hint: first.error.hint }),
  })
}

function isPending(item: Item): item is Pending {
  return item.change !== null && item.change.action !== 'none'
}

async function askOnce(count: number, context: Context): Promise<void> {
  const prompt = await context.prompt()
  const message = count === 1 ? 'Change this file?' : `Change these ${count} files?`
  const isSure = await prompt.confirm({ message, default: true })
  if (!isSure) throw new VapiError({ code: 'declined', message: 'nothing was changed' })
}

async function outcomeOf(
  item: Item,
  diff: string | null,
  dryRun: boolean,
  place: Place,
  { signal }: Context,
): Promise<Outcome> {
  const { row, scope, path, change, fault, manual, notes } = item
  const base: Outcome = {
    client: row.id,
    label: row.label,
    scope,
    file: path,
    action: change?.action ?? 'manual',
    done: false,
    diff,
    backup: null,
    command: null,
    notes,
    manual,
    error: null,
  }
  if (fault !== null) return { ...base, action: 'failed', error: toldFault(fault) }
  if (change === null || change.action === 'none' || dryRun) return base
  try {
    const applied: Applied = await applyChange({ row, scope, change }, place, signal)
    const command = applied.command === null ? null : withoutSecrets(applied.command)
    return { ...base, done: true, backup: applied.backup, command, notes: [...notes, ...applied.notes] }
  } catch (error) {
    signal.throwIfAborted()
    return { ...base, action: 'failed', error: toldFault(asVapiError(error)) }
  }
}

function toldFault({ code, message, hint }: VapiError): Outcome['error'] {
  return { code, message, ...(hint !== undefined && { hint }) }
}

const DONE = { add: 'added', update: 'updated', replace: 'replaced', remove: 'removed' } as const

/** One client's outcome for people: what was done is data, the rest are notes. */
function tell(outcome: Outcome, { output }: Context): void {
  const { label, file, action, done, backup, command, notes, manual, error } = outcome
  if (manual !== null)
    output.text(`${label}, by hand. ${printable(manual.where)}:\n${printableLines(manual.text)}\n`)
  if (error !== null) output.warning(error.message)
  if (action === 'none' && file !== null) output.note(`${label}: nothing to change in ${file}`)
  if (done && action in DONE) {
    const by = command === null ? '' : `, by ${command.slice(0, 3).join(' ')}`
    const before = backup === null ? '' : `  (before: ${backup})`
    output.text(printable(`${DONE[action as keyof typeof DONE].padEnd(8)}  ${label}: ${file}${by}${before}`))
    output.text('\n')
  }
  for (const note of notes) output.note(`${label}: ${note}`)
}

/** A file's change as a unified diff, without the values of other programs. */
async function diffOf({ row, change: { file, before, after } }: Pending): Promise<string> {
  const { createTwoFilesPatch } = await import('diff')
  const [masked, then] = [await maskedText(before, row), await maskedText(after, row)]
  const from = file.text === null ? '/dev/null' : file.path
  const patch = createTwoFilesPatch(from, file.path, masked, then, undefined, undefined, { context: 3 })
  return patch.slice(patch.indexOf('--- ')).trimEnd()
}

async function shown(diff: string, { output }: Context): Promise<string> {
  const { Chalk } = await import('chalk')
  const paint = new Chalk({ level: output.options.colour.stdout ? 1 : 0 })
  const painted = printableLines(diff)
    .split('\n')
    .map(line => {
      if (/^(---|\+\+\+) /.test(line)) return paint.bold(line)
      if (line.startsWith('+')) return paint.green(line)
      if (line.startsWith('-')) return paint.red(line)
      return line.startsWith('@@') ? paint.cyan(line) : line
    })
  return painted.join('\n')
}
