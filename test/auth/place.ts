import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMemorySecrets } from '../../src/config/secrets-memory.ts'
import { createConfigStore } from '../../src/config/store.ts'
import type { SecretStore } from '../../src/config/types.ts'
import { VapiError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/program.ts'

const unavailable = new VapiError({ code: 'keyring-unavailable', message: 'no keyring' })

/** A store on a real file and a keyring in memory; `log` has the order of what happened to both. */
export function makePlace(text = '') {
  const path = join(temporaryFolder(), 'config.yaml')
  if (text !== '') writeFileSync(path, text, { mode: 0o600 })
  const memory = createMemorySecrets()
  const log: string[] = []
  const fail = new Set<'get' | 'set' | 'delete' | 'change'>()
  const file = () => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  /** What a reader would see at this moment. */
  const note = (what: string) => log.push(what)
  const keyring: SecretStore = {
    get: async name => {
      if (fail.has('get')) throw unavailable
      return memory.get(name)
    },
    set: async (name, key) => {
      if (fail.has('set')) throw unavailable
      note(`set ${name}, file ${file().includes(name) ? 'knows' : 'does not know'} it`)
      await memory.set(name, key)
    },
    delete: async name => {
      if (fail.has('delete')) throw unavailable
      note(`delete ${name}, file ${file().includes(name) ? 'knows' : 'does not know'} it`)
      await memory.delete(name)
    },
  }
  const secrets = async () => keyring
  const real = createConfigStore({ path, secrets })
  const store: typeof real = {
    ...real,
    change: edit =>
      real.change(async draft => {
        const result = await edit(draft)
        if (fail.has('change')) throw new Error('the disk is full')
        note('file')
        return result
      }),
  }
  return { path, store, secrets, memory, log, fail, file }
}
