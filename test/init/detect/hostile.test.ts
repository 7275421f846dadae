import { execFileSync } from 'node:child_process'
import { chmod, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { detect as libraryDetect } from 'package-manager-detector/detect'
import { describe, expect, it } from 'vitest'
import { VapiError } from '../../../src/errors.ts'
import { detectProject } from '../../../src/init/detect.ts'
import { openProject } from '../../../src/init/project.ts'
import { otherProjects } from './other-projects.ts'
import { scriptProjects } from './script-projects.ts'
import { type Files, needs, withTree } from './tree.ts'

const REACT = needs('react react-dom', 'vite')
const look = (folder: string) => detectProject(folder, { env: {} })

/** Root may read everything: the test becomes another user for a moment. */
async function asNobody<T>(use: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return use()
  process.seteuid?.(65534)
  try {
    return await use()
  } finally {
    process.seteuid?.(0)
  }
}

describe('a folder that cannot be looked at', () => {
  it('is told when it is not there', async () => {
    await withTree({}, folder =>
      expect(look(join(folder, 'gone'))).rejects.toThrow(/there is no folder .*gone/),
    )
  })

  it('is told when it is a file', async () => {
    await withTree({ 'package.json': {} }, folder =>
      expect(look(join(folder, 'package.json'))).rejects.toThrow(/is not a folder/),
    )
  })

  it('is told when it is a link that leads to itself', async () => {
    await withTree({}, async folder => {
      await symlink('loop', join(folder, 'loop'))
      await expect(look(join(folder, 'loop'))).rejects.toThrow(/leads to itself/)
    })
  })

  it.skipIf(process.platform === 'win32')('is told when it may not be read', async () => {
    await withTree({ 'locked/package.json': REACT }, async folder => {
      await chmod(folder, 0o755)
      await chmod(join(folder, 'locked'), 0o000)
      const failed = await asNobody(() => look(join(folder, 'locked')).catch((error: unknown) => error))
      await chmod(join(folder, 'locked'), 0o755)
      expect(failed).toBeInstanceOf(VapiError)
      expect(String(failed)).toMatch(/cannot be read: permission denied/)
      expect((failed as VapiError).exit).toBe(2)
    })
  })
})

describe('files that cannot be read', () => {
  it.skipIf(process.platform === 'win32')('are told, and the rest is looked at', async () => {
    await withTree({ 'package.json': REACT, 'index.html': '', 'src/': '' }, async folder => {
      await chmod(folder, 0o755)
      await chmod(join(folder, 'package.json'), 0o000)
      await chmod(join(folder, 'src'), 0o000)
      const found = await asNobody(() => look(folder))
      await chmod(join(folder, 'src'), 0o755)
      expect(found.warnings).toContain('package.json is not read: permission denied')
      expect(found.framework).not.toBe('react')
    })
  })

  it('are no project when they are links that lead nowhere or to themselves', async () => {
    await withTree({ 'src/': '', 'app/': '' }, async folder => {
      await symlink('package.json', join(folder, 'package.json'))
      await symlink('/nowhere/at/all', join(folder, 'go.mod'))
      await symlink('..', join(folder, 'src/up'))
      await symlink('.', join(folder, 'app/[self]'))
      const found = await look(folder)
      expect(found).toMatchObject({ framework: null, candidates: [] })
    })
  })

  it('are followed where a link of the workspace leads back up', async () => {
    const files: Files = {
      'package.json': { workspaces: ['packages/**', '**/x'] },
      'packages/a/package.json': REACT,
    }
    await withTree(files, async folder => {
      await symlink('..', join(folder, 'packages/a/loop'))
      await symlink('../..', join(folder, 'packages/round'))
      const found = await look(folder)
      expect(found.monorepo?.packages).toContain('packages/a')
      // How many ways around are found depends on the order in which the system lists a folder.
      expect(found.monorepo?.packages.length).toBeLessThan(200)
    })
  })

  it.skipIf(process.platform === 'win32')('are not opened when they are pipes', async () => {
    await withTree({ 'index.html': '' }, async folder => {
      for (const name of ['package.json', 'requirements.txt', 'yarn.lock', 'go.mod'])
        execFileSync('mkfifo', [join(folder, name)])
      expect(await look(folder)).toMatchObject({ framework: 'vanilla' })
    })
  })
})

describe('two lock files', () => {
  it('are told apart by their age, where one is clearly newer', async () => {
    await withTree({ 'package.json': REACT, 'yarn.lock': '', 'package-lock.json': '{}' }, async folder => {
      await utimes(join(folder, 'yarn.lock'), 1_700_000_000, 1_700_000_000)
      await utimes(join(folder, 'package-lock.json'), 1_700_009_000, 1_700_009_000)
      expect((await look(folder)).manager?.choices).toEqual(['npm', 'yarn'])
    })
  })

  it('are taken in a fixed order where a checkout wrote both', async () => {
    const files: Files = {
      'package.json': REACT,
      'bun.lock': '',
      'pnpm-lock.yaml': '',
      'package-lock.json': '{}',
    }
    await withTree(files, async folder => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => look(folder)))
      expect(new Set(answers.map(({ manager }) => manager?.choices.join()))).toEqual(
        new Set(['pnpm,bun,npm']),
      )
    })
  })
})

