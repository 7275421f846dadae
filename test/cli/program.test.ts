import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DescribedProgram } from '../../src/cli/describe.ts'
import { globalOptions } from '../../src/cli/global-options.ts'
import { packageFile } from '../../src/package-root.ts'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))

describe('vapi version', () => {
  it('tells versions and places', async () => {
    const home = temporaryFolder()
    const { stdout, stderr, code } = await vapi(['version', '--json'], { env: { HOME: home } })
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const facts = JSON.parse(stdout)
    expect(facts).toEqual({
      version,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      program: realpathSync(packageFile('bin', 'vapi.js')),
      config: join(home, '.vapi-cli.yaml'),
    })
    expect(existsSync(facts.config)).toBe(false)
  })

  it('knows a configuration file of one’s own', async () => {
    const cwd = temporaryFolder()
    const flag = await vapi(['version', '--config', 'mine.yaml', '--jq', '.config'], { cwd })
    expect(JSON.parse(flag.stdout)).toBe(join(realpathSync(cwd), 'mine.yaml'))
    const variable = await vapi(['version', '--jq', '.config'], {
      cwd,
      env: { VAPI_CONFIG: '/etc/vapi.yaml' },
    })
    expect(JSON.parse(variable.stdout)).toBe('/etc/vapi.yaml')
  })

  it('is text for people', async () => {
    const { stdout } = await vapi(['version'])
    expect(stdout).toMatch(new RegExp(`^vapi +${version.replaceAll('.', '\\.')}\nnode +\\d`))
    expect(stdout.trim().split('\n')).toHaveLength(5)
  })
})

describe('vapi commands', () => {
  it('is the tree of commands as data', async () => {
    const { stdout, stderr, code } = await vapi(['commands', '--json'])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const program: DescribedProgram = JSON.parse(stdout)
    expect(program).toMatchObject({ format: 1, version })
    expect(program.globalOptions.map(({ name }) => name)).toEqual(Object.keys(globalOptions))
    const local = program.commands.find(({ name }) => name === 'call local')
    expect(local).toMatchObject({
      summary: expect.any(String),
      description: expect.any(String),
      aliases: expect.any(Array),
      args: [{ name: 'assistant', required: false }],
      formats: ['table', 'json', 'jsonl'],
      needsLogin: false,
      destructive: false,
      examples: expect.arrayContaining([
        { command: expect.stringContaining('vapi call local'), does: expect.any(String) },
      ]),
    })
    expect(local?.options).toContainEqual({
      name: 'in',
      type: 'string',
      placeholder: 'mic|FILE.wav|text|-',
      default: 'mic',
      summary: expect.any(String),
    })
  })

  it('lists a command a line for people, pipes and ids', async () => {
    const names: string[] = JSON.parse((await vapi(['commands', '--jq', '[.commands[].name]'])).stdout)
    expect((await vapi(['commands', '--output', 'id'])).stdout).toBe(`${names.join('\n')}\n`)
    expect(jsonLines((await vapi(['commands', '--output', 'jsonl'])).stdout).map(({ name }) => name)).toEqual(
      names,
    )
    expect((await vapi(['commands', '--output', 'table'])).stdout).toMatch(/^COMMAND +SUMMARY\n/)
  })
})
