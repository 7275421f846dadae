import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Api } from '../api/types.ts'
import type { Connection, ConnectionFlags, KeySource, SecretStore } from '../config/types.ts'
import { Exit, VapiError } from '../errors.ts'
import { formatTrace } from '../net/trace.ts'
import type { Output } from '../output/output.ts'
import { packageFile } from '../package-root.ts'
import type { Context } from './context.ts'

interface ContextSeed {
  output: Output
  env: NodeJS.ProcessEnv
  workingDirectory: string
  interactive: boolean
  signal: AbortSignal
  flags: ConnectionFlags
}

/** The context of a run: everything beyond the seed is made when first asked for, and once. */
export function createContext(seed: ContextSeed): Context {
  const { output, env, workingDirectory, signal, flags } = seed
  const homePath = configPath(flags, env, workingDirectory)

  const secrets = once(async (): Promise<SecretStore> => {
    const { createKeyring } = await import('../config/keyring.ts')
    return createKeyring({ env })
  })
  const config = once(async () => {
    const { createConfigStore } = await import('../config/store.ts')
    return createConfigStore({ path: homePath, secrets })
  })
  const resolved = once(async () => {
    const [{ readProjectConfig }, { resolveConnection }, store] = await Promise.all([
      import('../config/project.ts'),
      import('../config/resolve.ts'),
      config(),
    ])
    const [home, project] = await Promise.all([store.read(), readProjectConfig(workingDirectory, homePath)])
    const { connection, warnings } = resolveConnection({ flags, env, home, project })
    for (const warning of warnings) output.warning(warning)
    return { connection, home, project }
  })
  const connection = async () => (await resolved()).connection
  const key = once(async () => {
    const { readKey } = await import('../config/resolve.ts')
    return readKey({ ...(await resolved()), flags, env, secrets })
  })
  const http = once(async () => {
    const [{ createHttpClient }, { createProxies }] = await Promise.all([
      import('../net/http.ts'),
      import('../net/proxy.ts'),
    ])
    const proxies = await createProxies(env)
    return createHttpClient({
      userAgent: `vapi-toolchain/${programVersion()}`,
      ...(proxies !== undefined && { proxies }),
      ...(output.options.debug && { traceRequest: trace => output.trace(formatTrace(trace)) }),
    })
  })
  const api = once(async () => {
    const [{ createApi }, server, secret, client] = await Promise.all([
      import('../api/client.ts'),
      connection(),
      key(),
      http(),
    ])
    if (secret === null) throw notLoggedIn(server)
    const made = createApi({
      http: client,
      baseUrl: server.baseUrl,
      key: secret,
      keyLabel: keyLabel(server.keySource),
      timeoutMs: server.timeoutMs,
      signal,
      onRetry: ({ retry, of, waitMs, error }) =>
        output.note(`${error.message}; try ${retry + 1} of ${of + 1} in ${(waitMs / 1000).toFixed(1)} s`),
    })
    return withWaitingLine(made, output)
  })
  const prompt = once(async () => {
    const { createPrompt } = await import('../output/prompt-terminal.ts')
    return createPrompt(output.streams, signal, { colour: output.options.colour.stderr })
  })
  return { ...seed, config, secrets, connection, key, http, api, prompt }
}

/** The version of this program. */
function programVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
  return manifest.version
}

/** `--config`, `VAPI_CONFIG`, else the file in the home folder. */
export function configPath(flags: ConnectionFlags, env: NodeJS.ProcessEnv, workingDirectory: string): string {
  const given = flags.config ?? (env.VAPI_CONFIG || undefined)
  return given === undefined
    ? join(env.HOME || homedir(), '.vapi-cli.yaml')
    : resolve(workingDirectory, given)
}

/** Throws `not-logged-in` (exit 4) where this run has no key. */
export async function requireKey(context: Context): Promise<void> {
  if ((await context.key()) === null) throw notLoggedIn(await context.connection())
}

/** Shows that an answer is waited for. */
function withWaitingLine(api: Api, output: Output): Api {
  const watched = async <Reply>(work: Promise<Reply>): Promise<Reply> => {
    const done = output.waiting(`waiting for ${new URL(api.baseUrl).host}`)
    try {
      return await work
    } finally {
      done()
    }
  }
  return {
    baseUrl: api.baseUrl,
    request: request => watched(api.request(request)),
    open: request => watched(api.open(request)),
  }
}

function notLoggedIn({ account }: Connection): VapiError {
  return new VapiError({
    code: 'not-logged-in',
    message: account === null ? 'not logged in' : `the key of account ${account.name} is gone`,
    exit: Exit.notLoggedIn,
    hint: 'vapi login, or set VAPI_API_KEY',
  })
}

/** Where a key comes from, in words. */
export function keyLabel(source: KeySource | null): string {
  switch (source?.from) {
    case 'flag':
      return 'the key of --api-key'
    case 'environment':
      return 'the key in VAPI_API_KEY'
    case 'account':
      return `the key of account ${source.account}`
    case 'project':
      return `the key in ${source.path}`
    default:
      return 'the stored key'
  }
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}