describe('package managers', () => {
  const locks: Files[] = [
    { 'package-lock.json': '{}' },
    { 'npm-shrinkwrap.json': '{}' },
    { 'yarn.lock': '# yarn lockfile v1\n' },
    { 'pnpm-lock.yaml': '' },
    { 'bun.lock': '' },
    { 'bun.lockb': '' },
    { 'rush.json': '{}' },
    {},
  ]
  const fields = [
    undefined,
    'npm@10.2.0',
    'pnpm@9.1.0',
    'pnpm@6.3.0',
    'yarn@1.22.0',
    'yarn@4.2.1',
    '^bun@1.1.0',
  ]
  const cases = locks.flatMap(files => fields.map(packageManager => ({ files, packageManager })))

  it('are those that package-manager-detector finds, where a project says one thing', async () => {
    for (const { files, packageManager } of cases) {
      // It takes rush.json before the field of the same folder; so do we not.
      if ('rush.json' in files && packageManager !== undefined) continue
      const manifest = packageManager === undefined ? REACT : { ...REACT, packageManager }
      await withTree({ 'package.json': manifest, ...files }, async folder => {
        const theirs = await libraryDetect({ cwd: folder, stopDir: folder })
        const { manager } = await look(folder)
        const said = { ...files, packageManager }
        expect([manager?.id, manager?.agent, said]).toEqual([
          theirs?.name ?? 'npm',
          theirs?.agent ?? 'npm',
          said,
        ])
      })
    }
  })

  it('are the caller’s where nothing says one', async () => {
    await withTree({ 'package.json': REACT }, async folder => {
      const env = { npm_config_user_agent: 'pnpm/9.0.0 npm/? node/v20.0.0' }
      expect((await detectProject(folder, { env })).packageManager).toBe('pnpm')
      expect(
        (await detectProject(folder, { env: { npm_config_user_agent: 'x'.repeat(99) } })).packageManager,
      ).toBe('npm')
    })
  })

  it('can be named', async () => {
    await withTree({ 'package.json': REACT, 'yarn.lock': '', 'package-lock.json': '' }, async folder => {
      const found = await detectProject(folder, { packageManager: 'bun', env: {} })
      expect(found).toMatchObject({ packageManager: 'bun', manager: { choices: ['bun'] }, warnings: [] })
      await expect(detectProject(folder, { packageManager: 'cargo' })).rejects.toThrow(
        /no package manager of javascript/,
      )
    })
  })
})

