/** What `vapi init` knows of a project and what it does to it. */

export type Language =
  | 'typescript'
  | 'javascript'
  | 'python'
  | 'go'
  | 'ruby'
  | 'java'
  | 'kotlin'
  | 'csharp'
  | 'dart'
  | 'php'
  | 'rust'
  | 'elixir'
  | 'swift'

export type PackageManagerId =
  | 'npm'
  | 'pnpm'
  | 'yarn'
  | 'bun'
  | 'deno'
  | 'pip'
  | 'uv'
  | 'poetry'
  | 'pdm'
  | 'pipenv'
  | 'go'
  | 'bundler'
  | 'maven'
  | 'gradle'
  | 'dotnet'
  | 'pub'
  | 'composer'
  | 'cargo'
  | 'mix'
  | 'swiftpm'

/** How much one marker says: it is this framework; it very likely is; it may be. */
export type Weight = 'certain' | 'strong' | 'weak'

/** Something found in a project that speaks for a framework. */
export interface Marker {
  /** Relative to the project's folder. */
  file: string
  /** In words: what of the file it is. */
  what: string
  weight: Weight
}

/** One framework that a project may be. */
export interface Candidate {
  framework: string
  variant: string | null
  confidence: number
  markers: Marker[]
}

export interface Monorepo {
  /** What holds it together: `npm`, `pnpm`, `yarn`, `nx`, `turbo`, `lerna`, `rush`, `cargo`, `go` … */
  tool: string
  /** Absolute. */
  root: string
  /** Folders of its packages, relative to its root, sorted. */
  packages: string[]
}

/** What a folder is. `vapi init --detect --json` prints it. */
export interface Detection {
  /** An id of the table of frameworks; null where nothing fits or several fit equally. */
  framework: string | null
  variant: string | null
  language: Language | null
  packageManager: PackageManagerId | null
  typescript: boolean
  monorepo: Monorepo | null
  /** The folder that is looked at, absolute. */
  root: string
  markers: Marker[]
  /** All that fit, the best first, with the chosen one. */
  candidates: Candidate[]
  /** 0 to 1. */
  confidence: number
  /** What the user should know: two lock files, a manifest that cannot be read … */
  warnings: string[]
}

/** What can be added to a project. */
export type Part = 'button' | 'webhook' | 'example' | 'env'

/** One file as it is to be. */
export interface FileChange {
  /** Relative to the project's folder, with `/`. */
  path: string
  part: Part | 'registration' | 'manifest'
  /** Null: there is none yet. */
  before: string | null
  after: string
}

/** A command of the project's own package manager. */
export interface InstallStep {
  /** Program and arguments, never a shell line. */
  command: readonly [string, ...string[]]
  /** Relative to the project's folder. */
  cwd: string
}

/** What `vapi init` will do; nothing of it is done yet. */
export interface InitPlan {
  detection: Detection & { framework: string }
  changes: FileChange[]
  installs: InstallStep[]
  /** Lines that the user has to add by hand, where no place for them was found. */
  byHand: { path: string; text: string; why: string }[]
  /** What to do next in this very project. */
  next: string[]
  warnings: string[]
}
