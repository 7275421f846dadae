import { joined, type Project } from '../project.ts'
import type { Language, Layout, Marker } from '../types.ts'
import { buildFile, groupOf, jvmSources, jvmSourceWith, packageIn, readJvm } from './facts/jvm.ts'
import { valid } from './facts/port.ts'
import { type Framework, marker, when } from './row.ts'

const MAIN: RegExp = /\bpublic\s+static\s+void\s+main\s*\(|\bfun\s+main\s*\(/

/** The build file in which a pattern stands, as a marker. */
function built(project: Project, pattern: RegExp, what: string, weight: Marker['weight']): Marker[] {
  const { maven, gradle, gradleFile, text } = project.fact(readJvm)
  if (!pattern.test(text)) return []
  const file = maven !== null && pattern.test(maven) ? 'pom.xml' : gradle === null ? 'pom.xml' : gradleFile
  return [marker(file ?? 'pom.xml', what, weight)]
}

function kotlinOrJava(project: Project): Language {
  const sources = project.fact(jvmSources)
  const kotlin = sources.filter(path => path.endsWith('.kt')).length
  if (sources.length > 0) return kotlin * 2 > sources.length ? 'kotlin' : 'java'
  return /kotlin/.test(project.fact(readJvm).text) ? 'kotlin' : 'java'
}

const PORT_FILES = ['application.properties', 'application.yml', 'application.yaml', 'application.conf']

function jvmPort(project: Project, usual: number): number {
  for (const name of PORT_FILES) {
    const text = project.text(`src/main/resources/${name}`) ?? ''
    const port =
      /^[ \t]*(?:server\.port|quarkus\.http\.port|micronaut\.server\.port)\s*[=:]\s*(\d{2,5})[ \t]*$|^[ \t]*port\s*[:=]\s*(\d{2,5})[ \t]*$/m.exec(
        text,
      )
    const found = valid(port?.[1] ?? port?.[2])
    if (found !== null) return found
  }
  return usual
}

function jvmLayout(project: Project, pattern: RegExp, usual: number): Partial<Layout> {
  const { maven, gradleFile } = project.fact(readJvm)
  const entry = jvmSourceWith(project, pattern) ?? jvmSourceWith(project, MAIN)
  const language = kotlinOrJava(project)
  const source = /^src\/main\/(?:java|kotlin)\//.exec(entry ?? '')?.[0] ?? `src/main/${language}/`
  const basePackage = packageIn(project, entry) ?? packageIn(project, project.fact(jvmSources)[0] ?? null)
  return {
    source,
    entry,
    extension: language === 'kotlin' ? 'kt' : 'java',
    major: null,
    manifest: maven !== null ? 'pom.xml' : gradleFile,
    registerIn: entry,
    port: jvmPort(project, usual),
    basePackage: basePackage ?? groupOf(project)?.replaceAll('-', '') ?? null,
    traits: maven !== null && gradleFile !== null ? ['pom-and-gradle'] : [],
  }
}

/** A framework of the JVM: how its build names it, and the class that starts it. */
function jvm(
  id: string,
  label: string,
  kind: { build: RegExp; what: string; starts: RegExp; language?: 'kotlin'; weight?: Marker['weight'] },
): Framework {
  return {
    id,
    label,
    family: 'platform',
    kind: 'back-end',
    language: kind.language ?? 'java',
    port: 8080,
    beats: ['java', 'kotlin'],
    markers(project) {
      const named = built(project, kind.build, kind.what, 'certain')
      const starting = named.length === 0 ? null : jvmSourceWith(project, kind.starts)
      return [...named, ...when(starting !== null, starting, `starts ${label}`, 'strong')]
    },
    languageOf: kotlinOrJava,
    layout: project => jvmLayout(project, kind.starts, 8080),
  }
}

const springBoot = jvm('spring-boot', 'Spring Boot', {
  build: /org\.springframework\.boot\b|spring-boot-starter/,
  what: 'names Spring Boot',
  starts: /@SpringBootApplication\b/,
})

const quarkus = jvm('quarkus', 'Quarkus', {
  build: /quarkus-bom|\bio\.quarkus\b/,
  what: 'names Quarkus',
  starts: /@QuarkusMain\b|import (?:jakarta|javax)\.ws\.rs\./,
})

const micronaut = jvm('micronaut', 'Micronaut', {
  build: /\bio\.micronaut\b/,
  what: 'names Micronaut',
  starts: /\bMicronaut\.(?:run|build)\s*\(|\brunApplication</,
})

const ktor = jvm('ktor', 'Ktor', {
  build: /io\.ktor:ktor-server|\bio\.ktor\.plugin\b|<artifactId>ktor-server-/,
  what: 'names the server of Ktor',
  starts: /\bembeddedServer\s*\(|\bfun\s+Application\.module\s*\(|\bEngineMain\.main\b/,
  language: 'kotlin',
})

/** The modules of an Android build that make an application, with their build files. */
function androidModules(project: Project): readonly { folder: string; build: string }[] {
  const settings = `${project.text('settings.gradle.kts') ?? ''}\n${project.text('settings.gradle') ?? ''}`
  const included = [...settings.matchAll(/["']:([\w:-]{1,100})["']/g)].map(match =>
    (match[1] ?? '').replaceAll(':', '/'),
  )
  const folders = [...new Set(['', 'app', ...included])].slice(0, 30)
  return folders.flatMap(folder => {
    const build = project.first(joined(folder, 'build.gradle.kts'), joined(folder, 'build.gradle'))
    if (build === null) return []
    const lines = buildFile(project, build).split('\n')
    const text = lines.filter(line => !/\bapply[ \t]{0,9}\(?[ \t]{0,9}false/.test(line)).join('\n')
    return /com\.android\.application\b/.test(text) ? [{ folder, build }] : []
  })
}

const android: Framework = {
  id: 'android',
  label: 'Android',
  family: 'platform',
  kind: 'mobile',
  language: 'kotlin',
  port: null,
  beats: ['java', 'kotlin'],
  markers(project) {
    const [module] = project.fact(androidModules)
    if (module === undefined) return []
    const manifest = joined(module.folder, 'src/main/AndroidManifest.xml')
    return [
      ...when(project.isFile(manifest), manifest, 'is there', 'certain'),
      marker(module.build, 'plug-in com.android.application', 'strong'),
    ]
  },
  languageOf(project) {
    const folder = project.fact(androidModules)[0]?.folder ?? 'app'
    const kotlin =
      project.isFolder(joined(folder, 'src/main/kotlin')) ||
      /kotlin/.test(buildFile(project, project.fact(androidModules)[0]?.build ?? ''))
    return kotlin ? 'kotlin' : 'java'
  },
  layout(project) {
    const module = project.fact(androidModules)[0] ?? { folder: 'app', build: 'app/build.gradle' }
    const build = project.text(module.build) ?? ''
    const named =
      /\bnamespace\s*=?\s*["']([\w.]{1,200})["']|applicationId\s*=?\s*["']([\w.]{1,200})["']/.exec(build)
    const folders = ['kotlin', 'java'].map(name => joined(module.folder, 'src/main', name))
    const source = folders.find(folder => project.isFolder(folder)) ?? folders[1] ?? ''
    const basePackage = named?.[1] ?? named?.[2] ?? null
    const inside = basePackage === null ? source : joined(source, basePackage.replaceAll('.', '/'))
    const entry = project.first(`${inside}/MainActivity.kt`, `${inside}/MainActivity.java`)
    return {
      source: `${source}/`,
      entry,
      extension: entry?.endsWith('.java') === true ? 'java' : 'kt',
      manifest: module.build,
      registerIn: joined(module.folder, 'src/main/AndroidManifest.xml'),
      port: null,
      basePackage,
      traits: /\bcompose\b/i.test(build) ? ['compose'] : [],
    }
  },
}

/** Java or Kotlin alone: a build that is none of the above. */
function general(id: 'java' | 'kotlin', label: string): Framework {
  return {
    id,
    label,
    family: 'general',
    kind: 'back-end',
    language: id,
    port: 8080,
    beats: [],
    markers(project) {
      const { maven, gradleFile, text } = project.fact(readJvm)
      const file = maven !== null ? 'pom.xml' : gradleFile
      if (file === null) return []
      // Any build.gradle is not a back end: the root of an Android or of a mobile project has one too.
      const speaks = maven !== null || /\bjava\b|\bapplication\b|kotlin|\bgroovy\b/.test(text)
      const mine = kotlinOrJava(project) === id
      return when(mine, file, 'is there', speaks && !/com\.android\./.test(text) ? 'strong' : 'weak')
    },
    layout: project => jvmLayout(project, MAIN, 8080),
  }
}

export const jvmFrameworks: readonly Framework[] = [
  springBoot,
  quarkus,
  micronaut,
  ktor,
  android,
  general('java', 'Java'),
  general('kotlin', 'Kotlin'),
]
