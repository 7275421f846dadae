import type { PackageManager, PackageManagerId } from '../types.ts'

type Command = readonly [string, ...string[]]

export interface Addition {
  packages: readonly string[]
  dev: boolean
  arguments: readonly string[]
  /** Of .NET: the project file. */
  projectFile?: string
}

interface Adder {
  command(addition: Addition, manager: PackageManager): Command
  /** Where the program is not there, by npm's own starter. */
  instead?: (command: Command) => Command
}

const starter =
  (...specification: readonly string[]) =>
  ([, ...rest]: Command): Command => ['npx', '-y', ...specification, ...rest]

/** How each package manager adds a dependency. Those that are not here have their manifest edited by the template. */
const ADDERS: Readonly<Partial<Record<PackageManagerId, Adder>>> = {
  npm: { command: ({ packages, dev }) => ['npm', 'install', ...(dev ? ['--save-dev'] : []), ...packages] },
  pnpm: {
    command: ({ packages, dev }, { workspaceRoot }) => [
      'pnpm',
      'add',
      ...(workspaceRoot ? ['-w'] : []),
      ...(dev ? ['-D'] : []),
      ...packages,
    ],
    instead: starter('pnpm@10'),
  },
  yarn: {
    command: ({ packages, dev }, { agent, workspaceRoot }) => [
      'yarn',
      'add',
      ...(workspaceRoot && agent !== 'yarn@berry' ? ['-W'] : []),
      ...(dev ? ['-D'] : []),
      ...packages,
    ],
    instead: starter('yarn@1'),
  },
  bun: {
    command: ({ packages, dev }) => ['bun', 'add', ...(dev ? ['-d'] : []), ...packages],
    instead: starter('-p', 'bun@1', 'bun'),
  },
  deno: {
    command: ({ packages }) => ['deno', 'add', ...packages.map(name => `npm:${name}`)],
    instead: starter('deno@2'),
  },
  uv: { command: ({ packages }) => ['uv', 'add', ...packages] },
  poetry: { command: ({ packages }) => ['poetry', 'add', ...packages] },
  pdm: { command: ({ packages }) => ['pdm', 'add', ...packages] },
  pipenv: { command: ({ packages }) => ['pipenv', 'install', ...packages] },
  go: { command: ({ packages }) => ['go', 'get', ...packages.map(name => `${name}@latest`)] },
  bundler: { command: ({ packages, arguments: more }) => ['bundle', 'add', ...packages, ...more] },
  dotnet: {
    command: ({ packages: [name = ''], projectFile }) => [
      'dotnet',
      'add',
      ...(projectFile === undefined ? [] : [projectFile]),
      'package',
      name,
    ],
  },
  pub: { command: ({ packages }) => ['flutter', 'pub', 'add', ...packages] },
  cargo: {
    command: ({ packages, dev, arguments: more }) => [
      'cargo',
      'add',
      ...(dev ? ['--dev'] : []),
      ...more,
      ...packages,
    ],
  },
  composer: { command: ({ packages }) => ['composer', 'require', ...packages] },
}

/** The command that adds packages, and what does the same where its program is missing; null: there is no such command. */
export function addCommand(
  manager: PackageManager,
  addition: Addition,
): { command: Command; instead: Command | null } | null {
  const adder = ADDERS[manager.id]
  if (adder === undefined) return null
  const command = adder.command(addition, manager)
  const berry = manager.agent === 'yarn@berry' ? starter('-p', '@yarnpkg/cli-dist@4', 'yarn') : null
  const instead = berry ?? adder.instead
  return { command, instead: instead?.(command) ?? null }
}
