import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { fileFaultOf, messageOf, systemCodeOf, usageError } from '../../errors.ts'
import { packageFile } from '../../package-root.ts'
import { type Facts, holds } from './facts.ts'
import { type Template, templateSchema } from './schema.ts'

/** Where the shipped templates are. A template's folder is named by its framework: `nextjs`, `nextjs.pages`. */
export function templatesFolder(): string {
  return packageFile('templates', 'init')
}

/** The shipped templates of a framework. */
export async function templatesOf(framework: string, folder = templatesFolder()): Promise<Template[]> {
  const names = await readdir(folder)
  const own = names.filter(name => name === framework || name.startsWith(`${framework}.`)).sort()
  return Promise.all(own.map(name => readTemplate(join(folder, name))))
}

/** All shipped templates. */
export async function allTemplates(): Promise<Template[]> {
  const folder = templatesFolder()
  const names = (await readdir(folder)).filter(name => existsSync(join(folder, name, 'template.yaml'))).sort()
  return Promise.all(names.map(name => readTemplate(join(folder, name))))
}

/** The one that fits the project best; null where there is none. */
export function chooseTemplate(templates: readonly Template[], facts: Facts): Template | null {
  const weight = ({ when = {} }: Template) => Object.keys(when).length
  const fitting = templates.filter(({ when }) => holds(when, facts))
  return fitting.sort((one, other) => weight(other) - weight(one))[0] ?? null
}

/** Reads `template.yaml` of a folder. Throws a usage error that names the fault. */
export async function readTemplate(folder: string): Promise<Template> {
  const path = join(folder, 'template.yaml')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw usageError(
      systemCodeOf(error) === 'ENOENT'
        ? `${folder} is no template: it has no template.yaml`
        : `${path}: ${fileFaultOf(error)}`,
      'vapi init --list shows the frameworks that have one',
    )
  }
  const parsed = templateSchema.safeParse(parsedYaml(text, path))
  if (parsed.success) return { ...parsed.data, folder }
  const [issue] = parsed.error.issues
  throw usageError(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

function parsedYaml(text: string, path: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw usageError(`${path} is not YAML: ${messageOf(error)}`)
  }
}
