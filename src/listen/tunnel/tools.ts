import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { VapiError } from '../../errors.ts'
import { cloudflared } from './tools/cloudflared.ts'
import { localtunnel } from './tools/localtunnel.ts'
import { ngrok } from './tools/ngrok.ts'
import type { Environment, Installer, TunnelId, TunnelTool } from './types.ts'

/** The tools that make a tunnel. A new one is a row here. */
export const tunnelTools: Readonly<Record<TunnelId, TunnelTool>> = { ngrok, cloudflared, localtunnel }

/** In the order in which they are proposed. */
const installers: readonly Installer[] = ['brew', 'winget', 'choco', 'snap', 'pacman', 'npm']

/** Where a program stands in the `PATH`; null where it does not. */
export function findProgram(
  name: string,
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const path = env.PATH ?? env.Path ?? ''
  const endings = platform === 'win32' ? (env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';') : ['']
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    for (const ending of endings) {
      const file = join(folder, `${name}${ending.toLowerCase()}`)
      if (isExecutable(file, platform)) return file
    }
  }
  return null
}

function isExecutable(file: string, platform: NodeJS.Platform): boolean {
  try {
    if (platform !== 'win32') accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** What to do about a tool that is not there, on this machine: the command that installs it, and another one that is there. */
export function missingTool(tool: TunnelTool, env: Environment, platform?: NodeJS.Platform): VapiError {
  const installer = installers.find(
    name => tool.install[name] !== undefined && findProgram(name, env, platform) !== null,
  )
  const command = installer === undefined ? undefined : tool.install[installer]
  const here = Object.values(tunnelTools).find(other => findProgram(other.program, env, platform) !== null)
  const ways = [
    command ?? `install it from ${tool.download}`,
    ...(here === undefined ? [] : [`use the one that is installed: --tunnel ${here.id}`]),
  ]
  return new VapiError({
    code: 'tunnel-missing',
    message: `${tool.id} is not installed here${tool.program === tool.id ? '' : ` (there is no ${tool.program} in the PATH)`}`,
    hint: ways.join('; or '),
  })
}
