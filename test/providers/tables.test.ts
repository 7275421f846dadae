import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MODELS } from '../../src/providers/models/table.ts'
import { OPENAI_PROVIDERS } from '../../src/providers/openai-compatible/providers.ts'
import type { Proof } from '../../src/providers/proof.ts'
import { TRANSCRIBERS } from '../../src/providers/transcribers/table.ts'
import { findVendor, VENDORS } from '../../src/providers/vendors.ts'
import { VOICES } from '../../src/providers/voices/table.ts'

const root = new URL('../..', import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>
}

interface Row {
  stage: string
  id: string
  proof: Proof
  vendor: unknown
}

const rows: Row[] = [
  ...TRANSCRIBERS.map(row => ({ stage: 'transcribers', ...row, vendor: row.vendor ?? findVendor(row.id) })),
  ...VOICES.map(row => ({ stage: 'voices', ...row, vendor: findVendor(row.id) })),
  ...MODELS.map(row => ({ stage: 'models', ...row })),
]

const tests = readdirSync(join(root, 'test/providers'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.test.ts'))
  .map(file => ({ file, text: readFileSync(join(root, 'test/providers', file), 'utf8') }))

describe.each(rows)('the row $id of $stage', ({ stage, id, proof, vendor }) => {
  it('has a vendor', () => {
    expect(vendor).toBeDefined()
  })

  it('is named in a test of its protocol', () => {
    const folder = stage === 'models' ? /^(openai-compatible|anthropic|google)\// : new RegExp(`^${stage}/`)
    // The test of OpenAI's chat completions runs over its whole table.
    const name = OPENAI_PROVIDERS.some(row => row.id === id) && stage === 'models' ? 'OPENAI_PROVIDERS' : id
    expect(tests.filter(({ file, text }) => folder.test(file) && text.includes(name))).not.toEqual([])
  })

  it('has a proof that exists', () => {
    if (proof.by === 'documentation') expect(new URL(proof.url).protocol).toBe('https:')
    if (proof.by !== 'client-library') return
    expect(manifest.devDependencies).toHaveProperty([proof.name])
    const users = [...tests, ...support()].filter(({ text }) => text.includes(`'${proof.name}`))
    expect(users).not.toEqual([])
  })
})

it('vendors have ids of their own', () => {
  const ids = VENDORS.map(({ id }) => id)
  expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([])
})

function support() {
  const folder = join(root, 'test/support/providers')
  return existsSync(folder)
    ? readdirSync(folder).map(file => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
    : []
}
