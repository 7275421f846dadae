import { execFile, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { type Finished, temporaryFolder } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { startInTerminal } from '../support/terminal.ts'
import {
  packProgram,
  packSmall,
  type Release,
  serveRegistry,
  serveReleases,
  writeSmallCheckout,
} from './releases.ts'

const script = packageFile('install.sh')
const version = (program: string) => spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim()

interface Machine {
  home: string
  env: NodeJS.ProcessEnv
  launcher: string
  library: string
  run(...args: string[]): Promise<Finished>
  /** Installs a release from a server. */
  install(release: Release, ...args: string[]): Promise<Finished>
}

/** A home folder of its own, with an empty npm cache. */
function machine({ shell = script }: { shell?: string } = {}): Machine {
  const home = temporaryFolder()
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: home,
    npm_config_cache: join(home, 'npm-cache'),
    npm_config_registry: 'http://127.0.0.1:9/',
  }
  const run = (...args: string[]) =>
    new Promise<Finished>(resolve => {
      execFile('sh', [shell, ...args], { cwd: home, env, encoding: 'utf8' }, (error, stdout, stderr) =>
        resolve({ stdout, stderr, code: error === null ? 0 : Number(error.code) }),
      )
    })
  return {
    home,
    env,
    launcher: join(home, '.local', 'bin', 'vapi'),
    library: join(home, '.local', 'lib', 'vapi-toolchain'),
    run,
    async install({ file, sha256 }, ...args) {
      const server = await serveReleases({ 'vapi.tgz': file })
      try {
        return await run('--url', `${server.url}/vapi.tgz`, '--sha256', sha256, ...args)
      } finally {
        server.close()
      }
    },
  }
}

const leftInHome = (home: string) => readdirSync(home).filter(name => name !== 'npm-cache' && name !== '.npm')

