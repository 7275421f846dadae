import { delimiter } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Opens an address in a program; the launcher of the system where no program is named. Rejects where it cannot start. */
export type Launch = (url: string, program?: { name: string; arguments: string[] }) => Promise<unknown>

/**
 * Opens the user's browser: the commands of `BROWSER` in their order (separated like `PATH`, `%s` stands for the
 * address), else the system's own way. Gives null, or in a few words why no browser was opened.
 */
export async function openBrowser(
  url: string,
  env: Environment,
  launch: Launch = launchWithOpen,
  platform: NodeJS.Platform = process.platform,
): Promise<string | null> {
  const wanted = env.BROWSER?.trim() ?? ''
  if (wanted.toLowerCase() === 'none') return 'BROWSER says none'
  const programs = wanted
    .split(delimiter)
    .map(command => command.trim())
    .filter(command => command !== '')
  if (programs.length === 0) {
    const reason = reasonForNone(env, platform)
    if (reason !== null) return reason
    return launch(url).then(
      () => null,
      () => 'no browser could be started',
    )
  }
  for (const command of programs) {
    const [name = '', ...words] = command.split(/\s+/)
    const withAddress = words.some(word => word.includes('%s'))
      ? words.map(word => word.replaceAll('%s', url))
      : [...words, url]
    try {
      await launch(url, { name, arguments: withAddress })
      return null
    } catch {
      // The next one may do.
    }
  }
  return 'no command of BROWSER could be started'
}

/** Why a browser that opens here would not be seen by the user, or null. */
function reasonForNone(env: Environment, platform: NodeJS.Platform): string | null {
  if (has(env.SSH_CONNECTION) || has(env.SSH_TTY)) return 'this is a session over SSH'
  const desktop = has(env.DISPLAY) || has(env.WAYLAND_DISPLAY) || has(env.WSL_DISTRO_NAME)
  return platform === 'linux' && !desktop ? 'there is no desktop here' : null
}

function has(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}

const launchWithOpen: Launch = async (url, program) => {
  if (program === undefined) {
    const { default: open } = await import('open')
    return open(url)
  }
  const { spawn } = await import('node:child_process')
  const child = spawn(program.name, program.arguments, { stdio: 'ignore', detached: true })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      resolve(child)
    })
  })
}
