import { joined, type Project } from './project.ts'

const MOST_FOLDERS = 400
const MOST_PACKAGES = 500
const MOST_PATTERNS = 500
const DEEPEST = 3

/**
 * The folders that the patterns of a workspace name (`packages/*`, `apps/**`, `!apps/old`, `{web,api}`) and that `isPackage` takes,
 * relative, sorted. Folders of dependencies and build results are never looked into; `**` goes three levels deep, and no more than
 * 400 folders are listed.
 */
export function expandPatterns(
  project: Project,
  root: string,
  patterns: readonly string[],
  isPackage: (folder: string) => boolean,
): string[] {
  const budget = { folders: MOST_FOLDERS }
  const found = new Set<string>()
  const refused: string[][] = []
  for (const pattern of patterns.slice(0, MOST_PATTERNS).flatMap(alternatives).slice(0, MOST_PATTERNS)) {
    const plain = pattern.replace(/^!/, '').replace(/^\.\//, '').replace(/\/+$/, '')
    if (plain.length > 300 || plain.startsWith('/')) continue
    if (pattern.startsWith('!')) refused.push(plain.split('/'))
    else walk(project, root, '', plain.split('/').filter(Boolean), budget, found)
  }
  const folders = [...found].filter(folder => !refused.some(pattern => fitsPath(pattern, folder.split('/'))))
  return folders
    .filter(folder => folder !== '' && isPackage(joined(root, folder)))
    .slice(0, MOST_PACKAGES)
    .sort()
}

/** A pattern for each of the words in `{a,b}`. */
function alternatives(pattern: string): string[] {
  if (pattern.length > 300) return []
  const braces = /^([^{}]*)\{([^{}]{1,300})\}(.*)$/.exec(pattern)
  if (braces === null) return [pattern]
  const words = (braces[2] ?? '').split(',').slice(0, 50)
  const rest = alternatives(braces[3] ?? '').slice(0, 10)
  return words.flatMap(word => rest.map(end => `${braces[1]}${word.trim()}${end}`))
}

function walk(
  project: Project,
  root: string,
  folder: string,
  rest: readonly string[],
  budget: { folders: number },
  found: Set<string>,
): void {
  const [part, ...others] = rest
  if (part === undefined) {
    found.add(folder)
    return
  }
  if (part === '..' || found.size >= MOST_PACKAGES) return
  if (part === '**') {
    walkDeep(project, root, folder, others, budget, found, DEEPEST)
    return
  }
  if (!/[*?]/.test(part)) {
    walk(project, root, joined(folder, part), others, budget, found)
    return
  }
  if (budget.folders-- <= 0) return
  for (const name of project.sourceFolders(joined(root, folder)))
    if (fitsName(part, name)) walk(project, root, joined(folder, name), others, budget, found)
}

function walkDeep(
  project: Project,
  root: string,
  folder: string,
  others: readonly string[],
  budget: { folders: number },
  found: Set<string>,
  depth: number,
): void {
  walk(project, root, folder, others, budget, found)
  if (depth === 0 || budget.folders-- <= 0) return
  for (const name of project.sourceFolders(joined(root, folder)))
    walkDeep(project, root, joined(folder, name), others, budget, found, depth - 1)
}

/** `*` and `?` within one name, in time that is no more than the product of both lengths. */
function fitsName(pattern: string, name: string): boolean {
  let [at, star, mark] = [0, -1, 0]
  let place = 0
  while (place < name.length) {
    if (pattern[at] === '*') {
      star = at++
      mark = place
    } else if (pattern[at] === '?' || pattern[at] === name[place]) {
      at++
      place++
    } else if (star !== -1) {
      at = star + 1
      place = ++mark
    } else return false
  }
  return [...pattern.slice(at)].every(character => character === '*')
}

/** A whole path; `**` stands for any number of folders. */
function fitsPath(pattern: readonly string[], path: readonly string[]): boolean {
  let open = new Set([0])
  const spread = (places: Set<number>) => {
    for (const place of places) if (pattern[place] === '**') places.add(place + 1)
    return places
  }
  spread(open)
  for (const name of path) {
    const next = new Set<number>()
    for (const place of open) {
      const part = pattern[place]
      if (part === undefined) continue
      if (part === '**') next.add(place)
      else if (fitsName(part, name)) next.add(place + 1)
    }
    open = spread(next)
  }
  return open.has(pattern.length)
}
