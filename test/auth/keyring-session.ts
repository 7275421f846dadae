import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/program.ts'

/**
 * A session bus with an unlocked keyring that ends with the test: the variables with which a program finds it. Needs
 * the packages dbus and gnome-keyring.
 */
export async function startKeyringSession(): Promise<NodeJS.ProcessEnv> {
  const home = temporaryFolder()
  const runtime = join(home, 'run')
  mkdirSync(runtime, { mode: 0o700 })
  const script =
    'printf "\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && echo "$DBUS_SESSION_BUS_ADDRESS" && cat'
  const session = spawn('dbus-run-session', ['--', 'sh', '-c', script], {
    env: { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: runtime },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>(resolve => session.once('close', () => resolve()))
  onTestFinished(async () => {
    session.stdin.end()
    await ended
  })
  const address = await new Promise<string>((resolve, reject) => {
    session.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()))
    session.once('error', reject)
    void ended.then(() => reject(new Error('the session of the keyring ended')))
  })
  return { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime, VAPI_KEYRING: undefined }
}
