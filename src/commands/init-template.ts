import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import type { Context } from '../cli/context.ts'
import { usageError, VapiError } from '../errors.ts'
import { factsOf } from '../init/template/facts.ts'
import { chooseTemplate, readTemplate, templatesOf } from '../init/template/find.ts'
import type { Template } from '../init/template/schema.ts'
import type { Known } from './init-project.ts'

/** Templates of the user's: what they are for, and how to let go of them. */
export interface OwnTemplates {
  /** A folder with a template.yaml, or with one folder for each framework. */
  folder: string
  /** What the one template is for; null where there are several. */
  framework: string | null
  dispose(): Promise<void>
}

/** Opens what `--template` names: a folder, else a package of npm, which is fetched without running anything of it. */
export async function openTemplates(named: string, context: Context): Promise<OwnTemplates> {
  const folder = resolve(context.workingDirectory, named)
  if (existsSync(folder)) return opened(folder, async () => {})
  if (!/^(@[\w.-]+\/)?[\w.-]+(@[\w.^~<>=*-]+)?$/.test(named) || named.startsWith('.'))
    throw usageError(`there is no folder ${named}`, '--template takes a folder or a package of npm')
  return fetchPackage(named, context)
}

async function opened(folder: string, dispose: () => Promise<void>): Promise<OwnTemplates> {
  const single = existsSync(join(folder, 'template.yaml'))
  return { folder, framework: single ? (await readTemplate(folder)).framework : null, dispose }
}

async function fetchPackage(named: string, { env, output, signal }: Context): Promise<OwnTemplates> {
  const { runInstall } = await import('../init/install.ts')
  const place = await mkdtemp(join(tmpdir(), 'vapi-template-'))
  const dispose = () => rm(place, { recursive: true, force: true })
  try {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
    const fetched = await runInstall(
      {
        command: ['npm', 'install', '--prefix', place, ...options, '--', named],
        instead: null,
        packages: [named],
      },
      { folder: place, env, output: output.streams.stderr, signal },
    )
    if (fetched.status === 'failed')
      throw new VapiError({
        code: 'template-not-found',
        message: `the template ${named} could not be fetched: ${fetched.reason}`,
        hint: 'npm view shows whether there is such a package; --template takes a folder too',
      })
    return await opened(join(place, 'node_modules', named.replace(/(?<=.)@.*$/, '')), dispose)
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The template for this project. Throws exit 2 where there is none. */
export async function templateFor(detection: Known, own: OwnTemplates | null): Promise<Template> {
  const { framework } = detection
  const templates =
    own === null
      ? await templatesOf(framework)
      : own.framework === null
        ? await templatesOf(framework, own.folder)
        : [await readTemplate(own.folder)]
  const fitting = templates.filter(template => template.framework === framework)
  const template = chooseTemplate(fitting, factsOf(detection))
  if (template === null)
    throw usageError(
      own?.framework != null && own.framework !== framework
        ? `the template is for ${own.framework}, and this is ${framework}`
        : `there is no template for ${[framework, detection.variant].filter(Boolean).join(' ')} yet`,
      own === null
        ? 'vapi init --list shows what there is; --template takes one of your own'
        : `--framework names what the project is`,
    )
  if (own !== null) refuseForeignFiles(template)
  return template
}

/** A template of somebody else's takes files of its own folder alone. */
function refuseForeignFiles({ folder, files }: Template): void {
  const outside = files.find(({ from }) => !resolve(folder, from).startsWith(resolve(folder) + sep))
  if (outside !== undefined)
    throw usageError(`the template takes ${outside.from}, which is outside of its folder`)
}
