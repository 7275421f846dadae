/**
 * A process that changes a configuration file, for tests with many of them:
 * `once FILE NUMBER` makes one change that differs by number; `forever FILE NUMBER` goes on and prints each change that
 * was saved; `stand FILE` takes the lock, says so and stands still until it is killed.
 */
import { createMemorySecrets } from '../../src/config/secrets-memory.ts'
import { createConfigStore } from '../../src/config/store.ts'

const [mode = '', path = '', number = ''] = process.argv.slice(2)
const store = createConfigStore({ path, secrets: async () => createMemorySecrets() })

async function main(): Promise<void> {
  if (mode === 'stand') {
    await store.change(() => {
      process.stdout.write('locked\n')
      return new Promise(() => setInterval(() => {}, 1000))
    })
  }
  if (mode === 'once') {
    await store.change(draft => {
      draft.setAccount(`account-${number}`, { organization: `Org ${number}`, organizationId: `id-${number}` })
      draft.setKey(`account-${number}`, `key-${number}`, 'file')
      draft.setAlias(`alias-${number}`, `account-${number}`)
      draft.activate(`account-${number}`)
    })
  }
  for (let change = 1; mode === 'forever'; change++) {
    await store.change(draft => draft.setAccount(`worker-${number}`, { organization: `change ${change}` }))
    process.stdout.write(`${change}\n`)
  }
}

void main()
