import { isObject } from '../../../is-object.ts'
import { joined, LOCK_FILE_LIMIT, type Project } from '../../project.ts'
import { readNode } from './node.ts'

/**
 * The major version of an npm package: of what is installed, else of the range where that leaves no doubt, else of the lock
 * file, the workspace's catalogue or the range's lower end. Null where nothing tells it (a git address, `latest`).
 */
export function npmMajor(project: Project, name: string): number | null {
  const range = project.fact(readNode).range(name)
  return installedMajor(project, name) ?? (range === null ? null : rangeMajor(project, name, range))
}

function installedMajor(project: Project, name: string): number | null {
  for (const folder of ['', ...project.parents]) {
    const version = project.json(joined(folder, 'node_modules', name, 'package.json'))?.version
    if (typeof version === 'string') return leadingNumber(version)
  }
  return null
}

function rangeMajor(project: Project, name: string, range: string): number | null {
  const alias = /^npm:(?:@[^/]+\/)?[^@]+@(.+)$/.exec(range.slice(0, 200))
  const plain = (alias?.[1] ?? range)
    .slice(0, 200)
    .replace(/^workspace:/, '')
    .trim()
  if (/^[v=^~]?\s*\d+(?:\.|$|-|\.x)[^|\s]*$/.test(plain)) return leadingNumber(plain)
  const catalog = /^catalog:(.*)$/.exec(plain)
  return (
    lockedMajor(project, name) ??
    (catalog === null ? null : catalogMajor(project, name, catalog[1] ?? '')) ??
    (/^[<>=^~v\d\s.|x*-]+$/.test(plain) ? leadingNumber(plain.replace(/^[^\d]*/, '')) : null)
  )
}

function lockedMajor(project: Project, name: string): number | null {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  const patterns: readonly [string, RegExp][] = [
    ['package-lock.json', new RegExp(`"node_modules/${escaped}":\\s*\\{\\s*"version":\\s*"(\\d+)`)],
    ['pnpm-lock.yaml', new RegExp(`^ +'?${escaped}'?:\\n +specifier:.*\\n +version: '?(\\d+)`, 'm')],
    ['yarn.lock', new RegExp(`^"?${escaped}@[^\\n]*:\\n\\s+version:? "?(\\d+)`, 'm')],
    ['bun.lock', new RegExp(`"${escaped}":\\s*\\["${escaped}@(\\d+)`)],
  ]
  for (const folder of ['', ...project.parents]) {
    for (const [file, pattern] of patterns) {
      const path = joined(folder, file)
      if (!project.isFile(path)) continue
      const major = pattern.exec(project.text(path, LOCK_FILE_LIMIT) ?? '')?.[1]
      if (major !== undefined) return Number(major)
    }
  }
  return null
}

/** The catalogues of pnpm's workspace file and of Bun's root package.json. */
function catalogMajor(project: Project, name: string, catalog: string): number | null {
  for (const folder of ['', ...project.parents]) {
    const workspace = project.yaml(joined(folder, 'pnpm-workspace.yaml'))
    const root =
      folder === '' ? project.fact(readNode).manifest : project.json(joined(folder, 'package.json'))
    const sources = [workspace, root, isObject(root?.workspaces) ? root.workspaces : null]
    for (const source of sources) {
      const named = isObject(source?.catalogs) ? source.catalogs[catalog] : undefined
      const list = catalog === '' || catalog === 'default' ? (source?.catalog ?? named) : named
      const range = isObject(list) && Object.hasOwn(list, name) ? list[name] : undefined
      if (typeof range === 'string') return leadingNumber(range.replace(/^[^\d]*/, ''))
    }
  }
  return null
}

function leadingNumber(text: string): number | null {
  const digits = /^[v=^~]?\s*(\d{1,4})(?!\d)/.exec(text.trim())?.[1]
  return digits === undefined ? null : Number(digits)
}