describe('a framework that is named', () => {
  it('is taken, with the layout that it would have', async () => {
    await withTree({ 'package.json': needs('express react react-dom', 'vite') }, async folder => {
      const found = await detectProject(folder, { framework: 'express', env: {} })
      expect(found).toMatchObject({
        framework: 'express',
        confidence: 1,
        layout: { manifest: 'package.json' },
      })
    })
  })

  it('is taken in an empty folder too', async () => {
    for (const framework of [
      'nextjs',
      'django',
      'spring-boot',
      'aspnetcore',
      'flutter',
      'swift',
      'android',
      'phoenix',
    ])
      await withTree({}, async folder => {
        expect(await detectProject(folder, { framework, env: {} })).toMatchObject({
          framework,
          confidence: 1,
        })
      })
  })

  it('is told with the nearest one when there is none of that name', async () => {
    await withTree({}, folder =>
      expect(detectProject(folder, { framework: 'nexjs' })).rejects.toMatchObject({
        message: 'there is no framework nexjs',
        hint: expect.stringMatching(/nextjs/),
        exit: 2,
      }),
    )
  })
})

const MANIFESTS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.app.json',
  'project.json',
  'deno.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  'yarn.lock',
  '.yarnrc.yml',
  'lerna.json',
  'rush.json',
  'pyproject.toml',
  'requirements.txt',
  'Pipfile',
  'setup.py',
  'setup.cfg',
  'manage.py',
  'main.py',
  'go.mod',
  'go.work',
  'main.go',
  'Gemfile',
  'Gemfile.lock',
  'config/application.rb',
  'pom.xml',
  'build.gradle',
  'settings.gradle.kts',
  'gradle/libs.versions.toml',
  'App.csproj',
  'App.sln',
  'Program.cs',
  'Properties/launchSettings.json',
  'pubspec.yaml',
  'melos.yaml',
  'composer.json',
  'Cargo.toml',
  'mix.exs',
  'Package.swift',
  'app.json',
  'ionic.config.json',
  'index.html',
  'next.config.js',
  'nuxt.config.ts',
  'vite.config.ts',
]

/** Pieces of real manifests, so that chance gets past the first brace. */
const words = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\n',
  '\r\n',
  '\t',
  '=',
  '(',
  ')',
  '<',
  '>',
  '/',
  '*',
  '**',
  '-r ',
  '../',
  '#',
  '//',
  '/*',
  '*/',
  '"dependencies"',
  '"workspaces"',
  '"packages"',
  '"catalog:"',
  '"extends"',
  '"./tsconfig.json"',
  '"react"',
  '"^19"',
  '"next"',
  '"packageManager"',
  '"pnpm@"',
  '[project]',
  'dependencies',
  '[tool.poetry]',
  '[workspace]',
  'members',
  'require (',
  'module ',
  'use (',
  'gem "rails"',
  '<module>',
  '</module>',
  'include(":app")',
  'libs.plugins.',
  'workspace:',
  'flutter',
  'sdk',
  '&a',
  '*a',
  '<<',
  'requirements.txt',
  '{a,b}',
  '__proto__',
)
const content = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ maxLength: 200, unit: 'binary' }),
  fc.array(words, { maxLength: 60 }).map(parts => parts.join('')),
  fc.json({ maxDepth: 4 }),
)
/** A sound project of the tables with one of its files cut or with bytes turned. */
const damaged = fc
  .tuple(
    fc.constantFrom(...scriptProjects, ...otherProjects),
    fc.nat(),
    fc.nat(),
    fc.uint8Array({ maxLength: 6 }),
  )
  .map(([{ files }, which, where, bytes]) => {
    const names = Object.keys(files).filter(name => !name.endsWith('/'))
    const name = names[which % names.length] ?? 'package.json'
    const value = files[name] ?? ''
    const text = Buffer.from(
      typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value),
    )
    const at = where % (text.length + 1)
    return {
      ...files,
      [name]: Buffer.concat([text.subarray(0, at), bytes, text.subarray(at + bytes.length)]),
    }
  })

