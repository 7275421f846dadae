import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readProjectConfig } from '../../src/config/project.ts'
import { requires } from '../support/requires.ts'
import { goFile, temporaryFolder } from './samples.ts'

function project(text: string, mode = 0o600) {
  const folder = temporaryFolder()
  const path = join(folder, '.vapi-cli.yaml')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return { folder, path, read: () => readProjectConfig(folder, '/nowhere/.vapi-cli.yaml') }
}

describe('the file of a project', () => {
  it('chooses an account and addresses', async () => {
    const { path, read } = project(
      'account: work\nenvironment: stage\nbase_url: https://my.host/\ndashboard_url: http://d.e\n',
      0o644,
    )
    expect(await read()).toEqual({
      path,
      account: 'work',
      environment: 'staging',
      baseUrl: 'https://my.host',
      dashboardUrl: 'http://d.e',
      key: null,
      ownedByOther: false,
      warnings: [],
    })
  })

  it('is looked for in the working directory alone, and is not the home file', async () => {
    const { folder, path } = project('account: work\n')
    const below = join(folder, 'below')
    mkdirSync(below)
    symlinkSync(path, join(below, 'link.yaml'))
    expect(await readProjectConfig(below, '/nowhere')).toBeNull()
    expect(await readProjectConfig(folder, path)).toBeNull()
    expect(await readProjectConfig(folder, join(below, 'link.yaml'))).toBeNull()
    mkdirSync(join(below, '.vapi-cli.yaml'))
    expect(await readProjectConfig(below, '/nowhere')).toBeNull()
  })

  it('may hold a key that nobody else can read', async () => {
    expect(await project('api_key: k\n').read()).toMatchObject({ key: 'k', warnings: [] })
  })

  it('as the existing tool writes it gives the key of its active account', async () => {
    expect(await project(goFile.replace('0001\nbase_url', '0009\nbase_url')).read()).toMatchObject({
      account: null,
      environment: 'production',
      baseUrl: null,
      key: '00000000-0000-0000-0000-000000000001',
    })
  })

  it.each([0o644, 0o640, 0o604])('has its key refused when others can read it (%o)', async mode => {
    expect(await project(goFile, mode).read()).toMatchObject({
      key: null,
      account: null,
      warnings: [expect.stringMatching(/^the key in .* is not used: others can read the file/)],
    })
  })

  it('has its key refused when git tracks it, used when it does not', async context => {
    const missing = requires('git')
    if (missing) return context.skip(missing)
    const { folder, read } = project('api_key: k\n')
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' })
    git('init', '-q')
    expect(await read()).toMatchObject({ key: 'k', warnings: [] })
    git('add', '-f', '.vapi-cli.yaml')
    expect(await read()).toMatchObject({
      key: null,
      warnings: [expect.stringContaining('git tracks the file')],
    })
  })

  it('has its key refused when git cannot tell', async () => {
    const { folder, read } = project('api_key: k\n')
    mkdirSync(join(folder, '.git'))
    expect(await read()).toMatchObject({
      key: null,
      warnings: [expect.stringContaining('git could not tell')],
    })
  })

  it.skipIf(process.getuid?.() !== 0)('of another user is marked, and its key refused', async () => {
    const { path, read } = project('api_key: k\nbase_url: http://localhost:1\n')
    chownSync(path, 12_345, 12_345)
    expect(await read()).toMatchObject({
      ownedByOther: true,
      key: null,
      warnings: [expect.stringContaining('belongs to another user')],
    })
  })

  it.each([
    ['a: [1\n', /:2:1: not valid YAML/],
    ['account: [work]\n', /:1:1: account must be text/],
    ['environment: moon\n', /:1:1: environment is wrong/],
  ])('that is malformed is a usage error with its place: %j', async (text, message) => {
    await expect(project(text).read()).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(message),
    })
  })
})
