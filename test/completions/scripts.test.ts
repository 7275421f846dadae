import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createModel } from '../../scripts/completions/model.mjs'
import { renderCompletions } from '../../scripts/completions.mjs'
import type { CommandDefinition } from '../../src/cli/definition.ts'
import { globalOptions } from '../../src/cli/global-options.ts'
import { membersOf } from '../../src/cli/help.ts'
import { packageFile } from '../../src/package-root.ts'
import { temporaryFolder, vapi } from '../support/program.ts'
import { requires } from '../support/requires.ts'

const definition: CommandDefinition = {
  name: 'thing make',
  summary: 'it’s a "thing" for $5 & 10 % `more` \\ less | bar: colon',
  args: [{ name: 'file', summary: 'what it is made of', required: true, variadic: true }],
  options: {
    from: { type: 'string', placeholder: 'mic|FILE.wav|-', summary: "a caller's sound" },
    set: { type: 'list', placeholder: 'PATH=VALUE|PATH=@FILE', summary: 'a field' },
    into: { type: 'string', placeholder: 'FOLDER', summary: 'where' },
    kind: { type: 'string', placeholder: 'KIND', short: 'k', choices: ['a', 'b'], summary: 'kind' },
  },
  formats: ['json'],
  examples: [],
  needsLogin: false,
  destructive: false,
}
const program = {
  definitions: [definition, { ...definition, name: 'other make' }],
  globalOptions,
  aliases: { stuff: 'thing', 'thing build': 'thing make' },
  topics: { output: { summary: 'forms' } },
  membersOf,
}

describe('the completion scripts', () => {
  it('are those of the commands that there are', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [packageFile('scripts', 'completions.mjs'), '--check'],
      { encoding: 'utf8', cwd: packageFile() },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it.each([
    ['bash', 'vapi.bash'],
    ['zsh', '_vapi'],
    ['fish', 'vapi.fish'],
    ['powershell', 'vapi.ps1'],
  ])('vapi completion %s prints the file', async (shell, file) => {
    expect(await vapi(['completion', shell])).toEqual({
      stdout: readFileSync(packageFile('completions', file), 'utf8'),
      stderr: '',
      code: 0,
    })
  })

  it('vapi completion refuses a shell that it does not know', async () => {
    const { code, stderr } = await vapi(['completion', 'tcsh'])
    expect(code).toBe(2)
    expect(stderr).toContain('powershell')
  })

  it('share an option that several commands have', () => {
    const { options, nodes } = createModel(program)
    expect(options.filter(({ names }) => names.includes('--into'))).toHaveLength(1)
    expect(nodes.filter(({ options: own }) => own.length > 1)).toHaveLength(2)
  })

  it('tell files, folders and words of a placeholder apart', () => {
    const specs = Object.fromEntries(createModel(program).options.map(({ names, spec }) => [names[0], spec]))
    expect(specs).toMatchObject({
      '--from': 'mic,@f',
      '--into': '@d',
      '--set': '',
      '--kind': 'a,b',
      '--account': '',
      '--json': null,
      '--config': '@f',
    })
  })

  it('refuse a choice that they cannot hold', () => {
    const options = {
      odd: { type: 'string', placeholder: 'X', choices: ['two words'], summary: 'odd' },
    } as const
    expect(() => createModel({ ...program, definitions: [{ ...definition, options }] })).toThrow('two words')
  })

  const shells: [shell: string, file: string, flags: string[]][] = [
    ['bash', 'vapi.bash', ['-n']],
    ['zsh', '_vapi', ['-n']],
    ['fish', 'vapi.fish', ['--no-execute']],
  ]
  for (const [shell, file, flags] of shells) {
    const missing = requires(shell)
    it.skipIf(missing)(`are sound ${shell} whatever summaries hold${missing ? ` (${missing})` : ''}`, () => {
      const path = join(temporaryFolder(), file)
      writeFileSync(path, renderCompletions(program)[file])
      const { status, stderr } = spawnSync(shell, [...flags, path], { encoding: 'utf8' })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    })
  }

  it('follow aliases without offering them', () => {
    const ask = `${renderCompletions(program)['vapi.bash']}
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vapi; echo "\${COMPREPLY[*]}"; }
      try vapi ''; try vapi stuff ''; try vapi thing ''; try vapi thing build --i; try vapi stuff build -k ''`
    const { stdout } = spawnSync('bash', ['--norc'], { input: ask, encoding: 'utf8' })
    expect(stdout.split('\n')).toEqual(['thing other help', 'make', 'make', '--into', 'a b', ''])
  })
})
