import { posix } from 'node:path'
import { usageError } from '../errors.ts'
import { withValue } from './edit-json.ts'
import { linesByHand, withLines } from './edit-text.ts'
import { EXAMPLE_NAMES, withIgnoredEnvironment, withVariables } from './env-file.ts'
import { addCommand } from './package-manager/add.ts'
import { contentOf, placeOf } from './template/content.ts'
import { type Facts, factsOf, holds, withFacts } from './template/facts.ts'
import type { Template } from './template/schema.ts'
import type { ByHand, Detection, FileChange, InitPlan, InstallStep, Part } from './types.ts'

export interface PlanRequest {
  detection: Detection & { framework: string }
  template: Template
  parts: readonly Part[]
  /** The text of a file by its path below (or above) the project's folder; null where there is none. */
  read(path: string): Promise<string | null>
}

/** The files of a plan as they come about: several edits of one file are one change. */
interface Draft {
  change(path: string, part: Part, kind: FileChange['kind'], after: string): Promise<void>
  current(path: string): Promise<string | null>
  changes(): FileChange[]
}

/** What is to be done; nothing is written. Throws usage errors for what the template needs and the project does not tell. */
export async function planInit(request: PlanRequest): Promise<InitPlan> {
  const { detection, template, parts } = request
  const facts = factsOf(detection)
  const draft = createDraft(request.read)
  const wanted = <Entry extends { part?: Part | undefined; when?: Template['when'] }>(
    entries: readonly Entry[],
  ) => entries.filter(({ part, when }) => (part === undefined || parts.includes(part)) && holds(when, facts))
  const byHand: ByHand[] = []

  for (const file of wanted(template.files)) {
    const { part, to } = file
    const path = insideProject(placeOf(to, facts), to)
    const text = await contentOf(template, file, facts)
    const before = await draft.current(path)
    if (before !== text) await draft.change(path, part, before === null ? 'create' : 'replace', text)
  }
  for (const { part, file, why, ...edit } of wanted(template.registrations)) {
    const path = placeOf(file, facts)
    const add = withFacts(edit.add, facts) ?? edit.add
    const text = path === null ? null : await draft.current(path)
    const edited = text === null ? null : withLines(text, { ...definedOnly(edit), add })
    if (path === null || edited === null) byHand.push({ path: path ?? file, text: linesByHand(add), why })
    else if (edited !== text) await draft.change(path, part, 'edit', edited)
  }
  for (const { part, file, path: place, value, append = false } of wanted(template.json)) {
    const path = placeOf(file, facts) ?? file
    const text = await draft.current(path)
    const edited = text === null ? null : withValue(text, { path: place, value, append })
    if (edited === null)
      byHand.push({ path, text: JSON.stringify(value, null, 2), why: `belongs at ${place.join('.')}` })
    else if (edited !== text) await draft.change(path, part, 'edit', edited)
  }
  if (parts.includes('env')) await planEnvironment(template, parts, facts, draft)
  return {
    detection,
    changes: draft.changes(),
    installs: await planInstalls(request, facts),
    byHand,
    next: [
      ...wanted(template.next).map(({ text }) => withFacts(text, facts) ?? text),
      ...nextSteps(template, parts, facts),
    ],
    warnings: [
      ...detection.warnings,
      ...wanted(template.notes).map(({ text }) => withFacts(text, facts) ?? text),
    ],
  }
}

async function planEnvironment(
  template: Template,
  parts: readonly Part[],
  facts: Facts,
  draft: Draft,
): Promise<void> {
  const variables = template.environment.filter(
    ({ parts: own, when }) => own.some(part => parts.includes(part)) && holds(when, facts),
  )
  if (variables.length === 0) return
  let example: string = EXAMPLE_NAMES[0]
  for (const name of EXAMPLE_NAMES.toReversed()) if ((await draft.current(name)) !== null) example = name
  const text = await draft.current(example)
  const filled = withVariables(
    text ?? '',
    variables.map(({ name, comment, value }) => ({ name, comment, ...(value !== undefined && { value }) })),
  )
  if (filled !== text) await draft.change(example, 'env', text === null ? 'create' : 'edit', filled)
  for (const real of template.environmentFiles) {
    const ignored = await draft.current('.gitignore')
    const kept = withIgnoredEnvironment(ignored ?? '', example, real)
    if (kept !== null) await draft.change('.gitignore', 'env', ignored === null ? 'create' : 'edit', kept)
  }
}

