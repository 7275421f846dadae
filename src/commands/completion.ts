import { readFile } from 'node:fs/promises'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { packageFile } from '../package-root.ts'

const files: Readonly<Record<string, string>> = {
  bash: 'vapi.bash',
  zsh: '_vapi',
  fish: 'vapi.fish',
  powershell: 'vapi.ps1',
}

export default defineCommand(
  {
    name: 'completion',
    summary: 'print the completion script for a shell',
    description: [
      'Where it goes, for every new shell:',
      '  bash        eval "$(vapi completion bash)" in ~/.bashrc',
      '  zsh         eval "$(vapi completion zsh)" in ~/.zshrc, after compinit;',
      '              or the script as the file _vapi in a folder of $fpath',
      '  fish        vapi completion fish > ~/.config/fish/completions/vapi.fish',
      '  PowerShell  vapi completion powershell | Out-String | Invoke-Expression in $PROFILE',
    ].join('\n'),
    args: [
      { name: 'shell', summary: 'the shell', required: true, choices: ['bash', 'zsh', 'fish', 'powershell'] },
    ],
    options: {},
    formats: ['table'],
    examples: [
      { command: 'eval "$(vapi completion bash)"', does: 'completions in this bash' },
      { command: 'vapi completion fish > ~/.config/fish/completions/vapi.fish', does: 'in every fish' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [shell = ''] }, { output }) => {
    const file = files[shell]
    if (file === undefined)
      throw usageError(`there is no completion for ${shell}`, Object.keys(files).join(', '))
    output.text(await readFile(packageFile('completions', file), 'utf8'))
    return undefined
  },
)
