import { describe, expect, it } from 'vitest'
import { moveKeys } from '../../src/auth/move-keys.ts'
import type { NewLogin } from '../../src/auth/plan-login.ts'
import { removeAccounts } from '../../src/auth/remove-account.ts'
import { saveLogin } from '../../src/auth/save-login.ts'
import { FIRST, KEY_A, KEY_B, KEY_C, SECOND, twoAccounts } from './home.ts'
import { makePlace } from './place.ts'

function login(over: Partial<NewLogin> = {}): NewLogin {
  return {
    key: KEY_A,
    organization: 'Acme',
    organizationId: 'org-a',
    email: null,
    alias: null,
    baseUrl: 'https://api.vapi.ai',
    environment: 'production',
    loginTime: '2026-01-01T00:00:00Z',
    ...over,
  }
}

describe('saveLogin', () => {
  it('puts the key into the keyring before the file speaks of the account', async () => {
    const place = makePlace()
    const saved = await saveLogin(login(), place.store, place.secrets)
    expect(saved).toMatchObject({
      isNew: true,
      storage: 'keyring',
      fallback: null,
      account: { name: 'acme' },
    })
    expect(place.log).toEqual(['set acme, file does not know it', 'file'])
    expect(await place.memory.get('acme')).toBe(KEY_A)
    expect(place.file()).not.toContain(KEY_A)
    expect(await place.store.read()).toMatchObject({ activeAccount: 'acme' })
  })

  it.each([true, false])(
    'leaves everything as it was when the file cannot be written (renewal: %s)',
    async again => {
      const place = makePlace()
      if (again) await saveLogin(login(), place.store, place.secrets)
      const before = place.file()
      place.fail.add('change')
      await expect(saveLogin(login({ key: KEY_B }), place.store, place.secrets)).rejects.toThrow(
        'disk is full',
      )
      expect(await place.memory.get('acme')).toBe(again ? KEY_A : null)
      expect(place.file()).toBe(before)
    },
  )

  it.each(['get', 'set'] as const)('falls back to the file when the keyring fails at %s', async action => {
    const place = makePlace()
    place.fail.add(action)
    const saved = await saveLogin(login(), place.store, place.secrets)
    expect(saved).toMatchObject({ storage: 'file', fallback: { code: 'keyring-unavailable' } })
    expect(await place.store.read()).toMatchObject({ storage: 'keyring', accounts: [{ fileKey: KEY_A }] })
  })

  it('moves a key of the file into the keyring with the next login', async () => {
    const place = makePlace(twoAccounts('https://api.vapi.ai'))
    const saved = await saveLogin(login({ key: KEY_C }), place.store, place.secrets)
    expect(saved).toMatchObject({ isNew: false, account: { name: FIRST } })
    expect(await place.memory.get(FIRST)).toBe(KEY_C)
    expect(place.file()).not.toContain(KEY_A)
    expect(place.file()).toContain(KEY_B)
  })

  it('finds an account by its key in the keyring, and by no name of an organisation', async () => {
    const place = makePlace()
    await saveLogin(login({ organizationId: null }), place.store, place.secrets)
    const again = await saveLogin(
      login({ organization: 'Other', organizationId: 'org-z' }),
      place.store,
      place.secrets,
    )
    expect(again).toMatchObject({ isNew: false, account: { name: 'acme', organization: 'Other' } })
    const other = await saveLogin(login({ key: KEY_B, organization: 'Other' }), place.store, place.secrets)
    expect(other).toMatchObject({ isNew: true, account: { name: 'other' } })
  })

  it.each([{ baseUrl: 'http://localhost:3000' }, { organizationId: 'org-b', key: KEY_B }])(
    'makes another account for %j, whatever the organisation is called',
    async over => {
      const place = makePlace()
      await saveLogin(login(), place.store, place.secrets)
      const other = await saveLogin(login(over), place.store, place.secrets)
      expect(other).toMatchObject({ isNew: true, account: { name: 'acme-2' } })
    },
  )

  it('keeps two logins at once apart', async () => {
    const place = makePlace()
    const logins = [KEY_A, KEY_B, KEY_C].map((key, number) => login({ key, organizationId: `org-${number}` }))
    await Promise.all(logins.map(each => saveLogin(each, place.store, place.secrets)))
    const { accounts } = await place.store.read()
    expect(accounts.map(({ name }) => name).toSorted()).toEqual(['acme', 'acme-2', 'acme-3'])
    for (const { name, organizationId } of accounts) {
      const key = [KEY_A, KEY_B, KEY_C][Number(organizationId?.at(-1))]
      expect(await place.memory.get(name)).toBe(key)
    }
  })

  it.each([
    ['Łódź & Söhne GmbH', 'odz-sohne-gmbh'],
    ['株式会社', 'dev'],
    ['***', 'dev'],
    ['x'.repeat(100), 'x'.repeat(40)],
    [null, 'dev'],
  ])('names the account of %j %s', async (organization, name) => {
    const place = makePlace()
    const saved = await saveLogin(
      login({ organization, email: 'Dev@example.com' }),
      place.store,
      place.secrets,
    )
    expect(saved.account.name).toBe(name)
  })
})

