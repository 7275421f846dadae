import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import voiceModelsList from '../../src/commands/voice-models-list.ts'
import voiceModelsPull from '../../src/commands/voice-models-pull.ts'
import voiceModelsRemove from '../../src/commands/voice-models-remove.ts'
import { packageFile } from '../../src/package-root.ts'
import { LOCAL_MODELS } from '../../src/providers/local-models/catalogue.ts'
import { bundleProgram } from '../support/bundle.ts'
import { temporaryFolder } from '../support/program.ts'
import { type Hub, startHub } from '../support/providers/hugging-face.ts'
import { runCommand } from '../support/run-command.ts'

const REVISION = '0123456789abcdef0123456789abcdef01234567'
const encoder = randomBytes(400_000)
const files = {
  'encoder.onnx': { content: encoder, lfs: true },
  'decoder.onnx': { content: Buffer.from('d') },
  'joiner.onnx': { content: Buffer.from('j') },
  'tokens.txt': { content: Buffer.from('<blk> 0\n') },
}
const own = {
  ...{
    name: 'my-english',
    kind: 'transcriber',
    languages: ['en'],
    licence: 'MIT',
    repository: 'me/my-english',
  },
  ...{ revision: REVISION, files: Object.keys(files) },
}

describe('vapi voice models', () => {
  let hub: Hub
  let models: string
  let env: NodeJS.ProcessEnv
  beforeEach(async () => {
    hub = await startHub()
    hub.add('me/my-english', REVISION, files)
    models = join(temporaryFolder(), 'models')
    mkdirSync(models)
    writeFileSync(join(models, 'models.json'), JSON.stringify([own]))
    env = { VAPI_MODELS_DIR: models, HF_ENDPOINT: `${hub.url}/`, PATH: '' }
  })
  afterEach(() => hub.close())

  const run = (command: Parameters<typeof runCommand>[0], ...argv: string[]) =>
    runCommand(command, argv, { baseUrl: hub.url, env }).finished
  const list = async () =>
    JSON.parse((await run(voiceModelsList, '--json')).stdout) as Record<string, unknown>[]
  const stateOf = async (name: string) => (await list()).find(row => row.name === name)

  it('shows licence, source, size and place before the first byte, and takes none without --yes', async () => {
    const { exit, stderr, error } = await run(voiceModelsPull, 'zipformer-en')
    expect({ exit, hint: error?.hint, requests: hub.requests }).toEqual({
      ...{ exit: 2, hint: 'add --yes to accept its licence', requests: [] },
    })
    expect(stderr).toContain('licence: Apache-2.0')
    expect(stderr).toContain(
      `source:  ${hub.url}/csukuangfj/sherpa-onnx-streaming-zipformer-en-2023-06-26/tree/672fbf1b3057`,
    )
    expect(stderr).toContain('size:    72.7 MB')
    expect(stderr).toContain(`goes to: ${join(models, 'sherpa-onnx', 'zipformer-en')}`)
  })

  it('pulls, lists, checks and removes a model', async () => {
    expect(await stateOf('my-english')).toMatchObject({ here: 'no', takenByLocal: false, folder: null })
    const pulled = await run(voiceModelsPull, 'my-english', '--yes', '--json')
    expect(pulled).toMatchObject({ exit: 0, error: null })
    expect(JSON.parse(pulled.stdout)).toMatchObject({ name: 'my-english', licence: 'MIT', pulled: true })
    expect(await stateOf('my-english')).toMatchObject({ here: 'yes', revision: REVISION })
    const again = await run(voiceModelsPull, 'sherpa-onnx/my-english', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ pulled: false })
    expect(await run(voiceModelsRemove, 'my-english')).toMatchObject({ exit: 2 })
    expect(await run(voiceModelsRemove, 'my-english', '--yes')).toMatchObject({ exit: 0 })
    expect(await stateOf('my-english')).toMatchObject({ here: 'no' })
    expect(await run(voiceModelsRemove, 'my-english', '--yes')).toMatchObject({ exit: 5 })
  })

  it('mends a pulled model', async () => {
    await run(voiceModelsPull, 'my-english', '--yes')
    const file = join(models, 'sherpa-onnx', 'my-english', 'tokens.txt')
    writeFileSync(file, '<blk> 1\n')
    const { exit, stderr } = await run(voiceModelsPull, 'my-english', '--yes')
    expect(exit).toBe(0)
    expect(stderr).toContain('damaged: tokens.txt')
    expect(readFileSync(file, 'utf8')).toBe('<blk> 0\n')
  })

  it('says which engine is missing and what to type, and what --transcriber local takes', async () => {
    const { stderr } = await run(voiceModelsPull, 'my-english', '--yes')
    expect(stderr).toContain('--transcriber sherpa-onnx/my-english (or local)')
    expect(stderr).toContain('npm install -g sherpa-onnx-node')
    expect((await run(voiceModelsList)).stderr).toContain(
      '--transcriber local finds nothing: npm install -g sherpa-onnx-node (its model my-english is here)',
    )
    const packages = join(temporaryFolder(), 'node_modules')
    mkdirSync(join(packages, 'sherpa-onnx-node'), { recursive: true })
    writeFileSync(join(packages, 'sherpa-onnx-node', 'index.js'), '')
    env.NODE_PATH = packages
    expect((await run(voiceModelsList)).stderr).toContain('--transcriber local takes sherpa-onnx/my-english')
    expect(await stateOf('my-english')).toMatchObject({ takenByLocal: true })
  })

  it('knows no other names, and says which there are', async () => {
    const { exit, error } = await run(voiceModelsPull, 'whisper', '--yes')
    expect(exit).toBe(5)
    for (const { name } of LOCAL_MODELS) expect(error?.hint).toContain(name)
    expect(error?.hint).toContain('my-english')
  })

  it('leaves a folder alone that somebody put there by hand', async () => {
    const folder = join(models, 'sherpa-onnx', 'my-english')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'tokens.txt'), 'mine')
    expect(await stateOf('my-english')).toMatchObject({ here: 'own' })
    expect(await run(voiceModelsPull, 'my-english', '--yes')).toMatchObject({ exit: 2 })
    expect(readdirSync(folder)).toEqual(['tokens.txt'])
  })

  it.each([
    ['is no JSON', '{', /models\.json/],
    ['names no revision', JSON.stringify([{ ...own, revision: 'main' }]), /entry 1: revision/],
    ['takes a name of ours', JSON.stringify([{ ...own, name: 'zipformer-en' }]), /zipformer-en/],
    ['leads out of its folder', JSON.stringify([{ ...own, files: ['../x'] }]), /a path or a name/],
  ])('refuses a models.json that %s', async (_, text, message) => {
    writeFileSync(join(models, 'models.json'), text)
    const { exit, error } = await run(voiceModelsPull, 'my-english', '--yes')
    expect(exit).toBe(2)
    expect(error?.message).toMatch(message)
  })

  it('refuses an HF_ENDPOINT that is no address', async () => {
    env.HF_ENDPOINT = 'hf-mirror.example'
    expect(await run(voiceModelsPull, 'my-english', '--yes')).toMatchObject({ exit: 2 })
  })

  describe('in processes of their own', () => {
    let program: Awaited<ReturnType<typeof bundleProgram>>
    beforeAll(async () => {
      program = await bundleProgram(packageFile('test', 'support', 'pull-program.ts'))
    })
    afterAll(() => program.remove())

    const start = () => spawn(process.execPath, [program.file, 'my-english', '--yes'], { env, stdio: 'pipe' })
    const end = (child: ChildProcess) =>
      new Promise<{ exit: number; stderr: string }>((resolve, reject) => {
        let text = ''
        child.stdout?.on('data', piece => {
          text += piece
        })
        child.on('close', () => (text === '' ? reject(new Error('killed')) : resolve(JSON.parse(text))))
      })

    it('goes on after kill -9 where it stopped, and takes over the dead one’s lock', async () => {
      hub.stall = { path: 'encoder.onnx', afterBytes: 150_000 }
      const killed = start()
      const over = end(killed).catch(error => error.message)
      await hub.stalled
      const folder = join(models, 'sherpa-onnx', `.my-english-${REVISION.slice(0, 12)}.part`)
      const part = join(folder, 'encoder.onnx.part')
      await expect
        .poll(() => existsSync(part) && readFileSync(part).length, { timeout: 10_000 })
        .toBe(150_000)
      killed.kill('SIGKILL')
      expect(await over).toBe('killed')
      expect(await stateOf('my-english')).toMatchObject({ here: 'partly' })
      expect(existsSync(join(models, 'sherpa-onnx', 'my-english'))).toBe(false)

      hub.stall = null
      expect(await end(start())).toMatchObject({ exit: 0 })
      expect(hub.requests.filter(({ line }) => line.endsWith('encoder.onnx')).at(-1)?.range).toBe(
        'bytes=150000-',
      )
      expect(readFileSync(join(models, 'sherpa-onnx', 'my-english', 'encoder.onnx'))).toEqual(encoder)
      expect(readdirSync(join(models, 'sherpa-onnx'))).toEqual(['my-english'])
    })

    it('fetches each file once where four pull at the same time', async () => {
      const results = await Promise.all(Array.from({ length: 4 }, () => end(start())))
      expect(results.map(({ exit }) => exit)).toEqual([0, 0, 0, 0])
      const fetched = hub.requests.filter(
        ({ line }) => line.includes('/resolve/') && !line.includes('/storage/'),
      )
      expect(fetched.map(({ line }) => line.split('/').at(-1)).sort()).toEqual(Object.keys(files).sort())
      const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
      expect(digest(readFileSync(join(models, 'sherpa-onnx', 'my-english', 'encoder.onnx')))).toBe(
        digest(encoder),
      )
    })
  })
})
