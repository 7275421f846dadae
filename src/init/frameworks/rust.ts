import { isObject } from '../../is-object.ts'
import type { Project } from '../project.ts'
import type { Layout } from '../types.ts'
import { portInCode } from './facts/port.ts'
import { type Framework, marker, present, when } from './row.ts'

/** The crates that a Cargo.toml names, by their own names where they were renamed. */
function cratesOf(project: Project): ReadonlySet<string> {
  const dependencies = project.toml('Cargo.toml')?.dependencies
  if (!isObject(dependencies)) return new Set()
  return new Set(
    Object.entries(dependencies).map(([alias, value]) =>
      isObject(value) && typeof value.package === 'string' ? value.package : alias,
    ),
  )
}

function rustEntry(project: Project): string | null {
  const binaries = project.files('src/bin', /\.rs$/).map(name => `src/bin/${name}`)
  return project.first('src/main.rs', ...binaries, 'main.rs', 'src/lib.rs')
}

function rustLayout(project: Project, port: number): Partial<Layout> {
  const named = project.toml('Cargo.toml')?.package
  const entry = project.fact(rustEntry)
  return {
    source: 'src/',
    entry,
    extension: 'rs',
    manifest: 'Cargo.toml',
    registerIn: entry,
    port: (entry === null ? null : portInCode(project, entry)) ?? port,
    application: isObject(named) && typeof named.name === 'string' ? named.name : null,
  }
}

function rust(id: string, label: string, crate: string, port: number): Framework {
  return {
    id,
    label,
    family: 'service',
    kind: 'back-end',
    language: 'rust',
    port,
    beats: ['rust'],
    markers(project) {
      if (!project.fact(cratesOf).has(crate)) return []
      const entry = project.fact(rustEntry)
      const word = new RegExp(`\\b${crate.replaceAll('-', '_')}\\b`)
      const used = entry !== null && word.test(project.text(entry) ?? '')
      return [
        ...when(used, entry, `uses ${crate}`, 'certain'),
        marker('Cargo.toml', `dependency ${crate}`, 'strong'),
      ]
    },
    layout: project => rustLayout(project, port),
  }
}

const plainRust: Framework = {
  id: 'rust',
  label: 'Rust',
  family: 'general',
  kind: 'back-end',
  language: 'rust',
  port: 8080,
  beats: [],
  markers(project) {
    // Without a package it only lists members.
    const weight = isObject(project.toml('Cargo.toml')?.package) ? 'strong' : 'weak'
    return present(project, ['Cargo.toml'], weight)
  },
  layout: project => rustLayout(project, 8080),
}

export const rustFrameworks: readonly Framework[] = [
  rust('axum', 'Axum', 'axum', 3000),
  rust('actix', 'Actix Web', 'actix-web', 8080),
  rust('rocket', 'Rocket', 'rocket', 8000),
  plainRust,
]
