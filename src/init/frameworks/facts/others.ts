import type { Project } from '../../project.ts'

const MANIFESTS = [
  'go.mod',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Gemfile',
  'requirements.txt',
  'pyproject.toml',
  'Pipfile',
  'manage.py',
  'composer.json',
  'Cargo.toml',
  'mix.exs',
  'pubspec.yaml',
  'Package.swift',
]

/** True where a manifest of another language than JavaScript is in the folder: a page or a package.json may be a part of that. */
export function hasOtherLanguage(project: Project): boolean {
  return (
    MANIFESTS.some(path => project.isFile(path)) ||
    project.files('', /\.((cs|fs|vb)proj|slnx?|gemspec)$/i).length > 0
  )
}
