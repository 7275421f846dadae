import { checkKey } from '../auth/check-key.ts'
import { readStoredKeys } from '../auth/stored-keys.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import type { Account } from '../config/types.ts'
import { asVapiError, Exit, VapiError } from '../errors.ts'
import { readOneWith } from './account-check.ts'
import { connectionOf, readSetup, sortedAccounts } from './account-setup.ts'

interface Refreshed {
  account: string
  /** `works`; `refused`: the API does not take the key; `missing`: there is none; `unknown`: nobody could be asked. */
  key: 'works' | 'refused' | 'missing' | 'unknown'
  organizationId: string | null
  problem: string | null
}

export default defineCommand(
  {
    name: 'auth refresh',
    summary: 'check a stored key again and read its organisation anew',
    args: [],
    options: { all: { type: 'boolean', summary: 'every account, not only the one in use' } },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi auth refresh', does: 'the active account' },
      { command: 'vapi auth refresh --all', does: 'every account; exit code 4 where a key is refused' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, context) => {
    const setup = await readSetup(context)
    const connection = connectionOf(context, setup)
    const { account } = connection
    const accounts = options.all ? sortedAccounts(setup.home) : account === null ? [] : [account]
    if (accounts.length === 0) {
      throw new VapiError({
        code: 'not-logged-in',
        message:
          connection.keySource === null ? 'not logged in' : 'the key in use belongs to no stored account',
        exit: Exit.notLoggedIn,
        hint: connection.keySource === null ? 'vapi login' : 'vapi auth whoami checks it',
      })
    }
    const results: Refreshed[] = []
    for (const each of accounts) results.push(await refresh(each, connection.timeoutMs, context))
    const found = results.filter(({ organizationId }) => organizationId !== null)
    if (found.length > 0) {
      await setup.store.change(draft => {
        for (const { account: name, organizationId } of found) {
          if (draft.config.accounts.some(known => known.name === name))
            draft.setAccount(name, { organizationId })
        }
      })
    }
    await context.output.list(
      results,
      [
        { heading: 'ACCOUNT', value: row => row.account },
        { heading: 'KEY', value: row => row.key },
        { heading: 'ORGANISATION ID', value: row => row.organizationId ?? '' },
        { heading: 'PROBLEM', value: row => row.problem ?? '' },
      ],
      row => row.account,
    )
    if (results.every(({ key }) => key === 'works')) return undefined
    const isLost = results.some(({ key }) => key === 'refused' || key === 'missing')
    return isLost ? Exit.notLoggedIn : Exit.failed
  },
)

/** Never throws, except on an interrupt: one account's trouble must not hide the others. */
async function refresh(account: Account, timeoutMs: number, context: Context): Promise<Refreshed> {
  const result = (
    key: Refreshed['key'],
    organizationId: string | null,
    problem: string | null,
  ): Refreshed => ({
    account: account.name,
    key,
    organizationId,
    problem,
  })
  const keys = await readStoredKeys([account], context.secrets)
  const stored = keys.of(account)
  if (stored === null) {
    if (keys.unavailable !== null) return result('unknown', null, keys.unavailable.message)
    return result('missing', null, `log in again: vapi login --account ${account.name}`)
  }
  try {
    const server = { baseUrl: account.baseUrl, timeoutMs }
    const readOne = await readOneWith(context, server, stored.key, `the key of account ${account.name}`)
    const { organizationId } = await checkKey(readOne, null)
    return result('works', organizationId, null)
  } catch (error) {
    context.signal.throwIfAborted()
    const { exit, message } = asVapiError(error)
    return result(exit === Exit.notLoggedIn ? 'refused' : 'unknown', null, message)
  }
}
