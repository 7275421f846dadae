import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../src/package-root.ts'

interface LockedPackage {
  dev?: boolean
  devOptional?: boolean
  hasInstallScript?: boolean
  version?: string
  optionalDependencies?: Record<string, string>
}

const manifest = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync(packageFile('package-lock.json'), 'utf8'),
)
const runtime = Object.entries(lock.packages).filter(
  ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
)

describe('the package', () => {
  it('has its name, command, licence and Node version', () => {
    expect(manifest).toMatchObject({
      name: 'vapi-toolchain',
      bin: { vapi: 'bin/vapi.js' },
      license: 'MIT',
      engines: { node: '>=20.19' },
    })
  })

  it('has a lock that names every platform’s build of what it installs', () => {
    const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
      Object.entries(optionalDependencies),
    )
    const missing = wanted.filter(([name, version]) => {
      const found = lock.packages[`node_modules/${name}`]
      return found === undefined || (/^\d/.test(version) && found.version !== version)
    })
    expect(missing).toEqual([])
  })

  it('brings no dependency with an install script', () => {
    expect(runtime.length).toBeGreaterThan(3)
    expect(runtime.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([])
  })

  it('has native parts only as optional dependencies', () => {
    expect(Object.keys(manifest.optionalDependencies)).toEqual([
      '@echogarden/audio-io',
      '@napi-rs/keyring',
      '@picovoice/pvrecorder-node',
    ])
  })

  it('is under 3 MB packed and ships the program, its data, templates and notices', () => {
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--silent'], {
        cwd: packageFile(),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    )
    expect(packed.size).toBeLessThan(3_000_000)
    const files: string[] = packed.files.map(({ path }: { path: string }) => path)
    for (const path of [
      'bin/vapi.js',
      'dist/cli.cjs',
      'dist/help.json',
      'dist/data/silero-v6.bin',
      'templates/demo/appointment-desk.yaml',
      'NOTICES.md',
      'LICENSE',
      'README.md',
    ]) {
      expect(files).toContain(path)
    }
    expect(files.filter(path => path.startsWith('src/') || path.startsWith('test/'))).toEqual([])
  })
})
