import { type CodeBlock, codeBlocksOf } from '../index/markdown.ts'

export const languages = ['javascript', 'typescript', 'python', 'go', 'curl', 'all'] as const
export type Language = (typeof languages)[number]
export const frameworks = ['react', 'nextjs', 'express', 'fastapi', 'node', 'all'] as const
export type Framework = (typeof frameworks)[number]

const shells = ['curl', 'bash', 'sh', 'shell', 'zsh', 'console', 'terminal']

/** Names that code fences carry. */
const tags: Readonly<Record<Exclude<Language, 'all'>, readonly string[]>> = {
  javascript: ['javascript', 'js', 'jsx', 'mjs', 'cjs', 'node', 'nodejs'],
  typescript: ['typescript', 'ts', 'tsx', 'mts'],
  python: ['python', 'py', 'python3'],
  go: ['go', 'golang'],
  curl: shells,
}

/** What code or its headings say where they belong to a framework. */
const marks: Readonly<Record<Exclude<Framework, 'all'>, RegExp>> = {
  react:
    /\bfrom ['"]react(?:-dom)?(?:\/[\w-]+)?['"]|require\(['"]react['"]\)|\buse(?:State|Effect|Ref|Callback|Memo)\(|\bReact\b(?! Native)|className=/,
  nextjs: /\bnext\.?js\b|\bfrom ['"]next(?:\/[\w-]+)*['"]|\bNext(?:Request|Response)\b|['"]use client['"]/i,
  express: /\bexpress(?:\.js)?\b/i,
  fastapi: /\bfastapi\b/i,
  node: /\bnode(?:\.?js)?\b|\bfrom ['"]node:|\brequire\(['"]|process\.env\b|\bfrom ['"](?:express|@vapi-ai\/server-sdk)['"]/i,
}

/** True where a section whose fences carry these names may have code in the language. */
export function mayHave(language: Language, fences: readonly string[]): boolean {
  return language === 'all' ? fences.length > 0 : fences.some(fence => tags[language].includes(fence))
}

/** The code of a text in a language; of shell commands, as curl, those that call curl. */
export function codeIn(text: string, language: Language): CodeBlock[] {
  return codeBlocksOf(text).filter(block => {
    if (block.code.trim() === '') return false
    if (language === 'all') return block.language !== ''
    if (!tags[language].includes(block.language)) return false
    return language !== 'curl' || /\bcurl\b/.test(block.code)
  })
}

/** Those of the blocks that belong to a framework; all of them where what stands above them names it. */
export function codeOf(framework: Framework, blocks: readonly CodeBlock[], above: string): CodeBlock[] {
  if (framework === 'all') return [...blocks]
  const mark = marks[framework]
  return mark.test(above) ? [...blocks] : blocks.filter(({ code }) => mark.test(code))
}
