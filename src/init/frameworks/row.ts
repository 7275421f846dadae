import type { Project } from '../project.ts'
import type { Language, Layout, Marker, Weight } from '../types.ts'
import { readNode } from './facts/node.ts'

/**
 * What a row is in the order of families, where several kinds of manifest share a folder: Flutter; mobile JavaScript; platforms
 * that own their folder (Rails, Django, .NET, the JVM …); JavaScript meta frameworks; other JavaScript and services in
 * other languages; a language alone. `../decide.ts` says which yields to which.
 */
export type Family = 'flutter' | 'mobile' | 'platform' | 'meta' | 'javascript' | 'service' | 'general'

export type FrameworkKind = 'front-end' | 'back-end' | 'full-stack' | 'mobile'

/** A framework as a row of the table: how it is known and where its things are. */
export interface Framework {
  /** What `--framework` takes and `--detect` prints. */
  id: string
  label: string
  family: Family
  kind: FrameworkKind
  /** `script`: TypeScript or JavaScript, as the project is. */
  language: Exclude<Language, 'typescript' | 'javascript'> | 'script'
  /** Where its development server listens when nothing else is said; null: it has none. */
  port: number | null
  /** Ids that are no other framework beside this one, but its parts. */
  beats: readonly string[]
  /** What in a project speaks for it. */
  markers(project: Project): Marker[]
  /** Names of its variants, for `--list`; the first is taken where none can be told. */
  variants?: readonly string[]
  variant?(project: Project): string | null
  /** Languages that a project of it may be in beside the one named (Spring Boot in Kotlin). */
  languageOf?(project: Project): Language
  layout?(project: Project, variant: string | null): Partial<Layout>
}

export function marker(file: string, what: string, weight: Weight): Marker {
  return { file, what, weight }
}

/** A marker where a condition holds, for spreading into a list. */
export function when(condition: boolean, file: string | null, what: string, weight: Weight): Marker[] {
  return condition ? [marker(file ?? '.', what, weight)] : []
}

/** A marker for a package.json dependency: `weights` for one that runs with the program, and one of development alone. */
export function dependency(
  project: Project,
  name: string,
  runtime: Weight | null,
  development: Weight | null = runtime,
): Marker[] {
  const node = project.fact(readNode)
  const list = node.dependency(name)
  const weight = list === 'runtime' ? runtime : list === 'development' ? development : null
  if (list === 'peer') return [marker(node.path ?? 'package.json', `peer dependency ${name}`, 'weak')]
  if (weight === null) return []
  return [
    marker(
      node.path ?? 'package.json',
      `dependency ${name} ${(node.range(name) ?? '').slice(0, 60)}`.trim(),
      weight,
    ),
  ]
}

/** A marker for the first of these files that is there. */
export function present(project: Project, paths: readonly string[], weight: Weight): Marker[] {
  const found = project.first(...paths)
  return found === null ? [] : [marker(found, 'is there', weight)]
}

/** `name` with each of the extensions that configuration files of JavaScript tools have. */
export function configFile(name: string): readonly string[] {
  return ['js', 'ts', 'mjs', 'mts', 'cjs', 'cts'].map(extension => `${name}.${extension}`)
}

export function isSaid(markers: readonly Marker[], weight: Weight): boolean {
  return markers.some(marker => marker.weight === weight)
}
