import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { packageFile } from '../../src/package-root.ts'

export const KNOWLEDGE = packageFile('src', 'mcp', 'knowledge')

export interface Sample {
  /** `variables.md:42`, the line of its fence. */
  at: string
  language: string
  /** What stands behind the language: `assistant`. */
  info: string
  code: string
}

export interface KnowledgePage {
  /** Its file's name. */
  file: string
  matter: Record<string, unknown>
  body: string
  samples: Sample[]
}

/** Every page of the knowledge base, taken apart. Throws where a page has no front matter or a fence is left open. */
export function knowledgePages(): KnowledgePage[] {
  return readdirSync(KNOWLEDGE)
    .filter(file => file.endsWith('.md') && file !== 'README.md')
    .map(file => readPage(file, readFileSync(join(KNOWLEDGE, file), 'utf8')))
}

export function readPage(file: string, text: string): KnowledgePage {
  const [whole, yaml] = /^---\n(.*?)\n---\n/s.exec(text) ?? []
  if (whole === undefined || yaml === undefined) throw new Error(`${file} has no front matter`)
  const body = text.slice(whole.length)
  return { file, matter: parse(yaml), body, samples: samplesOf(file, body, whole.split('\n').length) }
}

function samplesOf(file: string, body: string, firstLine: number): Sample[] {
  const samples: Sample[] = []
  let open: Sample | null = null
  for (const [index, line] of body.split('\n').entries()) {
    const fence = /^\s*```\s*(\S*)\s*(.*)$/.exec(line)
    if (fence === null) {
      if (open !== null) open.code += `${line}\n`
    } else if (open === null) {
      const [, language = '', info = ''] = fence
      open = { at: `${file}:${firstLine + index}`, language, info: info.trim(), code: '' }
    } else {
      samples.push(open)
      open = null
    }
  }
  if (open !== null) throw new Error(`${open.at}: the fence is not closed`)
  return samples
}

/** The page without its fenced code. */
export function proseOf({ body }: KnowledgePage): string {
  return body.replace(/^\s*```.*?^\s*```\s*$/gms, '')
}
