import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import type { LocalModel } from '../../../src/providers/local-models/catalogue.ts'
import {
  damagedFiles,
  type PullOptions,
  pullModel,
  takeApart,
} from '../../../src/providers/local-models/pull.ts'
import { findKept, modelFolder, partFolder } from '../../../src/providers/local-models/store.ts'
import { temporaryFolder } from '../../support/program.ts'
import { type Hub, type HubFile, startHub } from '../../support/providers/hugging-face.ts'

const REVISION = '0123456789abcdef0123456789abcdef01234567'
const encoder = randomBytes(300_000)
const tokens = Buffer.from('<blk> 0\n▁ONE 1\n')

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

/** A row of the table, with digests of its own. */
const model: LocalModel = {
  engine: 'sherpa-onnx',
  name: 'test-en',
  kind: 'transcriber',
  languages: ['en'],
  bytes: encoder.length + tokens.length,
  licence: 'MIT',
  repository: 'somebody/test-en',
  revision: REVISION,
  files: [
    { path: 'exp/encoder,16.onnx', name: 'encoder.onnx', bytes: encoder.length, sha256: sha256(encoder) },
    { path: 'tokens.txt', name: 'tokens.txt', bytes: tokens.length, sha256: sha256(tokens) },
  ],
}
const offered: Record<string, HubFile> = {
  'exp/encoder,16.onnx': { content: encoder, lfs: true },
  'tokens.txt': { content: tokens },
}
/** A row that leaves sizes and digests to the source. */
const voice: LocalModel = {
  ...{
    engine: 'sherpa-onnx',
    name: 'test-voice',
    kind: 'voice',
    languages: ['en'],
    bytes: 0,
    licence: 'MIT',
  },
  ...{ repository: 'somebody/test-voice', revision: REVISION },
  files: [{ path: 'voice.onnx', name: 'model.onnx' }],
  folders: ['espeak-ng-data'],
}
const spoken: Record<string, HubFile> = {
  'voice.onnx': { content: randomBytes(10_000), lfs: true },
  'README.md': { content: Buffer.from('not wanted') },
  ...Object.fromEntries(
    Array.from({ length: 30 }, (_, id) => [
      `espeak-ng-data/lang/${id}`,
      { content: Buffer.from(`language ${id}`) },
    ]),
  ),
}

