/**
 * The operating system's keyring: Keychain, Credential Manager, or the Secret Service of a Linux desktop.
 *
 * Each call runs in a child process (`keyring.worker.ts`). The library connects to the session's bus on the thread that
 * makes an entry, without a limit: with a bus that does not answer, neither a timer nor Ctrl-C nor `process.exit` gets
 * through (tried), in a worker thread neither. A child can be killed.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Exit, VapiError } from '../errors.ts'
import { workerFile } from '../package-root.ts'
import type { SecretStore } from './types.ts'

/** Limit of one call, in milliseconds. */
const LIMIT_MS = 3000

export interface KeyringRequest {
  action: 'get' | 'set' | 'delete'
  account: string
  /** Only to set; never an argument of the process, which everybody can read. */
  secret?: string
}

export type KeyringReply = { secret: string | null } | { failed: string }

export interface KeyringOptions {
  limitMs?: number
  /** Where `VAPI_KEYRING` and the address of the session's bus come from. */
  env?: NodeJS.ProcessEnv
}

/**
 * Secrets under the service name `vapi-cli`, by account. Every method throws VapiError `keyring-unavailable` where there
 * is no keyring, it is locked and cannot ask, or it does not answer within 3 s. `VAPI_KEYRING=off` says so at once: for
 * tests and containers, which must not reach the keyring of the person at the machine.
 */
export function createKeyring({ limitMs = LIMIT_MS, env = process.env }: KeyringOptions = {}): SecretStore {
  const ask = (request: KeyringRequest) => askChild(request, limitMs, env)
  return {
    get: account => ask({ action: 'get', account }),
    set: async (account, secret) => {
      await ask({ action: 'set', account, secret })
    },
    delete: async account => {
      await ask({ action: 'delete', account })
    },
  }
}

function askChild(request: KeyringRequest, limitMs: number, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (env.VAPI_KEYRING?.trim().toLowerCase() === 'off') {
    return Promise.reject(unavailable('it is switched off by VAPI_KEYRING'))
  }
  const file = workerFile('keyring')
  if (!existsSync(file)) return Promise.reject(new Error(`${file} is missing: the program is not built`))
  // Certificates cost 30 ms of every start of Node 20, and options meant for the program do not fit here.
  const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...childEnv } = env
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], { env: childEnv, stdio: ['pipe', 'pipe', 'ignore'] })
    let reply = ''
    const timer = setTimeout(() => {
      end(() => reject(unavailable(`it did not answer within ${limitMs / 1000} s`)))
    }, limitMs)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      child.stdout.destroy()
      settle()
    }
    child.on('error', error => end(() => reject(unavailable(error.message))))
    child.stdout.setEncoding('utf8').on('data', text => {
      reply += text
    })
    child.on('close', () => end(() => settleWith(reply, resolve, reject)))
    // A child that is gone before it has read: its end tells.
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify(request))
  })
}

function settleWith(
  text: string,
  resolve: (secret: string | null) => void,
  reject: (error: unknown) => void,
): void {
  const reply = readReply(text)
  if (reply === null) reject(unavailable('its helper process ended without an answer'))
  else if ('failed' in reply) reject(unavailable(reply.failed))
  else resolve(reply.secret)
}

function readReply(text: string): KeyringReply | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function unavailable(reason: string): VapiError {
  return new VapiError({
    code: 'keyring-unavailable',
    message: `the system keyring cannot be used: ${reason}`,
    exit: Exit.failed,
    hint: 'vapi config set storage file keeps keys in the configuration file (mode 0600); VAPI_API_KEY needs neither',
  })
}
