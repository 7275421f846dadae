import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { cleanEnvironment, temporaryFolder } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { startInTerminal } from '../support/terminal.ts'

const run = promisify(execFile)
const script = (name: string) => packageFile('completions', name)

/** A folder to complete files in. */
function folderWithFiles(): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'scene.yaml'), '')
  writeFileSync(join(folder, 'two words.yaml'), '')
  return folder
}

/** What a shell offers for the words; the last one is being typed. */
type Offers = (words: readonly string[], cwd?: string) => Promise<string[]>

const inBash: Offers = async (words, cwd = folderWithFiles()) => {
  const ask =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
    'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vapi; printf "%s\\n" "${COMPREPLY[@]}"'
  const { stdout } = await run('bash', ['--norc', '-c', ask, 'bash', script('vapi.bash'), ...words], {
    cwd,
    env: cleanEnvironment(),
  })
  return stdout.split('\n').filter(Boolean)
}

const inFish: Offers = async (words, cwd = folderWithFiles()) => {
  const ask = 'source $argv[1]; complete -C (string join " " -- $argv[2..])'
  const { stdout } = await run('fish', ['--no-config', '-c', ask, script('vapi.fish'), ...words], {
    cwd,
    env: cleanEnvironment({ HOME: cwd }),
  })
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => line.split('\t')[0] ?? '')
}

/** In a real terminal: zsh completes only there. What it offers is caught where it takes it. */
const inZsh: Offers = async (words, cwd = folderWithFiles()) => {
  const caught = join(cwd, '.offers')
  writeFileSync(
    join(cwd, '.zshrc'),
    `
autoload -Uz compinit && compinit -u -d ${join(cwd, '.zcompdump')}
source ${script('_vapi')}
# Every match goes through compadd: what fits is caught, and nothing is put on the line.
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  typeset -a fitting
  builtin compadd -O fitting "$@"
  print -rl -- $fitting >> ${caught}
}
done-completing() { zle complete-word; print -r -- '(end)' >> ${caught}; BUFFER='exit'; zle accept-line }
zle -N done-completing
zle -C complete-word complete-word _main_complete
bindkey '^I' done-completing
PS1='shell> '
`,
  )
  const shell = startInTerminal(['-i'], { command: 'zsh', cwd, env: { HOME: cwd, ZDOTDIR: cwd } })
  await shell.waitFor('shell>')
  shell.type(words.join(' '))
  shell.press('tab')
  await shell.finished
  const text = readFileSync(caught, 'utf8')
  expect(text).toMatch(/\(end\)\n$/)
  return text.split('\n').filter(line => line !== '' && line !== '(end)')
}

const shells: { name: string; offers: Offers }[] = [
  { name: 'bash', offers: inBash },
  { name: 'fish', offers: inFish },
  { name: 'zsh', offers: inZsh },
]

for (const { name, offers } of shells) {
  const missing = requires(name)
  describe.skipIf(missing)(`completion in ${name}${missing ? ` (${missing})` : ''}`, () => {
    it('offers the groups', async () => {
      const all = await offers(['vapi', ''])
      for (const word of ['call', 'completion', 'version', 'help']) expect(all).toContain(word)
      expect(all).not.toContain('local')
    })

    it('offers the commands of a group', async () => {
      expect((await offers(['vapi', 'call', 'd'])).sort()).toEqual(
        expect.arrayContaining(['demo', 'devices']),
      )
      expect(await offers(['vapi', 'call', 'sim'])).toEqual(['simulate'])
    })

    it('offers options by their beginning, of the command and of all', async () => {
      expect((await offers(['vapi', 'call', 'local', '--ov'])).sort()).toEqual(['--overrides'])
      expect(await offers(['vapi', 'call', 'local', '--no-c'])).toEqual(['--no-color'])
    })

    it('offers the choices of an option', async () => {
      const formats = ['table', 'json', 'jsonl'].sort()
      expect((await offers(['vapi', 'call', 'local', '--output', ''])).sort()).toEqual(formats)
      expect((await offers(['vapi', 'call', 'local', '-o', ''])).sort()).toEqual(formats)
      expect(await offers(['vapi', 'call', 'local', '--semantics', 'o'])).toEqual(['openapi'])
    })

    it('offers the words and the files of an option', async () => {
      const found = await offers(['vapi', 'call', 'local', '--in', ''])
      expect(found).toEqual(expect.arrayContaining(['mic', 'text', 'scene.yaml']))
    })

    it('offers nothing for a value that nobody can know', async () => {
      expect(await offers(['vapi', 'call', 'local', '--model', ''])).toEqual([])
    })

    it('offers files for arguments that are files, for each of several', async () => {
      expect(await offers(['vapi', 'call', 'simulate', 'sc'])).toEqual(['scene.yaml'])
      expect(await offers(['vapi', 'call', 'simulate', 'a.yaml', 'sc'])).toEqual(['scene.yaml'])
      expect(await offers(['vapi', 'call', 'local', 'a.yaml', 'sc'])).toEqual([])
    })

    it('offers the choices of an argument', async () => {
      expect((await offers(['vapi', 'completion', ''])).sort()).toEqual(['bash', 'fish', 'powershell', 'zsh'])
    })

    it('is not misled by options before the command', async () => {
      expect(await offers(['vapi', '--account', 'call', '-o', 'json', '--quiet', 'call', 'dem'])).toEqual([
        'demo',
      ])
    })

    it('offers commands and topics behind help', async () => {
      expect(await offers(['vapi', 'help', 'environ'])).toEqual(['environment'])
      expect(await offers(['vapi', 'help', 'call', 'dem'])).toEqual(['demo'])
    })

    it('offers no option behind --', async () => {
      expect(await offers(['vapi', 'call', 'devices', '--', '--js'])).toEqual([])
    })
  })
}

describe('completion in bash', () => {
  it('knows --name=value, which bash takes apart', async () => {
    expect(await inBash(['vapi', 'call', 'local', '--semantics', '=', 'op'])).toEqual(['openapi'])
    expect(await inBash(['vapi', 'call', 'local', '--semantics', '='])).toContain('openapi')
  })

  it('completes on a real command line', async () => {
    const cwd = folderWithFiles()
    const shell = startInTerminal(['--norc', '--noprofile', '-i'], {
      command: 'bash',
      cwd,
      env: { PS1: 'shell> ', HOME: cwd },
    })
    await shell.waitFor('shell>')
    shell.type(`source ${script('vapi.bash')}\r`)
    await shell.waitFor('shell>')
    shell.type('vapi compl')
    shell.press('tab')
    await shell.waitFor('vapi completion ')
    shell.type('power')
    shell.press('tab')
    await shell.waitFor('shell ')
    shell.press('ctrl-u')
    shell.type('vapi call simulate two')
    shell.press('tab')
    await shell.waitFor('two\\ words.yaml')
    shell.press('ctrl-u')
    shell.type('exit\r')
    await shell.finished
  })
})
