import { readdir, readFile } from 'node:fs/promises'
import { closest } from '../closest.ts'
import { Exit, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { packageFile } from '../package-root.ts'
import { parseDocument } from './load.ts'
import type { Json } from './overrides.ts'

export interface TemplateSummary {
  id: string
  title: string
  /** One line. */
  summary: string
  /** The guide of the platform's documentation whose task it does. */
  guide: string
  /** True where a squad of the same id does the same with several assistants. */
  squad: boolean
}

export interface Template extends TemplateSummary {
  /** The file as written, with its comments. */
  text: string
  /** The configuration, as the API takes it. */
  configuration: Json
}

/** What a template is: one assistant, or a squad of several. */
export type TemplateKind = 'assistant' | 'squad'

/** The templates of the package by their ids, in the order of templates/assistant/index.yaml. */
export async function listTemplates(): Promise<TemplateSummary[]> {
  const index = await parseDocument(
    await readFile(packageFile('templates', 'assistant', 'index.yaml'), 'utf8'),
    'index.yaml',
  )
  const squads = new Set(await readdir(packageFile('templates', 'squad')))
  const rows = isObject(index) && Array.isArray(index.templates) ? index.templates.filter(isObject) : []
  return rows.map(row => ({
    id: String(row.id),
    title: String(row.title),
    summary: String(row.summary),
    guide: String(row.guide),
    squad: squads.has(`${String(row.id)}.yaml`),
  }))
}

/** The configuration of an assistant template. Throws VapiError (exit 5) for an id that is not there. */
export async function loadTemplate(id: string): Promise<Json> {
  return (await readTemplate(id)).configuration
}

/** Reads a template with all that is known of it. Throws VapiError (exit 5) for an id that is not there. */
export async function readTemplate(id: string, kind: TemplateKind = 'assistant'): Promise<Template> {
  const all = await listTemplates()
  const usable = kind === 'squad' ? all.filter(({ squad }) => squad) : all
  const summary = usable.find(template => template.id === id)
  if (summary === undefined) {
    const ids = usable.map(template => template.id)
    const near = closest(id, ids)
    throw new VapiError({
      code: 'template-not-found',
      message: `there is no ${kind} template ${id}`,
      exit: Exit.notFound,
      hint: near === null ? `one of ${ids.join(', ')}` : `did you mean ${near}?`,
    })
  }
  const path = packageFile('templates', kind, `${id}.yaml`)
  const text = await readFile(path, 'utf8')
  const configuration = await parseDocument(text, path)
  if (!isObject(configuration)) throw new Error(`${path} is no object`)
  return { ...summary, text, configuration }
}
