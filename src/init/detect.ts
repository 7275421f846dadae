import { closest } from '../closest.ts'
import { usageError } from '../errors.ts'
import { confidenceOf, decide, type Hit, ordered } from './decide.ts'
import { readNode } from './frameworks/facts/node.ts'
import { isTypeScript } from './frameworks/facts/typescript.ts'
import type { Framework } from './frameworks/row.ts'
import { FRAMEWORKS, frameworkOf } from './frameworks/table.ts'
import { isPackageFolder, monorepoOf } from './monorepo.ts'
import { packageManagerOf } from './package-manager/manager.ts'
import type { ParseYaml } from './parse.ts'
import { joined, openProject, type Project } from './project.ts'
import type { Candidate, Detection, Language, Layout, Monorepo, PackageSummary } from './types.ts'

export interface DetectOptions {
  /** What `--framework` names: the project is taken to be that. */
  framework?: string | undefined
  /** What `--package-manager` names. */
  packageManager?: string | undefined
  /** The environment, for what called this program. */
  env?: Readonly<Record<string, string | undefined>>
}

/** Packages of which it is told what they are. */
const MOST_PACKAGES = 100
const YAML_FILES = ['pubspec.yaml', 'pnpm-workspace.yaml', 'melos.yaml']

/** Frameworks that are known and have no row: their users should hear that, and not be taken for users of a part. */
const WITHOUT_ROW: readonly [string, string][] = [
  ['@docusaurus/core', 'Docusaurus'],
  ['vitepress', 'VitePress'],
  ['vuepress', 'VuePress'],
  ['quasar', 'Quasar'],
  ['ember-source', 'Ember'],
  ['@redwoodjs/core', 'Redwood'],
  ['@adonisjs/core', 'AdonisJS'],
]

/**
 * Finds out what a folder is from the few files that tell it; nothing is written and nothing is walked. Throws a usage error for a
 * folder that cannot be read and for a framework or a package manager that is not known.
 */
export async function detectProject(dir: string, options: DetectOptions = {}): Promise<Detection> {
  const forced = options.framework === undefined ? null : knownFramework(options.framework)
  const project = await openWithYaml(dir)
  const monorepo = monorepoOf(project)
  const hits = hitsOf(project)
  const fitting =
    forced === null ? decide(hits) : [hits.find(({ row }) => row === forced) ?? { row: forced, markers: [] }]
  const chosen = fitting.length === 1 ? (fitting[0] ?? null) : null
  const packages = chosen === null ? packagesIn(project, monorepo) : []
  const languages = new Set((chosen === null ? fitting : [chosen]).map(({ row }) => languageOf(project, row)))
  const [language = null] = languages.size === 1 ? languages : []
  const warn = (text: string) => project.warnings.push(text)
  const manager = language === null ? null : packageManagerOf(project, language, monorepo, options, warn)
  const all = ordered(hits, fitting)
  return {
    framework: chosen?.row.id ?? null,
    variant: chosen === null ? null : variantOf(project, chosen.row),
    language,
    packageManager: manager?.id ?? null,
    manager,
    typescript: language === 'typescript',
    monorepo,
    root: project.root,
    markers: chosen?.markers ?? [],
    candidates: all.map(hit => candidateOf(project, hit, fitting.includes(hit))),
    confidence: forced !== null ? 1 : chosen === null ? 0 : confidenceOf(chosen.markers),
    layout: chosen === null ? null : layoutOf(project, chosen.row),
    packages,
    warnings: [...project.warnings],
  }
}

function knownFramework(id: string): Framework {
  const row = frameworkOf(id)
  if (row !== undefined) return row
  const near = closest(
    id,
    FRAMEWORKS.map(framework => framework.id),
  )
  throw usageError(
    `there is no framework ${id.slice(0, 100)}`,
    near === null
      ? 'vapi init --list names all that there are'
      : `did you mean ${near}? vapi init --list names all`,
  )
}

/** The parser of YAML costs more than all else here: it is loaded where a file needs it. */
async function openWithYaml(dir: string): Promise<Project> {
  const project = openProject(dir)
  const folders = ['', ...project.parents, ...project.sourceFolders('').slice(0, MOST_PACKAGES)]
  const isNeeded = folders.some(folder => YAML_FILES.some(name => project.isFile(joined(folder, name))))
  if (!isNeeded) return project
  const { parse } = await import('yaml')
  const parseYaml: ParseYaml = text => parse(text, { logLevel: 'error', maxAliasCount: 100 })
  return openProject(dir, parseYaml)
}

/** What speaks for each framework. */
function hitsOf(project: Project): Hit[] {
  const foreign = foreignOf(project)
  const hits = FRAMEWORKS.map(row => ({ row, markers: row.markers(project) })).filter(
    ({ markers }) => markers.length > 0,
  )
  if (foreign === null) return hits
  project.warnings.push(
    `this is a project of ${foreign}, which vapi init does not know; --framework names what to write instead`,
  )
  const parts = ['meta', 'javascript', 'general']
  return hits.map(hit =>
    parts.includes(hit.row.family) && hit.row.language === 'script'
      ? { ...hit, markers: hit.markers.map(marker => ({ ...marker, weight: 'weak' as const })) }
      : hit,
  )
}

function foreignOf(project: Project): string | null {
  const node = project.fact(readNode)
  return (
    WITHOUT_ROW.find(([name]) => ['runtime', 'development'].includes(node.dependency(name) ?? ''))?.[1] ??
    null
  )
}

function languageOf(project: Project, row: Framework): Language {
  if (row.languageOf !== undefined) return row.languageOf(project)
  if (row.language !== 'script') return row.language
  return project.fact(isTypeScript) ? 'typescript' : 'javascript'
}

/** The variant, where it is one that templates know. */
function variantOf(project: Project, row: Framework): string | null {
  const found = row.variant?.(project) ?? null
  return found ?? row.variants?.[0] ?? null
}

function candidateOf(project: Project, { row, markers }: Hit, fits: boolean): Candidate {
  const confidence = confidenceOf(markers)
  return { framework: row.id, variant: variantOf(project, row), confidence, fits, markers }
}

function layoutOf(project: Project, row: Framework): Layout {
  const found = row.layout?.(project, variantOf(project, row)) ?? {}
  return {
    source: '',
    entry: null,
    extension: null,
    major: null,
    manifest: null,
    registerIn: null,
    port: row.port,
    traits: [],
    ...found,
  }
}

/** What the packages of a monorepo are; without one, what the folders right below are that have a manifest. */
function packagesIn(project: Project, monorepo: Monorepo | null): PackageSummary[] {
  const isRoot = monorepo?.root === project.root
  const folders = isRoot
    ? (monorepo?.packages ?? [])
    : project
        .sourceFolders('')
        .slice(0, MOST_PACKAGES)
        .filter(folder => isPackageFolder(project, folder))
  if (folders.length > MOST_PACKAGES)
    project.warnings.push(`there are ${folders.length} packages; the first ${MOST_PACKAGES} were looked at`)
  return folders.slice(0, MOST_PACKAGES).map(folder => summaryOf(project.at(folder), folder))
}

function summaryOf(project: Project, folder: string): PackageSummary {
  const fitting = decide(hitsOf(project))
  const [chosen] = fitting
  if (chosen === undefined || fitting.length > 1)
    return { folder, framework: null, label: null, language: null, confidence: 0 }
  return {
    folder,
    framework: chosen.row.id,
    label: chosen.row.label,
    language: languageOf(project, chosen.row),
    confidence: confidenceOf(chosen.markers),
  }
}
