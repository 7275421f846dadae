import { type BrowserLogin, startBrowserLogin } from '../auth/browser-login.ts'
import type { LoginResult } from '../auth/callback.ts'
import type { Outcome } from '../auth/pages.ts'
import type { Context } from '../cli/context.ts'
import { asVapiError, usageError } from '../errors.ts'

export interface BrowserAnswer extends LoginResult {
  /** Tells the browser how the login ended, and ends the server. Must be called. */
  finish(outcome: Outcome): Promise<void>
}

/**
 * Gets a key through the browser: opens the dashboard's page, or only shows its address, and waits for the callback. At
 * a terminal the callback's address may also be pasted, for a browser that runs on another machine.
 */
export async function askBrowser(
  context: Context,
  options: { dashboardUrl: string; open: boolean },
): Promise<BrowserAnswer> {
  const { output, env, signal, interactive } = context
  const told = new Set<string>()
  const login = await startBrowserLogin({
    dashboardUrl: options.dashboardUrl,
    signal,
    onRefused: problem => {
      if (!told.has(problem)) output.warning(`a callback was refused: ${problem}`)
      told.add(problem)
    },
  })
  try {
    const notOpened = options.open ? await openAddress(login.url, env) : 'only the address is shown'
    // Nobody would see the address, and nothing could come back.
    if (options.open && notOpened !== null && !interactive) {
      throw usageError(
        `there is nobody to log in here: ${notOpened}, and no terminal`,
        'vapi login --with-token reads a key from stdin; --no-browser waits all the same',
      )
    }
    // Without it nobody could log in, so --quiet does not silence it.
    const say = (text: string) => (output.options.quiet ? output.warning(text) : output.note(text))
    say(`${notOpened === null ? 'your browser opens' : 'open in a browser'}: ${login.url}`)
    if (notOpened !== null && options.open) output.note(`no browser was opened: ${notOpened}`)
    const result = await (interactive ? resultOrPasted(context, login) : login.result)
    return { ...result, finish: login.finish }
  } catch (error) {
    await login.finish('failed')
    throw error
  }
}

async function openAddress(url: string, env: Context['env']): Promise<string | null> {
  const { openBrowser } = await import('../auth/open-browser.ts')
  return openBrowser(url, env)
}

/** The result of the callback or of a pasted address, whichever comes first. */
async function resultOrPasted(context: Context, login: BrowserLogin): Promise<LoginResult> {
  const prompt = await context.prompt()
  const arrived = new AbortController()
  const pasted = async (): Promise<LoginResult> => {
    for (;;) {
      // Unseen, since the address has the key in it.
      const address = await prompt.secret({
        message: 'Waiting for the browser. If it runs on another machine, paste the address it ends at:',
        signal: arrived.signal,
      })
      const problem = login.take(address)
      if (problem === null) return login.result
      context.output.warning(problem)
    }
  }
  const asking = pasted()
  try {
    return await Promise.race([login.result, asking])
  } finally {
    arrived.abort(asVapiError(new Error('answered')))
    // The terminal must be as it was before anything else is printed.
    await asking.catch(() => {})
  }
}
