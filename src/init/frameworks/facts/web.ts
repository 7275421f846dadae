import { extname } from 'node:path'
import { joined, type Project } from '../../project.ts'
import type { Bundler, Layout } from '../../types.ts'
import { nodeEntries, readNode } from './node.ts'
import { portOf } from './port.ts'
import { isTypeScript, typeScriptSettings } from './typescript.ts'
import { npmMajor } from './version.ts'

const BUNDLERS: readonly [string, Bundler][] = [
  ['vite', 'vite'],
  ['rolldown-vite', 'vite'],
  ['react-scripts', 'webpack'],
  ['@vue/cli-service', 'webpack'],
  ['@rsbuild/core', 'rsbuild'],
  ['parcel', 'parcel'],
  ['parcel-bundler', 'parcel'],
  ['webpack', 'webpack'],
  ['@rspack/core', 'webpack'],
  ['rollup', 'rollup'],
  ['esbuild', 'esbuild'],
]

/** What bundles the pages, by the dependencies; a configuration file alone counts too. */
export function bundlerOf(project: Project): Bundler | null {
  const node = project.fact(readNode)
  const named = BUNDLERS.find(([name]) => node.dependency(name) !== null)
  if (named !== undefined) return named[1]
  if (project.files('', /^vite\.config\./).length > 0) return 'vite'
  if (project.files('', /^webpack\.config\./).length > 0) return 'webpack'
  if (project.files('', /^rollup\.config\./).length > 0) return 'rollup'
  return null
}

const UI_EXTENSIONS = ['tsx', 'jsx', 'ts', 'js'] as const

/** `stem` with each extension a page's first file may have. */
export function pageEntries(...stems: readonly string[]): readonly string[] {
  return stems.flatMap(stem => UI_EXTENSIONS.map(extension => `${stem}.${extension}`))
}

/** The entry that index.html names, where it names one of the project. */
export function htmlEntry(project: Project): string | null {
  for (const page of ['index.html', 'src/index.html', 'public/index.html']) {
    const html = project.text(page)
    if (html === null) continue
    for (const match of html.matchAll(/<script\b[^<>]{0,500}\bsrc=["']([^"']{1,200})["']/gi)) {
      const source = match[1] ?? ''
      if (/^[a-z]+:|^\/\//i.test(source)) continue
      const path = source.startsWith('/') ? source.slice(1) : joined(page, '..', source)
      if (!path.startsWith('../') && project.isFile(path)) return path
    }
  }
  return null
}

/** The fields that every JavaScript project has. `component`: the extension of a component where it is its own. */
export function scriptLayout(
  project: Project,
  facts: {
    framework: string | null
    port: number | null
    entry: string | null
    source?: string
    component?: string
    jsx?: boolean
  },
): Partial<Layout> & { source: string; traits: string[] } {
  const node = project.fact(readNode)
  const typed = project.fact(isTypeScript)
  const { entry } = facts
  const script = `${typed ? 'ts' : 'js'}${facts.jsx === true ? 'x' : ''}`
  // A plain .js file with JSX in it is how Create React App and Next.js name their JavaScript files.
  const spoken = entry === null ? '' : extname(entry).slice(1)
  const extension =
    facts.component ?? (facts.jsx === true && !typed ? (spoken === 'js' ? 'js' : 'jsx') : script)
  return {
    source: facts.source ?? (entry?.startsWith('src/') === true ? 'src/' : ''),
    entry,
    extension,
    major: facts.framework === null ? null : npmMajor(project, facts.framework),
    manifest: node.path,
    registerIn: null,
    port: portOf(project, entry, facts.port),
    traits: node.inherited ? ['inherited-manifest'] : [],
    bundler: project.fact(bundlerOf),
    modules: node.manifest.type === 'module' ? 'esm' : 'commonjs',
    tsconfig: typed ? typeScriptSettings(project) : null,
  }
}

/** The layout of a program that Node, Bun or Deno runs. */
export function serverLayout(
  project: Project,
  framework: string | null,
  port: number,
): Partial<Layout> & { source: string; traits: string[] } {
  const entry = project.fact(nodeEntries)[0] ?? null
  const layout = scriptLayout(project, { framework, port, entry })
  const extension = entry === null ? layout.extension : extname(entry).slice(1)
  return { ...layout, extension, bundler: undefined, registerIn: entry }
}
