/** The configuration file of the user: read whole, changed by verbs, safe against other processes and sudden ends. */
import { isDeepStrictEqual } from 'node:util'
import { VapiError } from '../errors.ts'
import { loadYaml, parseDocument } from './document.ts'
import { type ConfigDraft, createDraft, type DraftOutcome } from './draft.ts'
import { type Editor, editorOf } from './edit.ts'
import { type LockOptions, takeLock } from './file-lock.ts'
import { emptyHome, HOME_FORMAT, interpretHome } from './home.ts'
import { contentOf, renderDocument, sliceText } from './render.ts'
import { readText, realTarget, replaceFile, tightenMode } from './save-file.ts'
import type { HomeConfig, SecretStore } from './types.ts'

export type { AccountFields, ConfigDraft, Settings } from './draft.ts'

export interface ConfigStore {
  readonly path: string
  /**
   * Reads and checks the file; where there is none, everything has its default. Throws a usage error with place and key
   * for what is malformed, of a wrong type or of a newer format.
   */
  read(): Promise<HomeConfig>
  /**
   * Changes the file and gives what `edit` gave. The file is read again under a lock, so that changes of other processes
   * are kept; `edit` may wait (for the keyring), while other processes wait for it. What changes nothing writes nothing;
   * the mode is tightened to 0600 all the same. With `compat` on, the store itself keeps the top-level `api_key` equal
   * to the active account's key, asking the keyring where need be. Throws the errors of `read`, of `edit` and of the
   * keyring, `config-locked` and `config-not-saved`; then the file is as it was.
   */
  change<Result>(edit: (draft: ConfigDraft) => Result | Promise<Result>): Promise<Result>
}

export interface ConfigStoreOptions extends LockOptions {
  path: string
  /** Asked only when `compat` is on and the active account's key is in the keyring. */
  secrets: () => Promise<SecretStore>
}

export function createConfigStore({ path, secrets, ...lockOptions }: ConfigStoreOptions): ConfigStore {
  const read = async () => {
    const file = readText(path)
    if (file === null || file.text.trim() === '') return emptyHome(path)
    const home = interpretHome(parseDocument(await loadYaml(), file.text, path))
    // A key that others could read was perhaps written by an older tool; from now on they cannot.
    const kept = [
      home.legacyKey,
      ...home.providerKeys.values(),
      ...home.accounts.map(({ fileKey }) => fileKey),
    ]
    if (kept.some(key => key !== null)) tighten(path)
    return home
  }
  return {
    path,
    read,
    async change(edit) {
      const target = realTarget(path)
      const yaml = await loadYaml()
      // A file that cannot be changed needs no lock; and code that has run once is faster under it.
      await read()
      const lock = await takeLock(target, lockOptions)
      try {
        const { text, mark } = readText(target) ?? { text: '', mark: '' }
        const file = parseDocument(yaml, text, path)
        const slices = sliceText(file)
        const before = { home: interpretHome(file), value: contentOf(file.document, path) }
        const { draft, outcome } = createDraft(file)
        const result = await edit(draft)
        const editor = editorOf(file)
        await syncCompat(editor, before.home, interpretHome(file), outcome, secrets)
        if (isDeepStrictEqual(contentOf(file.document, path) ?? new Map(), before.value ?? new Map())) {
          tightenMode(target)
          return result
        }
        editor.set(['format'], HOME_FORMAT)
        const made = mark + renderDocument(file, slices, new Set([...outcome.touched, ...editor.touched]))
        if (!replaceFile(target, made, lock.temporaryPath, () => lock.isMine())) throw lostLock(path)
        return result
      } finally {
        lock.release()
      }
    },
  }
}

/** This process stood still for so long (a suspended machine) that another one took over. Nothing was written. */
function lostLock(path: string): VapiError {
  return new VapiError({
    code: 'config-locked',
    message: `${path} was changed by another process in between; this change was not saved`,
    retryable: true,
    hint: 'try again',
  })
}

/** Makes the top-level key that of the active account, where `compat` asks for it and something of it has changed. */
async function syncCompat(
  editor: Editor,
  before: HomeConfig,
  after: HomeConfig,
  { keys }: DraftOutcome,
  secrets: ConfigStoreOptions['secrets'],
): Promise<void> {
  const name = after.activeAccount
  const account = accountOf(after, name)
  if (!after.compat || name === null || account === undefined) return
  const relevant = (home: HomeConfig) => ({
    compat: home.compat,
    legacyKey: home.legacyKey,
    account: accountOf(home, name),
    active: home.activeAccount,
  })
  if (!keys.has(name) && isDeepStrictEqual(relevant(before), relevant(after))) return
  const key = keys.get(name) ?? account.fileKey ?? (await (await secrets()).get(name))
  if (key === null) editor.remove(['api_key'])
  else editor.set(['api_key'], key)
}

function accountOf(home: HomeConfig, name: string | null) {
  return home.accounts.find(account => account.name === name)
}

/** Takes the file from others, where it is ours to do so. */
function tighten(path: string): void {
  try {
    tightenMode(realTarget(path))
  } catch {
    // The file of somebody else, or a read-only disk: reading goes on.
  }
}
