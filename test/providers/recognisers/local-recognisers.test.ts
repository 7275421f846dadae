import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
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

  describe('with pulled models', () => {
    /** As `vapi voice models pull` leaves it. */
    async function keep(models: string, name: string): Promise<void> {
      const kept = join(models, 'sherpa-onnx', name)
      await mkdir(kept, { recursive: true })
      const files = ['encoder.int8.onnx', 'decoder.onnx', 'joiner.int8.onnx', 'tokens.txt']
      for (const file of files) await writeFile(join(kept, file), '')
      await writeFile(join(kept, 'vapi-model.json'), JSON.stringify({ revision: 'r', files: [] }))
    }
    let env: NodeJS.ProcessEnv
    beforeAll(async () => {
      const models = await mkdtemp(join(folder, 'models-'))
      const packages = join(await mkdtemp(join(folder, 'packages-')), 'node_modules')
      await mkdir(join(packages, 'sherpa-onnx-node'), { recursive: true })
      await writeFile(join(packages, 'sherpa-onnx-node', 'index.js'), '')
      await keep(models, 'zipformer-fr')
      await keep(models, 'zipformer-en-20m')
      await keep(models, 'vits-ljs')
      env = { PATH: folder, VAPI_MODELS_DIR: models, NODE_PATH: packages }
    })

    it.each([
      [null, 'sherpa-onnx/zipformer-en-20m'],
      ['multi', 'sherpa-onnx/zipformer-en-20m'],
      ['en-GB', 'sherpa-onnx/zipformer-en-20m'],
      ['fr', 'sherpa-onnx/zipformer-fr'],
      ['de', undefined],
    ])('takes one that knows the language %s: %s', async (language, name) => {
      expect((await findLocalRecogniser(env, undefined, language))?.name).toBe(name)
      expect((await findLocalRecogniser(env, 'sherpa-onnx', language))?.name).toBe(name)
    })

    it('takes the one that is named, and tells which languages it knows', async () => {
      const found = await findLocalRecogniser(env, 'sherpa-onnx/zipformer-fr', 'en')
      expect(found?.create().capabilities.languages).toEqual(['fr'])
    })

    it('says what to type for one that is known and not there', async () => {
      await expect(findLocalRecogniser(env, 'sherpa-onnx/zipformer-de')).rejects.toMatchObject({
        code: 'recogniser-model-not-found',
        hint: 'vapi voice models pull zipformer-de',
      })
    })

    it('lets VAPI_SHERPA_MODEL go before them', async () => {
      const VAPI_SHERPA_MODEL = join(env.VAPI_MODELS_DIR ?? '', 'sherpa-onnx', 'zipformer-fr')
      expect((await findLocalRecogniser({ ...env, VAPI_SHERPA_MODEL }))?.name).toBe(
        'sherpa-onnx/zipformer-fr',
      )
    })

    it('without their engine does with another recogniser, and says what to install', async () => {
      const bare = { ...env, NODE_PATH: '' }
      expect(await findLocalRecogniser(bare)).toBeNull()
      expect(recogniserAdvice('linux', bare)).toBe(
        'npm install -g sherpa-onnx-node (its model zipformer-en-20m is here); or type instead: --in text',
      )
      await expect(findLocalRecogniser(bare, 'sherpa-onnx/zipformer-fr')).rejects.toMatchObject({
        code: 'recogniser-not-installed',
      })
    })
  })

  it('does not know other names', async () => {
    await expect(findLocalRecogniser({}, 'whisper')).rejects.toMatchObject({ code: 'usage', exit: 2 })
  })
})
