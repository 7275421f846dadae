/** The child process of `keyring.ts`: one request on stdin, one reply on stdout, and out. */
import { readFileSync, writeFileSync } from 'node:fs'
import { messageOf, systemCodeOf } from '../errors.ts'
import type { KeyringReply, KeyringRequest } from './keyring.ts'

const SERVICE = 'vapi-cli'

async function answer({ action, account, secret }: KeyringRequest): Promise<KeyringReply> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    // Without a Secret Service the library would take the kernel's keyring, which forgets with the session.
    const entry = new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } })
    if (action === 'get') return { secret: await entry.getPassword() }
    if (action === 'set') await entry.setPassword(secret ?? '')
    else await entry.deletePassword()
    return { secret: null }
  } catch (error) {
    const missing = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(systemCodeOf(error) ?? '')
    return {
      failed: missing ? 'the optional package @napi-rs/keyring is not installed' : reason(messageOf(error)),
    }
  }
}

/** The library's first line, which knows nothing of the secret. */
function reason(message: string): string {
  return message.split('\n')[0] ?? message
}

// Whole and at once, without streams: this start is part of every command that asks the keyring.
async function main(): Promise<void> {
  const reply = await answer(JSON.parse(readFileSync(0, 'utf8')))
  writeFileSync(1, JSON.stringify(reply))
  process.exit(0)
}

void main()
