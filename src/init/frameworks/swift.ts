import type { Project } from '../project.ts'
import type { Marker } from '../types.ts'
import { portOf } from './facts/port.ts'
import { type Framework, present, when } from './row.ts'

function swiftMarkers(project: Project): Marker[] {
  const bundle = project
    .list('')
    .find(({ name, isFolder }) => isFolder && /\.(xcodeproj|xcworkspace)$/.test(name))
  return [
    ...when(bundle !== undefined, bundle?.name ?? null, 'a project of Xcode', 'certain'),
    ...present(project, ['Package.swift'], 'strong'),
    ...present(project, ['project.yml', 'Project.swift', 'Podfile'], 'weak'),
  ]
}

/** Xcode's project is in a folder of its own here; a package of Swift may be beside it. */
const swift: Framework = {
  id: 'swift',
  label: 'Swift',
  family: 'general',
  kind: 'mobile',
  language: 'swift',
  port: 8080,
  beats: [],
  variants: ['ios', 'package'],
  markers: swiftMarkers,
  variant: project =>
    project.list('').some(({ name }) => name.endsWith('.xcodeproj') || name.endsWith('.xcworkspace'))
      ? 'ios'
      : 'package',
  layout(project, variant) {
    const manifest = project.text('Package.swift') ?? ''
    const vapor = /vapor\/vapor/.test(manifest)
    const target = project.sourceFolders('Sources')[0]
    const xcode = project
      .list('')
      .find(({ name }) => name.endsWith('.xcodeproj'))
      ?.name.replace(/\.xcodeproj$/, '')
    const folder =
      variant === 'ios'
        ? xcode !== undefined && project.isFolder(xcode)
          ? `${xcode}/`
          : ''
        : target === undefined
          ? 'Sources/'
          : `Sources/${target}/`
    const entry = project.first(
      `${folder}main.swift`,
      `${folder}${xcode ?? 'App'}App.swift`,
      `${folder}entrypoint.swift`,
      `${folder}AppDelegate.swift`,
    )
    return {
      source: folder,
      entry,
      extension: 'swift',
      manifest: project.first('Package.swift'),
      registerIn: entry,
      port: vapor ? portOf(project, entry, 8080) : null,
      traits: vapor ? ['vapor'] : [],
    }
  },
}

export const swiftFrameworks: readonly Framework[] = [swift]
