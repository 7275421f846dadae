import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../cli/context.ts'
import { type ExitCode, fileFaultOf, systemCodeOf, usageError, VapiError } from '../errors.ts'
import { planInit } from '../init/plan.ts'
import { factsOf } from '../init/template/facts.ts'
import { partsOf, wantedParts } from '../init/template/parts.ts'
import type { InitPlan } from '../init/types.ts'
import { applyPlan, type Outcome } from './init-apply.ts'
import { diffOf, planText } from './init-plan-view.ts'
import { chooseProject } from './init-project.ts'
import { type OwnTemplates, openTemplates, templateFor } from './init-template.ts'

export interface AddRequest {
  /** Absolute. */
  folder: string
  framework: string | undefined
  packageManager: string | undefined
  parts: string | undefined
  template: string | undefined
  skipInstall: boolean
  dryRun: boolean
  yes: boolean
  force: boolean
}

/** Plans, shows, asks, writes, installs, and says what comes next. */
export async function addToProject(request: AddRequest, context: Context): Promise<ExitCode | undefined> {
  const own = request.template === undefined ? null : await openTemplates(request.template, context)
  try {
    return await addWith(own, request, context)
  } finally {
    await own?.dispose()
  }
}

async function addWith(
  own: OwnTemplates | null,
  request: AddRequest,
  context: Context,
): Promise<ExitCode | undefined> {
  const { output } = context
  const { folder, packageManager, dryRun } = request
  const framework = request.framework ?? own?.framework ?? undefined
  const detection = await chooseProject(folder, { framework, packageManager }, context)
  const template = await templateFor(detection, own)
  const parts = wantedParts(request.parts, partsOf(template, factsOf(detection)), detection.framework)
  const plan = await planInit({
    detection,
    template,
    parts,
    read: path => readText(join(detection.root, path)),
  })
  for (const warning of plan.warnings) output.warning(warning)

  const isNothing = plan.changes.length === 0 && plan.installs.length === 0
  const asks = context.interactive && !request.yes && !request.force && !dryRun && !isNothing
  await showPlan(plan, { asks, dryRun }, context)
  if (asks) await askOnce(plan, context)
  const outcome = dryRun ? nothingDone(plan) : await applyPlan(plan, request, asks, context)
  if (output.isJson || output.options.format === 'yaml')
    await output.document(await documentOf(plan, parts, outcome, dryRun))
  else showOutcome(plan, outcome, dryRun, isNothing, context)
  const failed = outcome.installs.find(({ status }) => status === 'failed')
  if (failed === undefined) return undefined
  throw new VapiError({
    code: 'install-failed',
    message: `the SDK was not installed: ${failed.reason}`,
    hint: `the files are written; what is left to do: ${failed.command.join(' ')}`,
  })
}

/** For people; with JSON only what a question is about, which goes beside it. */
async function showPlan(
  plan: InitPlan,
  { asks, dryRun }: { asks: boolean; dryRun: boolean },
  { output }: Context,
): Promise<void> {
  const isDocument = output.isJson || output.options.format === 'yaml'
  if (isDocument) return asks ? output.note(await planText(plan, false)) : undefined
  if (output.options.quiet && !asks && !dryRun) return
  output.text(`${await planText(plan, output.options.colour.stdout)}\n`)
}

async function askOnce({ changes, installs }: InitPlan, context: Context): Promise<void> {
  const files = changes.filter(({ kind }) => kind !== 'replace').length
  const what = [
    ...(files > 0 ? [`write ${files} file${files === 1 ? '' : 's'}`] : []),
    ...(installs.length > 0 ? ['install the SDK'] : []),
  ]
  if (what.length === 0) return
  const prompt = await context.prompt()
  const text = what.join(' and ')
  const sure = await prompt.confirm({ message: `${text[0]?.toUpperCase()}${text.slice(1)}?`, default: true })
  if (!sure) throw new VapiError({ code: 'declined', message: 'nothing was changed' })
}

function nothingDone(plan: InitPlan): Outcome {
  return {
    files: plan.changes.map(({ path, kind }) => ({ path, action: kind, backup: null })),
    installs: plan.installs.map(({ command }) => ({ command, status: 'skipped' })),
  }
}

const ACTIONS = {
  create: 'created ',
  edit: 'changed ',
  replace: 'replaced',
  kept: 'kept    ',
} as const

function showOutcome(
  plan: InitPlan,
  { files, installs }: Outcome,
  dryRun: boolean,
  isNothing: boolean,
  { output }: Context,
): void {
  if (isNothing) output.note('Everything is there already; nothing was changed.')
  if (!dryRun)
    for (const { path, action, backup } of files)
      output.text(`${ACTIONS[action]}  ${path}${backup === null ? '' : `  (before: ${backup})`}\n`)
  const left = installs.filter(({ status }) => status === 'skipped')
  const next = [...(dryRun ? [] : left.map(({ command }) => command.join(' '))), ...plan.next]
  if (dryRun) output.note('Nothing was written (--dry-run).')
  if (next.length > 0) output.note(`\nNext:\n${next.map(line => `  ${line}`).join('\n')}`)
}

/** All of a run as one object. */
async function documentOf(plan: InitPlan, parts: readonly string[], outcome: Outcome, dryRun: boolean) {
  const { detection, changes, byHand, next, warnings } = plan
  const { framework, variant, language, packageManager, typescript, root, confidence } = detection
  const diffs = await Promise.all(changes.map(diffOf))
  return {
    framework,
    variant,
    language,
    packageManager,
    typescript,
    root,
    confidence,
    parts,
    dryRun,
    files: outcome.files.map((file, place) => ({
      ...file,
      part: changes[place]?.part,
      diff: diffs[place],
    })),
    installs: outcome.installs,
    byHand,
    next,
    warnings,
  }
}

/** The text of a file of the project; null where there is none. Throws for one that is no UTF-8: writing it again would spoil it. */
async function readText(path: string): Promise<string | null> {
  let content: Buffer
  try {
    content = await readFile(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return null
    throw usageError(`${path}: ${fileFaultOf(error)}`)
  }
  const text = content.toString()
  if (Buffer.from(text).equals(content)) return text
  throw usageError(`${path} is no UTF-8 text, so it cannot be changed`)
}
