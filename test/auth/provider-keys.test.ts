import { describe, expect, it } from 'vitest'
import { moveKeys } from '../../src/auth/move-keys.ts'
import { readProviderKeys, removeProviderKey, saveProviderKey } from '../../src/auth/provider-keys.ts'
import { FIRST, KEY_A, SECOND, twoAccounts } from './home.ts'
import { makePlace } from './place.ts'

const KEY = 'dg-0123456789abcdef0123456789'
const OTHER = 'sk-fedcba9876543210fedcba98'

const readAll = async (place: ReturnType<typeof makePlace>, ...names: string[]) => {
  const { keys, unavailable } = await readProviderKeys(await place.store.read(), names, place.secrets)
  return { keys: Object.fromEntries(keys), unavailable: unavailable?.code ?? null }
}

describe('the key of a provider', () => {
  it('is in the keyring before the file speaks of it, and nowhere in the file', async () => {
    const place = makePlace()
    const saved = await saveProviderKey('deepgram', KEY, place.store, place.secrets)
    expect(saved).toEqual({ storage: 'keyring', replaced: false, fallback: null })
    expect(place.log).toEqual(['set provider:deepgram, file does not know it', 'file'])
    expect(place.file()).toContain('deepgram')
    expect(place.file()).not.toContain(KEY)
    expect(await readAll(place, 'deepgram', 'openai')).toEqual({
      keys: { deepgram: { key: KEY, storage: 'keyring' } },
      unavailable: null,
    })
  })

  it('is not mixed up with an account of the same name', async () => {
    const place = makePlace(`accounts:\n  deepgram:\n    organization: D\n`)
    await place.memory.set('deepgram', KEY_A)
    await saveProviderKey('deepgram', KEY, place.store, place.secrets)
    expect(await place.memory.get('deepgram')).toBe(KEY_A)
    await removeProviderKey('deepgram', place.store, place.secrets)
    expect(await place.memory.get('deepgram')).toBe(KEY_A)
  })

  it('is in the file where the user wants that, or the keyring does not answer', async () => {
    const wanted = makePlace('storage: file\n')
    expect(await saveProviderKey('openai', OTHER, wanted.store, wanted.secrets)).toMatchObject({
      storage: 'file',
      fallback: null,
    })
    expect(wanted.log).toEqual(['file'])
    const forced = makePlace()
    forced.fail.add('set')
    const { storage, fallback } = await saveProviderKey('openai', OTHER, forced.store, forced.secrets)
    expect([storage, fallback?.code]).toEqual(['file', 'keyring-unavailable'])
    for (const place of [wanted, forced]) {
      place.fail.add('get')
      expect(await readAll(place, 'openai')).toEqual({
        keys: { openai: { key: OTHER, storage: 'file' } },
        unavailable: null,
      })
    }
  })

  it('leaves the keyring as it was where the file cannot be changed', async () => {
    const place = makePlace()
    await saveProviderKey('deepgram', KEY, place.store, place.secrets)
    place.fail.add('change')
    await expect(saveProviderKey('deepgram', OTHER, place.store, place.secrets)).rejects.toThrow(
      'disk is full',
    )
    await expect(saveProviderKey('openai', OTHER, place.store, place.secrets)).rejects.toThrow('disk is full')
    expect(await place.memory.get('provider:deepgram')).toBe(KEY)
    expect(await place.memory.get('provider:openai')).toBeNull()
  })

  it('is not looked for in the keyring unless the file says that it is there', async () => {
    const place = makePlace('provider_keys:\n  openai: "sk-of-the-file-0123456789"\n')
    place.fail.add('get')
    expect(await readAll(place, 'openai', 'deepgram')).toMatchObject({
      keys: { openai: { storage: 'file' } },
      unavailable: null,
    })
  })

  it('is missing, with the reason, where the keyring does not answer', async () => {
    const place = makePlace('provider_keys:\n  openai: ""\n')
    place.fail.add('get')
    expect(await readAll(place, 'openai')).toEqual({ keys: {}, unavailable: 'keyring-unavailable' })
  })

  it('goes from the keyring before the file forgets it', async () => {
    const place = makePlace()
    await saveProviderKey('deepgram', KEY, place.store, place.secrets)
    place.log.length = 0
    expect(await removeProviderKey('deepgram', place.store, place.secrets)).toEqual({
      storage: 'keyring',
      unavailable: null,
    })
    expect(place.log).toEqual(['delete provider:deepgram, file does not know it', 'file'])
    expect(place.file()).not.toContain('deepgram')
    expect(await removeProviderKey('deepgram', place.store, place.secrets)).toBeNull()
  })

  it('is forgotten by the file where the keyring does not answer, which is told', async () => {
    const place = makePlace('provider_keys:\n  openai: ""\n')
    place.fail.add('delete')
    const removed = await removeProviderKey('openai', place.store, place.secrets)
    expect(removed?.unavailable?.code).toBe('keyring-unavailable')
    expect((await place.store.read()).providerKeys.size).toBe(0)
  })

  it('moves with those of accounts, both ways', async () => {
    const place = makePlace(twoAccounts('https://api.vapi.ai', 'storage: file\n'))
    await saveProviderKey('deepgram', KEY, place.store, place.secrets)
    expect(place.file()).toContain(KEY)
    const moved = await moveKeys('keyring', place.store, place.secrets)
    expect(moved.moved).toEqual([FIRST, SECOND, 'provider deepgram'])
    expect(place.file()).not.toContain(KEY)
    expect(await place.memory.get('provider:deepgram')).toBe(KEY)
    await place.memory.delete(SECOND)
    await place.store.change(draft => draft.setProviderKey('openai', null))
    const back = await moveKeys('file', place.store, place.secrets)
    expect(back).toMatchObject({
      moved: [FIRST, 'provider deepgram'],
      keyless: [SECOND],
      keylessProviders: ['openai'],
    })
    expect(await readAll(place, 'deepgram')).toMatchObject({
      keys: { deepgram: { key: KEY, storage: 'file' } },
    })
    expect(await place.memory.get('provider:deepgram')).toBeNull()
  })
})
