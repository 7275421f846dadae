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
  /** It is this or another one that fits; where one alone fits, it is the answer. The others are parts of these, or too weak. */
  fits: boolean
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

/** What makes the page or the bundle of a front end. */
export type Bundler = 'vite' | 'webpack' | 'parcel' | 'rollup' | 'rsbuild' | 'esbuild' | 'metro' | 'turbopack'

/** What `tsconfig.json` says, with what it extends where that is a file of the repository. */
export interface TypeScriptSettings {
  /** Relative to the project's folder, with `/`; may lie above it (`../../tsconfig.json`). */
  path: string
  /** False where it extends a file that is not there (a package that is not installed yet): a null below may be anything then. */
  isComplete: boolean
  /** `@vapi-ai/web` compiles only where this is true; null where nothing is said (then it is off). */
  skipLibCheck: boolean | null
  strict: boolean | null
  /** `node16` and `nodenext` need `.js` in relative imports of an ES module. In small letters. */
  module: string | null
  moduleResolution: string | null
  /** `compilerOptions.paths` as written. */
  paths: Record<string, string[]>
}

/**
 * Where the things of a project are and how it is written: what templates need. All paths are relative to the project's
 * folder with `/`. A field that is not there has no meaning in this framework.
 */
export interface Layout {
  /** The folder of the framework's sources: '' (the project's own folder) or with `/` at its end: `src/`, `app/`, `src/main/java/`. */
  source: string
  /** The file that starts the program or the page: `src/main.tsx`, `app/main.py`, `cmd/api/main.go`. */
  entry: string | null
  /** Of the entry, or what a new file should have (`ts`, `tsx`, `js`, `jsx`, `vue`, `py` …), without a dot. */
  extension: string | null
  /** The framework's major version, where it can be told. */
  major: number | null
  /** The file that names the dependencies, and that an SDK is added to; may lie above (`../../package.json`). */
  manifest: string | null
  /** The file that takes the line which makes a route or a plug-in known: `app/routes.ts`, `config/urls.py`, `Program.cs`. */
  registerIn: string | null
  /** Where the development server listens, as the project says, else the framework's own port. Null: it has none. */
  port: number | null
  /**
   * What else matters to templates, from this list: `standalone` (Angular: components need no module), `no-suffix`
   * (Angular: `app.ts`, not `app.component.ts`), `runes` (Svelte 5), `adapter` (Astro has one: API routes can run), `prebuilt`
   * (Expo with android/ and ios/), `dynamic-config` (app.config.ts is code), `api-routes` (Laravel has routes/api.php), `namespaced`
   * (Django: there is an app folder), `pom-and-gradle`, `inherited-manifest` (a package.json above is the project's),
   * `flat-routes` (React Router finds routes by name), `autoload` (Fastify loads the folder `routes`), `compose` (Android), `vapor`
   * (Swift server), `ionic-v4-routes`.
   */
  traits: string[]
  /** Next.js: which router the pages are in. Where both are, `app`. */
  router?: 'app' | 'pages'
  bundler?: Bundler | null
  /** JavaScript: what a `.js` file of the project is. */
  modules?: 'esm' | 'commonjs'
  tsconfig?: TypeScriptSettings | null
  /** The path of the Go module: `github.com/me/app`. */
  goModule?: string | null
  /** Java, Kotlin: the package of the application class, else the group: `com.example.demo`. */
  basePackage?: string | null
  /** Python: the package that the entry is in, dotted, '' where it is in none. Django: the package of settings. */
  pythonPackage?: string
  /** Python: the name of the application object in the entry (`app`). */
  pythonApp?: string | null
  /** .NET: the project file and its root namespace. */
  projectFile?: string | null
  namespace?: string | null
  /** Elixir, Rust, Dart, Ruby on Rails: the application's own name (`my_app`). */
  application?: string | null
  /** Elixir: the module of the web part (`MyAppWeb`). Rails: the application's module. */
  webModule?: string | null
}

/** How dependencies are added here. */
export interface PackageManager {
  id: PackageManagerId
  /** As package-manager-detector names it (`yarn@berry`, `pnpm@6`); the id where it knows none. */
  agent: string
  /** As the project asks for it (`9.12.1`), else null. */
  version: string | null
  /** What it was known by, in words: `pnpm-lock.yaml in ../..`. */
  from: string
  /** The folder that this was found in, relative to the project's folder: '', `../..`. */
  folder: string
  /** More than one where the project contradicts itself: ask. The chosen one is the first. */
  choices: PackageManagerId[]
  /** The project's folder is the root of a workspace: some managers want a flag there (`-w`, `-W`). */
  workspaceRoot: boolean
}

/** One folder of a monorepo, or one below a folder that is no project itself. */
export interface PackageSummary {
  /** Relative to the monorepo's root or the folder that was looked at, with `/`. */
  folder: string
  framework: string | null
  label: string | null
  language: Language | null
  confidence: number
}

/** What a folder is. `vapi init --detect --json` prints it. */
export interface Detection {
  /** An id of the table of frameworks; null where nothing fits or several fit equally. */
  framework: string | null
  variant: string | null
  language: Language | null
  packageManager: PackageManagerId | null
  /** The same in full. */
  manager: PackageManager | null
  typescript: boolean
  monorepo: Monorepo | null
  /** The folder that is looked at, absolute. */
  root: string
  markers: Marker[]
  /** All that fit, the best first, with the chosen one. */
  candidates: Candidate[]
  /** 0 to 1; 0 where no framework is named. */
  confidence: number
  /** Null where no framework is named. */
  layout: Layout | null
  /** Where the folder itself is no project: those in it that are, with what they are. */
  packages: PackageSummary[]
  /** What the user should know: two lock files, a manifest that cannot be read … */
  warnings: string[]
}

/** What can be added to a project. */
export type Part = 'button' | 'webhook' | 'example' | 'env'

/** One file as it is to be. */
export interface FileChange {
  /** Relative to the project's folder, with `/`. */
  path: string
  part: Part
  /** A new file; lines in a file of the user's; another text in place of a file that is there, which may be the user's own. */
  kind: 'create' | 'edit' | 'replace'
  /** Null: there is none yet. */
  before: string | null
  after: string
}

/** A command of the project's own package manager. */
export interface InstallStep {
  /** Program and arguments, never a shell line. */
  command: readonly [string, ...string[]]
  /** The same by another way, where the program is not installed. */
  instead: readonly [string, ...string[]] | null
  /** What it adds. */
  packages: readonly string[]
}

/** Lines that the user has to add. */
export interface ByHand {
  path: string
  text: string
  why: string
}

/** What `vapi init` will do; nothing of it is done yet. */
export interface InitPlan {
  detection: Detection & { framework: string }
  changes: FileChange[]
  installs: InstallStep[]
  /** Lines that the user has to add by hand, where no place for them was found. */
  byHand: ByHand[]
  /** What to do next in this very project. */
  next: string[]
  warnings: string[]
}