/** What is in the manifest already is not asked for again. */
async function planInstalls(
  { detection, template, parts, read }: PlanRequest,
  facts: Facts,
): Promise<InstallStep[]> {
  const { manager, layout } = detection
  if (manager === null) return []
  const manifest = layout?.manifest == null ? '' : ((await read(layout.manifest)) ?? '')
  const steps: InstallStep[] = []
  for (const { parts: own, when, packages, dev = false, arguments: more } of template.sdk) {
    if (!own.some(part => parts.includes(part)) || !holds(when, facts)) continue
    const missing = packages.filter(name => !names(manifest, name))
    if (missing.length === 0) continue
    const { projectFile } = layout ?? {}
    const found = addCommand(manager, {
      packages: missing,
      dev,
      arguments: more,
      ...(projectFile != null && { projectFile }),
    })
    if (found !== null) steps.push({ ...found, packages: missing })
  }
  return joined(steps)
}

/** Commands that differ by their packages alone are one. */
function joined(steps: readonly InstallStep[]): InstallStep[] {
  const result: InstallStep[] = []
  for (const step of steps) {
    const twin = result.find(one => headOf(one).join(' ') === headOf(step).join(' '))
    if (twin === undefined || step.command[0] === 'dotnet') {
      result.push(step)
      continue
    }
    const fresh = step.command.slice(headOf(step).length).filter(name => !twin.command.includes(name))
    result[result.indexOf(twin)] = {
      command: [...twin.command, ...fresh],
      instead: twin.instead === null ? null : [...twin.instead, ...fresh],
      packages: [...new Set([...twin.packages, ...step.packages])],
    }
  }
  return result
}

function headOf({ command, packages }: InstallStep): readonly string[] {
  return command.slice(0, command.length - packages.length)
}

/** Is a package named in a manifest, with or without a version behind it? */
function names(manifest: string, specification: string): boolean {
  const name = specification.replace(/(?<=.)@[^/]*$/, '')
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(^|["'\\s(])${escaped}($|["'\\s=<>~!,;\\[@)])`, 'mi').test(manifest)
}

function nextSteps({ webhookPath, port }: Template, parts: readonly Part[], facts: Facts): string[] {
  if (webhookPath === undefined || !parts.includes('webhook')) return []
  const local = typeof facts.port === 'number' ? facts.port : (port ?? 3000)
  const target = `localhost:${local}${webhookPath}`
  return [
    `vapi listen -f ${target}`,
    `vapi trigger tool-calls --to http://${target} --secret "$VAPI_WEBHOOK_SECRET"`,
  ]
}

function insideProject(path: string | null, written: string): string {
  if (path === null)
    throw usageError(
      `where ${written} belongs in this project was not found`,
      'vapi init --detect shows what was',
    )
  const normal = posix.normalize(path)
  if (posix.isAbsolute(normal) || normal.startsWith('..'))
    throw usageError(`the template wants to write ${written}, which is outside of the project`)
  return normal
}

function createDraft(read: PlanRequest['read']): Draft {
  const drafts = new Map<string, FileChange>()
  const current = async (path: string) => drafts.get(path)?.after ?? (await read(path))
  return {
    current,
    changes: () => [...drafts.values()],
    async change(path, part, kind, after) {
      const earlier = drafts.get(path)
      if (earlier === undefined) drafts.set(path, { path, part, kind, before: await read(path), after })
      else earlier.after = after
    },
  }
}

function definedOnly<Value extends object>(
  value: Value,
): { [Name in keyof Value]: Exclude<Value[Name], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never
}
