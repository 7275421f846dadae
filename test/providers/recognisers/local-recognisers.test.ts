import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  findLocalRecogniser,
  recogniserAdvice,
} from '../../../src/providers/recognisers/local-recognisers.ts'

describe('local recognisers', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vapi-recognisers-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('finds none on a bare machine, and says what to install', async () => {
    expect(await findLocalRecogniser({ PATH: folder })).toBeNull()
    expect(await findLocalRecogniser({})).toBeNull()
    expect(await findLocalRecogniser({ PATH: folder }, 'pocketsphinx')).toBeNull()
    expect(recogniserAdvice('linux')).toContain('sudo apt-get install pocketsphinx pocketsphinx-en-us')
    expect(recogniserAdvice('darwin')).toContain('brew install cmu-pocketsphinx')
    expect(recogniserAdvice('win32')).toMatch(/^npm install -g sherpa-onnx-node.*--in text$/)
  })

  it.skipIf(process.platform === 'win32').each(['pocketsphinx_continuous', 'pocketsphinx'])(
    'finds PocketSphinx by its program %s on PATH',
    async program => {
      const bin = await mkdtemp(join(folder, 'bin-'))
      await writeFile(join(bin, program), '')
      expect(await findLocalRecogniser({ PATH: bin })).toBeNull()
      await chmod(join(bin, program), 0o755)
      for (const preferred of [undefined, 'pocketsphinx', 'pocketsphinx/en-us']) {
        const found = await findLocalRecogniser({ PATH: bin }, preferred)
        expect(found?.name).toBe('pocketsphinx/en-us')
        expect(found?.create().name).toBe('pocketsphinx/en-us')
      }
    },
  )

  it('complains of a model that the user named and that cannot be used', async () => {
    const model = join(folder, 'no-model')
    const complaint = { code: 'recogniser-model-not-found' }
    await expect(findLocalRecogniser({ VAPI_SHERPA_MODEL: model })).rejects.toMatchObject(complaint)
    await expect(findLocalRecogniser({}, `sherpa-onnx/${model}`)).rejects.toMatchObject(complaint)
    await expect(findLocalRecogniser({}, `sherpa-onnx/${folder}`)).rejects.toMatchObject({
      code: 'recogniser-model-incomplete',
    })
    expect(await findLocalRecogniser({}, 'sherpa-onnx')).toBeNull()
  })

  it('does not know other names', async () => {
    await expect(findLocalRecogniser({}, 'whisper')).rejects.toMatchObject({ code: 'usage', exit: 2 })
  })
})