describe('install.sh', () => {
  it('is sound POSIX sh', () => {
    expect(spawnSync('sh', ['-n', script]).status).toBe(0)
    expect(readFileSync(script, 'utf8')).toMatch(/^#!\/bin\/sh\n/)
  })

  const noShellcheck = requires('shellcheck')
  it.skipIf(noShellcheck)(
    `has nothing that shellcheck finds${noShellcheck ? ` (${noShellcheck})` : ''}`,
    () => {
      const { status, stdout } = spawnSync('shellcheck', ['-s', 'sh', script], { encoding: 'utf8' })
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    },
  )

  it('installs a release, says how to reach it, and removes exactly that', async () => {
    const here = machine()
    const { stdout, stderr, code } = await here.install(packSmall(temporaryFolder(), '9.8.7'))
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toContain('vapi 9.8.7 is installed')
    expect(stdout).toContain(`export PATH="${join(here.home, '.local', 'bin')}:$PATH"`)
    expect(version(here.launcher)).toBe('9.8.7')
    expect(leftInHome(here.home)).toEqual(['.local'])

    expect(await here.run('--uninstall')).toMatchObject({ code: 0, stderr: '' })
    expect(leftInHome(here.home)).toEqual([])
    expect(await here.run('--uninstall')).toMatchObject({ code: 5 })
  })

  it('leaves what others have in the same folders', async () => {
    const here = machine()
    const other = join(here.home, '.local', 'bin', 'other')
    mkdirSync(join(here.home, '.local', 'bin'), { recursive: true })
    writeFileSync(other, 'mine')
    await here.install(packSmall(temporaryFolder(), '1.0.0'))
    writeFileSync(join(here.home, '.local', 'lib', 'later'), 'mine too')
    expect(await here.run('--uninstall')).toMatchObject({ code: 0 })
    expect(readFileSync(other, 'utf8')).toBe('mine')
    expect(readdirSync(join(here.home, '.local', 'lib'))).toEqual(['later'])
  })

  it('takes another prefix, with spaces too, and is quiet about a PATH that has it', async () => {
    const here = machine()
    const prefix = join(here.home, 'my programs')
    here.env.PATH = `${join(prefix, 'bin')}${delimiter}${here.env.PATH}`
    const { stdout, code } = await here.install(packSmall(temporaryFolder(), '1.0.0'), `--prefix=${prefix}/`)
    expect(code).toBe(0)
    expect(stdout).not.toContain('PATH')
    expect(version(join(prefix, 'bin', 'vapi'))).toBe('1.0.0')
  })

  it('installs over an older one, which stays for programs that still run, and lets go of the one before', async () => {
    const here = machine()
    for (const number of ['1.0.0', '1.1.0', '1.2.0']) {
      await here.install(packSmall(temporaryFolder(), number))
      expect(version(here.launcher)).toBe(number)
    }
    const releases = readdirSync(here.library).filter(name => !name.startsWith('.'))
    expect(releases.map(name => name.split('-')[0]).sort()).toEqual(['1.1.0', '1.2.0'])
  })

  it.each([
    ['no checksum', []],
    ['half a checksum', ['--sha256', 'abc123']],
    ['a checksum that is none', ['--sha256', 'z'.repeat(64)]],
  ])('refuses %s before it asks the server for anything', async (_, args) => {
    const here = machine()
    const server = await serveReleases({})
    onTestFinished(server.close)
    const { code, stderr } = await here.run('--url', `${server.url}/vapi.tgz`, ...args)
    expect(code).toBe(2)
    expect(stderr).toContain('--sha256')
    expect(server.requests).toEqual([])
    expect(leftInHome(here.home)).toEqual([])
  })

  it('refuses a release that is not the one of the checksum, before anything is touched', async () => {
    const here = machine()
    const good = packSmall(temporaryFolder(), '1.0.0')
    const { code, stderr } = await here.install({ ...good, sha256: '0'.repeat(64) })
    expect(code).toBe(1)
    expect(stderr).toContain(`is ${good.sha256}, not ${'0'.repeat(64)}`)
    expect(leftInHome(here.home)).toEqual([])
  })

  it('takes a checksum in capitals', async () => {
    const here = machine()
    const good = packSmall(temporaryFolder(), '1.0.0')
    expect(await here.install({ ...good, sha256: good.sha256.toUpperCase() })).toMatchObject({ code: 0 })
  })

  it.each([
    ['does not start', { program: '#!/usr/bin/env node\nprocess.exit(3)\n' }],
    ['needs what cannot be had', { dependencies: { 'not-there': '1.0.0' } }],
  ])('keeps the old one working when the new one %s', async (_, options) => {
    const here = machine()
    const registry = await serveRegistry(temporaryFolder())
    onTestFinished(registry.close)
    here.env.npm_config_registry = registry.url
    await here.install(packSmall(temporaryFolder(), '1.0.0'))
    const before = readdirSync(here.library)
    const { code, stderr } = await here.install(packSmall(temporaryFolder(), '2.0.0', options))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: /m)
    expect(version(here.launcher)).toBe('1.0.0')
    expect(readdirSync(here.library)).toEqual(before)
    expect(leftInHome(here.home)).toEqual(['.local'])
  })

  it('leaves nothing behind when the first installation fails', async () => {
    const here = machine()
    const broken = packSmall(temporaryFolder(), '2.0.0', { program: 'process.exit(3)\n' })
    expect(await here.install(broken)).toMatchObject({ code: 1 })
    expect(leftInHome(here.home)).toEqual([])
    expect(await here.install(packSmall(temporaryFolder(), '1.0.0'))).toMatchObject({ code: 0 })
  })

  it('keeps the old one working when it is interrupted', async () => {
    const here = machine()
    await here.install(packSmall(temporaryFolder(), '1.0.0'))
    const before = readdirSync(here.library)
    const registry = await serveRegistry(temporaryFolder(), { held: true })
    onTestFinished(registry.close)
    const { file, sha256 } = packSmall(temporaryFolder(), '2.0.0', { dependencies: { slow: '1.0.0' } })
    const run = startInTerminal([script, '--url', `file://${file}`, '--sha256', sha256], {
      command: 'sh',
      env: { ...here.env, npm_config_registry: registry.url },
    })
    await registry.asked
    run.press('ctrl-c')
    expect(await run.finished).toMatchObject({ code: 130 })
    expect(version(here.launcher)).toBe('1.0.0')
    expect(readdirSync(here.library)).toEqual(before)
    expect(leftInHome(here.home)).toEqual(['.local'])
  })

  it.each([['v18.20.4'], ['v20.18.3'], ['nonsense']])(
    'refuses Node %s with a clear message',
    async number => {
      const here = machine()
      const programs = join(here.home, 'programs')
      mkdirSync(programs)
      writeFileSync(join(programs, 'node'), `#!/bin/sh\necho ${number}\n`)
      chmodSync(join(programs, 'node'), 0o755)
      here.env.PATH = `${programs}${delimiter}${here.env.PATH}`
      const { code, stderr } = await here.install(packSmall(temporaryFolder(), '1.0.0'))
      expect(code).toBe(1)
      expect(stderr).toContain('20.19')
      expect(stderr).toContain(number)
      expect(existsSync(here.library)).toBe(false)
    },
  )

  it('never writes over a vapi that somebody else put there', async () => {
    const here = machine()
    mkdirSync(join(here.home, '.local', 'bin'), { recursive: true })
    writeFileSync(here.launcher, 'another vapi')
    const { code, stderr } = await here.install(packSmall(temporaryFolder(), '1.0.0'))
    expect(code).toBe(1)
    expect(stderr).toContain('--prefix')
    expect(readFileSync(here.launcher, 'utf8')).toBe('another vapi')
    expect(await here.run('--uninstall')).toMatchObject({ code: 5 })
    expect(readFileSync(here.launcher, 'utf8')).toBe('another vapi')
  })

  it('says when the release is not there', async () => {
    const here = machine()
    const server = await serveReleases({})
    onTestFinished(server.close)
    const { code, stderr } = await here.run('--url', `${server.url}/gone.tgz`, '--sha256', '0'.repeat(64))
    expect(code).toBe(1)
    expect(stderr).toContain('could not be downloaded')
  })

  it('builds and installs the checkout that it stands in, from wherever it is called', async () => {
    const checkout = join(temporaryFolder(), 'check out')
    writeSmallCheckout(checkout, '3.2.1', {
      program: "#!/usr/bin/env node\nconsole.log(require('../dist/version.json'))\n",
    })
    const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
    manifest.scripts = { build: 'node build.mjs' }
    writeFileSync(join(checkout, 'package.json'), JSON.stringify(manifest, null, 2))
    writeFileSync(
      join(checkout, 'package-lock.json'),
      JSON.stringify({
        name: 'vapi-toolchain',
        version: '3.2.1',
        lockfileVersion: 3,
        requires: true,
        packages: { '': { name: 'vapi-toolchain', version: '3.2.1', bin: { vapi: 'bin/vapi.js' } } },
      }),
    )
    writeFileSync(
      join(checkout, 'build.mjs'),
      "import { mkdirSync, writeFileSync } from 'node:fs'\nmkdirSync('dist', { recursive: true })\nwriteFileSync('dist/version.json', '\"3.2.1 built\"')\n",
    )
    copyFileSync(script, join(checkout, 'install.sh'))
    const here = machine({ shell: join(checkout, 'install.sh') })
    const { code, stderr } = await here.run()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(version(here.launcher)).toBe('3.2.1 built')
    writeFileSync(join(checkout, 'build.mjs'), 'process.exit(4)')
    expect(await here.run()).toMatchObject({ code: 1, stderr: expect.stringContaining('could not be built') })
    expect(version(here.launcher)).toBe('3.2.1 built')
  })

  it('says what to give where it is not in a checkout', async () => {
    const folder = temporaryFolder()
    copyFileSync(script, join(folder, 'install.sh'))
    const { code, stderr } = await machine({ shell: join(folder, 'install.sh') }).run()
    expect(code).toBe(2)
    expect(stderr).toContain('--url')
  })

  it.each([
    [['--prefix'], '--prefix needs a value'],
    [['--url='], '--url needs a value'],
    [['--what'], 'unknown argument --what'],
    [['--sha256', '0'.repeat(64)], '--sha256 is for --url'],
  ])('%j is a usage error', async (args, message) => {
    const { code, stderr } = await machine().run(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it('installs the real program with what it needs, without its optional parts where they cannot be had', async () => {
    const here = machine()
    const registry = await serveRegistry(temporaryFolder())
    onTestFinished(registry.close)
    here.env.npm_config_registry = registry.url
    const { code, stderr } = await here.install(packProgram(temporaryFolder()))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { stdout } = spawnSync(here.launcher, ['version', '--jq', '.program'], {
      encoding: 'utf8',
      env: { ...here.env, PATH: process.env.PATH },
    })
    expect(stdout).toContain(here.library)
    const completion = spawnSync(here.launcher, ['completion', 'bash'], { encoding: 'utf8', env: here.env })
    expect(completion.stdout).toContain('complete -F _vapi vapi')
  }, 120_000)
})

describe('install.ps1', () => {
  const text = readFileSync(packageFile('install.ps1'), 'utf8')

  it('takes what install.sh takes, and asks for the same Node', () => {
    for (const parameter of ['Prefix', 'Url', 'Sha256', 'Uninstall', 'Help'])
      expect(text).toContain(`$${parameter}`)
    expect(text).toContain('20.19')
  })

  it('gives npm the same flags', () => {
    const flags = readFileSync(script, 'utf8').match(/--(?:omit=dev|ignore-scripts|no-package-lock)/g)
    for (const flag of flags ?? []) expect(text).toContain(flag.replace('=', ' '))
  })

  it('closes what it opens', () => {
    const bare = text.replace(/<#[\s\S]*?#>|#.*$|'(?:[^']|'')*'|@"[\s\S]*?"@/gm, '')
    for (const [open, close] of ['()', '{}', '[]']) {
      expect(bare.split(open ?? '').length, open).toBe(bare.split(close ?? '').length)
    }
  })
})
