import { join } from 'node:path'
import type { Context } from '../cli/context.ts'
import { Exit, VapiError } from '../errors.ts'
import { detectProject } from '../init/detect.ts'
import type { Detection } from '../init/types.ts'

export type Known = Detection & { framework: string }

interface Choice {
  framework?: string | undefined
  packageManager?: string | undefined
}

/** Less than this is no more than a hint. */
const LIKELY = 0.5

/**
 * What the project is, asked for where it is not plain: which framework, which package of a monorepo, which package manager. Where
 * nothing may be asked, throws exit 2 with the candidates.
 */
export async function chooseProject(folder: string, choice: Choice, context: Context): Promise<Known> {
  const detection = await detectProject(folder, { ...choice, env: context.env })
  const found = isKnown(detection) ? detection : await settle(detection, choice, context)
  return settleManager(found, choice, context)
}

function isKnown(detection: Detection): detection is Known {
  return detection.framework !== null
}

async function settle(detection: Detection, choice: Choice, context: Context): Promise<Known> {
  const { output, env } = context
  const here = detection.candidates.filter(({ confidence }) => confidence >= LIKELY)
  const packages = detection.packages.filter(({ framework }) => framework !== null)
  const look = async (folder: string, framework?: string) => {
    const options = { framework, packageManager: choice.packageManager, env }
    const found = await detectProject(join(detection.root, folder), options)
    return isKnown(found) ? found : fail(found, context)
  }
  const [only] = packages
  if (here.length === 0 && packages.length === 1 && only !== undefined) {
    output.note(`${only.folder} (${only.label}) is the only package here that can have it`)
    return look(only.folder)
  }
  const choices = [
    ...here.map(({ framework, markers }) => ({
      value: `framework:${framework}`,
      label: framework,
      description: markers.map(({ file, what }) => `${file}: ${what}`).join(', '),
    })),
    ...packages.map(one => ({ value: `folder:${one.folder}`, label: `${one.folder}  (${one.label})` })),
  ]
  if (choices.length === 0 || !context.interactive) return fail(detection, context)
  const prompt = await context.prompt()
  const answer = await prompt.select({
    message: here.length === 0 ? 'Which package?' : 'Several things are here. Which one is it for?',
    choices,
  })
  const [kind, ...rest] = answer.split(':')
  return kind === 'folder' ? look(rest.join(':')) : look('', rest.join(':'))
}

async function fail(detection: Detection, { output }: Context): Promise<never> {
  if (output.isJson || output.options.format === 'yaml') await output.document(detection)
  const { root, candidates, packages } = detection
  for (const warning of detection.warnings) output.warning(warning)
  const likely = candidates.filter(({ confidence }) => confidence >= LIKELY)
  const named = (likely.length > 0 ? likely : candidates).map(
    ({ framework, markers }) => `--framework ${framework} (${markers.map(({ file }) => file).join(', ')})`,
  )
  const folders = packages
    .filter(({ framework }) => framework !== null)
    .map(({ folder, label }) => `vapi init ${folder} (${label})`)
  const ways = [...named, ...folders]
  throw new VapiError({
    code: 'framework-not-found',
    message:
      likely.length > 1
        ? `${root} may be several things`
        : folders.length > 1
          ? `${root} holds several packages`
          : `what ${root} is was not found`,
    exit: Exit.usage,
    hint:
      ways.length > 0
        ? `say which: ${ways.join('; ')}`
        : 'vapi init --framework ID names it; vapi init --list shows all',
  })
}

/** Where the project contradicts itself, it is asked which package manager it is kept with; else the first is taken, as its warning says. */
async function settleManager(found: Known, choice: Choice, context: Context): Promise<Known> {
  const { manager } = found
  if (manager === null || manager.choices.length < 2 || !context.interactive) return found
  if (choice.packageManager !== undefined) return found
  const prompt = await context.prompt()
  const packageManager = await prompt.select({
    message: 'Which package manager is this project kept with?',
    choices: manager.choices.map(value => ({ value })),
    default: manager.id,
  })
  if (packageManager === manager.id) return found
  const again = await detectProject(found.root, {
    framework: found.framework,
    packageManager,
    env: context.env,
  })
  return isKnown(again) ? again : found
}