describe('whatever stands in the files', () => {
  const holds = async (files: Files) => {
    const found = await withTree(files, look)
    expect(found.framework === null).toBe(found.layout === null)
    expect(found.confidence).toBeLessThan(1)
    for (const warning of found.warnings)
      expect(warning).not.toMatch(/undefined|\[object|is not a function|Cannot read/)
  }

  it('detection ends with an answer', async () => {
    const files = fc.dictionary(fc.constantFrom(...MANIFESTS), content, { maxKeys: 6 })
    await fc.assert(fc.asyncProperty(files, holds), { numRuns: 150 })
  }, 120_000)

  it('a project that is damaged in one place is detected or told', async () => {
    await fc.assert(fc.asyncProperty(damaged, holds), { numRuns: 150 })
  }, 120_000)

  it('time grows with its length, not faster', async () => {
    const many = (text: string) => text.repeat(Math.floor(300_000 / text.length))
    const server = { 'package.json': needs('express react@latest') }
    const texts: Files[] = [
      { ...server, 'index.js': `import express from 'express'\nconst ${many('a')} = express()\n` },
      { ...server, 'index.js': `import express from 'express'\nconst app = express()\n${many('serve({')}` },
      { ...server, 'index.js': many('/*\n') },
      { ...server, 'pnpm-lock.yaml': many('\n') },
      { 'index.html': many('<script src="') },
      { 'pom.xml': many('<!--') },
      { 'pom.xml': `<project>${many('<parent>')}` },
      { 'build.gradle': many('\n'), 'settings.gradle': `include${many(' ')}x${many('include ')}` },
      {
        'build.gradle.kts': many('libs.plugins.'),
        'gradle/libs.versions.toml': `[plugins]\n${'a'.repeat(90_000)} = "x"\n`,
      },
      { 'go.mod': `require (\n${many('a')}`, 'main.go': `func main() {}\n${many('Run( ')}` },
      { 'App.csproj': many('<Project ') },
      { 'mix.exs': many('\n'), 'config/application.rb': many('\n') },
      { 'setup.cfg': `install_requires =\n${many('\t')}` },
      { 'pubspec.yaml': many('- ') },
      { 'pnpm-workspace.yaml': many('{') },
      {
        'package.json': {
          workspaces: ['{a,b}'.repeat(50), '*a'.repeat(100), `!${'**/'.repeat(90)}x`, 'p/*'],
        },
        'p/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab/package.json': {},
      },
    ]
    for (const files of texts) {
      const elapsed = await withTree(files, async folder => {
        const started = performance.now()
        await look(folder)
        return performance.now() - started
      })
      // A quadratic search of as much text takes minutes.
      expect(elapsed, JSON.stringify(files).slice(0, 100)).toBeLessThan(5000)
    }
  }, 120_000)

  it('a folder that names itself and what is above is not looked at for ever', async () => {
    const files: Files = {
      'requirements.txt': '-r requirements.txt\n-r ../../etc/passwd\n-r sub/a.txt\n',
      'sub/a.txt': '-r ../requirements.txt\nfastapi\n',
      'tsconfig.json': { extends: './tsconfig.json', references: [{ path: '.' }] },
      'package.json': { workspaces: ['.', '..', '../..', '/', '**', '**/**/**', 'a/../..'] },
    }
    await withTree(files, async folder => {
      const found = await look(folder)
      expect(found.candidates.map(({ framework }) => framework)).toContain('fastapi')
      expect(found.monorepo).toBeNull()
    })
  })
})

describe('a project’s files', () => {
  it('are read once, and folders with very many names in part', async () => {
    await withTree({ 'a.txt': 'one', 'many/': '' }, async folder => {
      await Promise.all(
        Array.from({ length: 5100 }, (_, place) => writeFile(join(folder, 'many', `${place}`), '')),
      )
      const project = openProject(folder)
      expect(project.text('a.txt')).toBe('one')
      await writeFile(join(folder, 'a.txt'), 'two')
      expect(project.text('a.txt')).toBe('one')
      expect(project.list('many')).toHaveLength(5000)
      expect(project.isFile('many/5099')).toBe(true)
      expect(project.isFile('many/5100')).toBe(false)
      expect(project.warnings).toEqual([expect.stringMatching(/folder many has more than 5000 names/)])
    })
  })
})
