import { describe, expect, it } from 'vitest'
import { LOCAL_MODELS } from '../../../src/providers/local-models/catalogue.ts'

describe('the table of models', () => {
  it.each(LOCAL_MODELS.map(model => [model.name, model] as const))(
    '%s is pinned and says its licence',
    (_, model) => {
      expect(model.revision).toMatch(/^[0-9a-f]{40}$/)
      expect(model.repository).toMatch(/^[\w.-]+\/[\w.-]+$/)
      expect(model.licence).not.toBe('')
      expect(model.bytes).toBeGreaterThan(1_000_000)
      for (const { path, bytes, sha256 } of model.files) {
        if (sha256 !== undefined) expect(sha256, path).toMatch(/^[0-9a-f]{64}$/)
        if (bytes !== undefined) expect(bytes, path).toBeGreaterThan(0)
      }
      expect(new Set(model.files.map(({ name }) => name)).size).toBe(model.files.length)
    },
  )

  it('pins every byte of a recogniser: the source is asked for no list', () => {
    for (const { kind, name, files, bytes, folders } of LOCAL_MODELS) {
      if (kind !== 'transcriber') continue
      expect(
        files.map(file => file.name.replace(/\..*/, '')),
        name,
      ).toEqual(['encoder', 'decoder', 'joiner', 'tokens'])
      expect(
        files.every(file => file.sha256 !== undefined && file.bytes !== undefined),
        name,
      ).toBe(true)
      expect(files.reduce((sum, file) => sum + (file.bytes ?? 0), 0)).toBe(bytes)
      expect(folders).toBeUndefined()
    }
  })

  it('has each name once', () => {
    expect(new Set(LOCAL_MODELS.map(({ name }) => name)).size).toBe(LOCAL_MODELS.length)
  })
})
