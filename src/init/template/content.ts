import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { usageError } from '../../errors.ts'
import { packageFile } from '../../package-root.ts'
import { type Facts, withFacts } from './facts.ts'
import { templatesFolder } from './find.ts'
import type { Template, TemplateFile } from './schema.ts'

const SCRIPT = /\.(m?)ts(x?)$/
/** The extension of an import of a neighbour: ES modules of Node have it, others do not. */
const OWN_IMPORT = /(\b(?:from|import|require)\b[\s(]*['"]\.{1,2}\/[^'"\n]*)\.js(?=['"])/g

/** The text of a template's file as this project has it: its own words in place of the template's, in its language. */
export async function contentOf(template: Template, file: TemplateFile, facts: Facts): Promise<string> {
  const { from, head, words } = file
  const path = pathInLanguage(template, from, facts)
  let text = await readFile(path, 'utf8')
  for (const [word, other] of Object.entries(words)) text = text.replaceAll(word, other)
  if (head !== undefined) text = `${head}\n\n${text}`
  for (const [word, fact] of Object.entries(template.values)) {
    const value = withFacts(`{${fact}}`, facts)
    if (value === null)
      throw usageError(
        `what the project calls its ${fact} was not found, and ${from} needs it`,
        'vapi init --detect shows what was found',
      )
    text = text.replaceAll(word, value)
  }
  const isOfNode = template.modules === 'project' && facts.modules === 'esm'
  return isOfNode ? text : text.replace(OWN_IMPORT, '$1')
}

/** Where a file of a template goes in this project; null where what its place needs is not known. */
export function placeOf(to: string, facts: Facts): string | null {
  const filled = withFacts(to, facts)
  if (filled === null || facts.language !== 'javascript') return filled
  return inJavaScript(filled)
}

/** TypeScript becomes JavaScript when the program is built; templates of others bring both. */
function pathInLanguage({ folder, modules }: Template, from: string, facts: Facts): string {
  const path = join(folder, from)
  if (facts.language !== 'javascript') return path
  const script = inJavaScript(path)
  const isCommon = modules === 'project' && facts.modules === 'commonjs'
  const place = isCommon ? script.replace(/\.js$/, '.cjs') : script
  const built = packageFile('dist', 'templates', relative(templatesFolder(), place))
  if (existsSync(built)) return built
  return SCRIPT.test(path) && existsSync(inJavaScript(path)) ? inJavaScript(path) : path
}

function inJavaScript(path: string): string {
  return path.replace(SCRIPT, '.$1js$2')
}