describe('pulling a model', () => {
  let hub: Hub
  let http: HttpClient
  let env: { VAPI_MODELS_DIR: string }
  beforeEach(async () => {
    hub = await startHub()
    hub.add(model.repository, REVISION, offered)
    hub.add(voice.repository, REVISION, spoken)
    http = createHttpClient()
    env = { VAPI_MODELS_DIR: join(temporaryFolder(), 'models') }
  })
  afterEach(async () => {
    http.close()
    await hub.close()
  })

  const pull = (which: LocalModel, options: Partial<PullOptions> = {}) =>
    pullModel(which, {
      source: { http, endpoint: hub.url },
      env,
      signal: new AbortController().signal,
      progress: () => {},
      ...options,
    })
  const filesOf = (path: string) => hub.requests.filter(({ line }) => line.endsWith(path))

  it('brings its files under their own names, and says where they are from', async () => {
    const kept = await pull(model)
    expect(readdirSync(kept.folder).sort()).toEqual(['encoder.onnx', 'tokens.txt', 'vapi-model.json'])
    expect(readFileSync(join(kept.folder, 'encoder.onnx'))).toEqual(encoder)
    expect(JSON.parse(readFileSync(join(kept.folder, 'vapi-model.json'), 'utf8'))).toMatchObject({
      repository: model.repository,
      revision: REVISION,
      licence: 'MIT',
    })
    expect(existsSync(partFolder(env, model))).toBe(false)
  })

  it('asks a source for files at the pinned revision alone, and for no list of what is pinned', async () => {
    await pull(model)
    expect(hub.requests.map(({ line }) => line).sort()).toEqual([
      `GET /somebody/test-en/resolve/${REVISION}/exp/encoder,16.onnx`,
      `GET /somebody/test-en/resolve/${REVISION}/tokens.txt`,
      `GET /storage/somebody/test-en/resolve/${REVISION}/exp/encoder,16.onnx`,
    ])
  })

  it('takes sizes and digests of the rest, and whole folders, from the source’s list, page by page', async () => {
    hub.pageSize = 7
    const kept = await pull(voice)
    expect(readFileSync(join(kept.folder, 'model.onnx'))).toEqual(spoken['voice.onnx']?.content)
    expect(readdirSync(join(kept.folder, 'espeak-ng-data/lang'))).toHaveLength(30)
    expect(existsSync(join(kept.folder, 'README.md'))).toBe(false)
    expect(hub.requests.filter(({ line }) => line.includes('/tree/')).length).toBeGreaterThan(4)
    expect(await damagedFiles(kept, new AbortController().signal)).toEqual([])
  })

  it('tells how far it is, in bytes of the whole', async () => {
    const told: number[] = []
    await pull(model, { progress: ({ done, total }) => void told.push(done / total) })
    expect(told.at(-1)).toBe(1)
    expect(told.length).toBeGreaterThan(2)
    expect(told).toEqual([...told].sort((one, other) => one - other))
  })

  it('goes on where a lost connection left it, in the same run', async () => {
    hub.cut = { path: 'exp/encoder,16.onnx', afterBytes: 100_000, times: 2 }
    const kept = await pull(model)
    expect(readFileSync(join(kept.folder, 'encoder.onnx'))).toEqual(encoder)
    const ranges = filesOf('encoder,16.onnx').flatMap(({ range }) => (range ? [range] : []))
    expect(new Set(ranges).size).toBe(2)
  })

  it('goes on where an ended run left it, and fetches no file twice', async () => {
    hub.stall = { path: 'exp/encoder,16.onnx', afterBytes: 120_000 }
    const stop = new AbortController()
    const first = pull(model, {
      signal: stop.signal,
      progress: ({ done }) => {
        if (done >= 120_000 + tokens.length) stop.abort(new Error('enough'))
      },
    })
    await expect(first).rejects.toThrow('enough')
    expect(findKept(env, 'test-en')).toBeNull()
    hub.stall = null
    const kept = await pull(model)
    expect(readFileSync(join(kept.folder, 'encoder.onnx'))).toEqual(encoder)
    expect(filesOf('encoder,16.onnx').at(-1)?.range).toBe('bytes=120000-')
    expect(filesOf('tokens.txt')).toHaveLength(1)
  })

  it.each([
    [
      'does not know ranges',
      () => Object.assign(hub, { ignoresRanges: true }),
      'encoder.onnx.part',
      encoder.subarray(0, 1000),
    ],
    ['is continued from more than there is', () => {}, 'encoder.onnx.part', randomBytes(400_000)],
  ])('begins a file anew where the source %s', async (_, prepare, name, left) => {
    prepare()
    mkdirSync(partFolder(env, model), { recursive: true })
    writeFileSync(join(partFolder(env, model), name), left)
    const kept = await pull(model)
    expect(readFileSync(join(kept.folder, 'encoder.onnx'))).toEqual(encoder)
  })

  it('throws a part away that belongs to something else, and gets it at the next try', async () => {
    mkdirSync(partFolder(env, model), { recursive: true })
    writeFileSync(join(partFolder(env, model), 'encoder.onnx.part'), randomBytes(1000))
    await expect(pull(model)).rejects.toMatchObject({ code: 'model-checksum' })
    expect(readFileSync(join((await pull(model)).folder, 'encoder.onnx'))).toEqual(encoder)
  })

  it.each([
    ['of the pinned size', Buffer.alloc(encoder.length)],
    ['larger', Buffer.concat([encoder, encoder])],
  ])('never gives a forged file %s the model’s name', async (_, forged) => {
    hub.forged.set('exp/encoder,16.onnx', forged)
    await expect(pull(model)).rejects.toMatchObject({ code: 'model-checksum' })
    expect(existsSync(modelFolder(env, model))).toBe(false)
  })

  it('takes nothing of a source that lists something else than what is pinned', async () => {
    const pinned = { ...model, files: [...model.files, { path: 'extra.txt', name: 'extra.txt' }] }
    hub.add(model.repository, REVISION, {
      ...offered,
      'exp/encoder,16.onnx': { content: randomBytes(encoder.length), lfs: true },
      'extra.txt': { content: tokens },
    })
    await expect(pull(pinned)).rejects.toMatchObject({ code: 'model-changed' })
    expect(hub.requests.filter(({ line }) => line.includes('/resolve/'))).toEqual([])
  })

  it.each(['espeak-ng-data/../../evil', 'espeak-ng-data/a\\b', 'espeak-ng-data//x'])(
    'refuses a listed file named %s',
    async path => {
      hub.add(voice.repository, REVISION, { ...spoken, [path]: { content: tokens } })
      await expect(pull(voice)).rejects.toMatchObject({ code: 'model-changed' })
    },
  )

  it('tries a busy source again, and gives up on one that has nothing', async () => {
    hub.refuses = { status: 503, times: 2 }
    expect((await pull(model)).name).toBe('test-en')
    hub.add(voice.repository, REVISION, {})
    await expect(pull({ ...model, name: 'gone', repository: 'somebody/gone' })).rejects.toMatchObject({
      code: 'model-source-refused',
      status: 404,
      retryable: false,
    })
  })

  it('does not begin where the disk has no room, and counts what is there', async () => {
    const freeBytes = async () => 32_000_000 + 200_000
    await expect(pull(model, { freeBytes })).rejects.toMatchObject({ code: 'disk-full' })
    expect(hub.requests).toEqual([])
    writeFileSync(join(partFolder(env, model), 'encoder.onnx.part'), encoder.subarray(0, 150_000))
    expect((await pull(model, { freeBytes })).name).toBe('test-en')
  })

  it('finds a damaged file of a pulled model, and fetches that alone again', async () => {
    const kept = await pull(model)
    const { signal } = new AbortController()
    expect(await damagedFiles(kept, signal)).toEqual([])
    const file = join(kept.folder, 'tokens.txt')
    writeFileSync(file, readFileSync(file, 'utf8').replace('ONE', 'TWO'))
    const damaged = await damagedFiles(kept, signal)
    expect(damaged).toEqual(['tokens.txt'])
    hub.requests.length = 0
    await takeApart(env, model, kept, damaged)
    expect(readFileSync(join((await pull(model)).folder, 'tokens.txt'))).toEqual(tokens)
    expect(hub.requests.map(({ line }) => line)).toEqual([
      `GET /somebody/test-en/resolve/${REVISION}/tokens.txt`,
    ])
  })

  it('puts a newer revision in the place of an older one when it is whole', async () => {
    await pull(model)
    const newer = { ...model, revision: REVISION.replace(/0/g, '9') }
    hub.add(model.repository, newer.revision, offered)
    expect((await pull(newer)).revision).toBe(newer.revision)
    expect(readdirSync(join(env.VAPI_MODELS_DIR, 'sherpa-onnx'))).toEqual(['test-en'])
  })
})
