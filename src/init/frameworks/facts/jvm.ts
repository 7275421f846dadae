import { isObject } from '../../../is-object.ts'
import { joined, type Project } from '../../project.ts'
import { withoutBlocks, withoutComments } from './text.ts'

/** What the build files of a JVM project say, as one text: their own, and what they name out of a version catalogue. */
export interface JvmFacts {
  maven: string | null
  gradle: string | null
  gradleFile: string | null
  /** Of both, without comments, with the catalogue's entries that are used. */
  text: string
}

export function readJvm(project: Project): JvmFacts {
  const maven = pomOf(project)
  const gradleFile = project.first('build.gradle.kts', 'build.gradle')
  const gradle = gradleFile === null ? null : buildFile(project, gradleFile)
  const settings = withoutComments(
    project.text('settings.gradle.kts') ?? project.text('settings.gradle') ?? '',
  )
  const plugins = gradle === null ? '' : settings
  return { maven, gradle, gradleFile, text: [maven, gradle, plugins].filter(Boolean).join('\n') }
}

/** A Gradle build file with what stands behind the names of its catalogue. */
export function buildFile(project: Project, path: string): string {
  const text = withoutComments(project.text(path) ?? '')
  const used = text.includes('libs.') ? catalogued(project, text) : []
  return [text, ...used].join('\n')
}

function pomOf(project: Project): string | null {
  const text = project.text('pom.xml')
  return text === null ? null : withoutBlocks(text, '<!--', '-->')
}

/** `libs.plugins.spring.boot` of a build file is `spring-boot` of `[plugins]` in libs.versions.toml. */
function catalogued(project: Project, text: string): string[] {
  const place = ['', ...project.parents]
    .map(folder => joined(folder, 'gradle/libs.versions.toml'))
    .find(path => project.isFile(path))
  const catalog = place === undefined ? null : project.toml(place)
  if (catalog === null) return []
  const accessors = new Set([...text.matchAll(ACCESSOR)].slice(0, MOST_NAMES).map(match => match[1] ?? ''))
  // A root names plug-ins for its modules without using them.
  const idle = new Set([...text.matchAll(NOT_APPLIED)].map(match => match[1] ?? ''))
  const found: string[] = []
  for (const [section, prefix] of [
    ['plugins', 'plugins.'],
    ['libraries', ''],
  ] as const) {
    const entries = catalog[section]
    if (!isObject(entries)) continue
    for (const [alias, value] of Object.entries(entries).slice(0, MOST_NAMES)) {
      const accessor = `${prefix}${alias.replaceAll(/[-_]/g, '.')}`
      const isUsed = [...accessors].some(name => name === accessor || name.startsWith(`${accessor}.`))
      if (isUsed && !idle.has(accessor)) found.push(coordinatesOf(value))
    }
  }
  return found
}

const MOST_NAMES = 1000
const ACCESSOR = /\blibs\.((?:[\w-]{1,60}\.){0,8}[\w-]{1,60})/g
const NOT_APPLIED = /\blibs\.((?:[\w-]{1,60}\.){0,8}[\w-]{1,60})\)?\s{0,9}\.?apply\s{0,9}\(?\s{0,9}false/g

function coordinatesOf(value: unknown): string {
  const parts = isObject(value) ? [value.id, value.module, value.group, value.name] : [value]
  return `"${parts.filter(part => typeof part === 'string').join(':')}"`
}

const MOST_FOLDERS = 60

/** Source files below `src/main/java` and `src/main/kotlin`, nearest first: package folders only, and no more than 60 of them. */
export function jvmSources(project: Project): readonly string[] {
  const found: string[] = []
  const waiting = ['src/main/java', 'src/main/kotlin', 'src/main/groovy', 'src'].filter(folder =>
    project.isFolder(folder),
  )
  for (let count = 0; count < MOST_FOLDERS; count++) {
    const folder = waiting.shift()
    if (folder === undefined) break
    found.push(...project.files(folder, /\.(java|kt)$/).map(name => `${folder}/${name}`))
    if (folder === 'src' && found.length === 0) continue
    waiting.push(...project.sourceFolders(folder).map(name => `${folder}/${name}`))
    if (found.length > 200) break
  }
  return found
}

/** The first source in which a pattern is found; files that are named like an application come first. */
export function jvmSourceWith(project: Project, pattern: RegExp): string | null {
  const sources = project.fact(jvmSources)
  const likely = (path: string) => (/(Application|App|Main|Server)\.(java|kt)$/.test(path) ? 0 : 1)
  const ordered = [...sources].sort((one, other) => likely(one) - likely(other)).slice(0, 60)
  return ordered.find(path => pattern.test(project.text(path) ?? '')) ?? null
}

/** The package that a source file declares. */
export function packageIn(project: Project, path: string | null): string | null {
  const text = path === null ? null : project.text(path)
  return /^[ \t]*package[ \t]+([\w.]{1,200})/m.exec(text ?? '')?.[1] ?? null
}

/** The group of the build: what the package is made of where no class says it. */
export function groupOf(project: Project): string | null {
  const { maven, gradle } = project.fact(readJvm)
  const parts = ['parent', 'dependencies', 'build', 'profiles', 'dependencyManagement']
  const own = parts.reduce((text, name) => withoutBlocks(text, `<${name}>`, `</${name}>`), maven ?? '')
  const parent = (maven ?? '').split('<parent>')[1]?.split('</parent>')[0]?.slice(0, 2000) ?? ''
  const pattern = /<groupId>\s*([\w.-]{1,200})\s*<\/groupId>/
  const group = pattern.exec(own) ?? pattern.exec(parent)
  return group?.[1] ?? /^[ \t]*group[ \t]*=?[ \t]*["']([\w.-]{1,200})["']/m.exec(gradle ?? '')?.[1] ?? null
}