describe('removeAccounts', () => {
  it('takes the key from the keyring before the file forgets the account', async () => {
    const place = makePlace()
    await saveLogin(login(), place.store, place.secrets)
    place.log.length = 0
    expect(await removeAccounts(['acme'], place.store, place.secrets)).toEqual({
      removed: ['acme'],
      active: null,
      legacyKeyRemoved: false,
      unavailable: null,
    })
    expect(place.log).toEqual(['delete acme, file knows it', 'file'])
    expect(await place.memory.get('acme')).toBeNull()
  })

  it('takes a legacy copy of a key of the keyring, too', async () => {
    const place = makePlace()
    await saveLogin(login(), place.store, place.secrets)
    await place.store.change(draft => draft.setLegacyKey(KEY_A))
    await removeAccounts(['acme'], place.store, place.secrets)
    expect(place.file()).not.toContain(KEY_A)
  })

  it('goes on without the keyring and says so', async () => {
    const place = makePlace()
    await saveLogin(login(), place.store, place.secrets)
    place.fail.add('get')
    const { unavailable: reason } = await removeAccounts(null, place.store, place.secrets)
    expect(reason?.code).toBe('keyring-unavailable')
    expect((await place.store.read()).accounts).toEqual([])
  })
})

describe('moveKeys', () => {
  it('writes first and deletes then, both ways', async () => {
    const place = makePlace(twoAccounts('https://api.vapi.ai', 'storage: file\n'))
    expect((await moveKeys('keyring', place.store, place.secrets)).moved).toEqual([FIRST, SECOND])
    expect(place.log.at(-1)).toBe('file')
    for (const key of [KEY_A, KEY_B]) expect(place.file()).not.toContain(key)
    expect([await place.memory.get(FIRST), await place.memory.get(SECOND)]).toEqual([KEY_A, KEY_B])
    place.log.length = 0
    expect((await moveKeys('file', place.store, place.secrets)).moved).toEqual([FIRST, SECOND])
    expect(place.log[0]).toBe('file')
    expect(await place.store.read()).toMatchObject({
      storage: 'file',
      accounts: [{ fileKey: KEY_A }, { fileKey: KEY_B }],
    })
    expect([await place.memory.get(FIRST), await place.memory.get(SECOND)]).toEqual([null, null])
  })

  it.each(['get', 'set', 'change'] as const)('changes nothing when %s fails', async action => {
    const place = makePlace(twoAccounts('https://api.vapi.ai', 'storage: file\n'))
    const before = place.file()
    place.fail.add(action)
    await expect(moveKeys('keyring', place.store, place.secrets)).rejects.toThrow()
    expect(place.file()).toBe(before)
    expect([await place.memory.get(FIRST), await place.memory.get(SECOND)]).toEqual([null, null])
  })

  it('says which copies are left behind and which accounts have no key', async () => {
    const place = makePlace(twoAccounts('https://api.vapi.ai'))
    await moveKeys('keyring', place.store, place.secrets)
    await place.memory.delete(SECOND)
    place.fail.add('delete')
    expect(await moveKeys('file', place.store, place.secrets)).toMatchObject({
      moved: [FIRST],
      keyless: [SECOND],
      leftBehind: { code: 'keyring-unavailable' },
    })
  })
})
