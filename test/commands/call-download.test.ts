import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import callDownload from '../../src/commands/call-download.ts'
import { type ApiServer, apiError, redirectReply, startApiServer } from '../support/api-server.ts'
import { type FakeStep, jsonReply } from '../support/fake-openai.ts'
import { temporaryFolder } from '../support/program.ts'
import { PRIVATE_KEY, runCommand } from '../support/run-command.ts'

const wav = Buffer.concat([Buffer.from('RIFF----WAVEfmt '), Buffer.alloc(100, 7)])
const mp3 = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(50)])
const log = gzipSync('{"msg":"a"}\n')

describe('call download', () => {
  let api: ApiServer
  let storage: ApiServer
  let cwd: string
  beforeEach(async () => {
    api = await startApiServer()
    storage = await startApiServer()
    cwd = temporaryFolder()
    api.on('GET /call/c1', () => jsonReply({ id: 'c1', status: 'ended' }))
  })
  afterEach(() => Promise.all([api.close(), storage.close()]))

  /** The API redirects to the storage for it, as the platform does. */
  function keep(artifact: string, bytes: Uint8Array, steps: FakeStep[] = [bytes]): void {
    api.on(`GET /call/c1/${artifact}`, () => redirectReply(`${storage.url}/${artifact}?signature=secret`))
    storage.on(`GET /${artifact}`, () => ({
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) },
      steps,
    }))
  }
  const run = (...words: string[]) =>
    runCommand(callDownload, ['c1', ...words], { baseUrl: api.url, cwd }).finished

  it('fetches the mono recording, named after the call and what the file is', async () => {
    keep('mono-recording', wav)
    const { exit, stdout } = await run()
    expect(exit).toBe(0)
    expect(stdout).toBe(`mono\t${wav.length}\tc1-mono.wav\n`)
    expect(readFileSync(join(cwd, 'c1-mono.wav'))).toEqual(wav)
    expect(readdirSync(cwd)).toEqual(['c1-mono.wav'])
  })

  it('fetches what is asked for, into a folder that it makes', async () => {
    keep('stereo-recording', mp3)
    keep('call-logs', log)
    const { exit, stdout } = await run('--recording', 'stereo', '--logs', '--directory', 'a/b', '--json')
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([
      { kind: 'stereo', path: join(cwd, 'a/b/c1-stereo.mp3'), bytes: mp3.length },
      { kind: 'logs', path: join(cwd, 'a/b/c1-logs.jsonl.gz') },
    ])
    expect(gunzipSync(readFileSync(join(cwd, 'a/b/c1-logs.jsonl.gz'))).toString()).toBe('{"msg":"a"}\n')
  })

  it('follows the signed link without the key', async () => {
    keep('mono-recording', wav)
    // The same machine under another name: another host, as the platform's storage is.
    api.on('GET /call/c1/mono-recording', () =>
      redirectReply(`${storage.url.replace('127.0.0.1', 'localhost')}/mono-recording?signature=secret`),
    )
    expect(await run()).toMatchObject({ exit: 0 })
    const [request] = storage.requests
    expect(request?.query.signature).toBe('secret')
    expect(JSON.stringify(request?.headers)).not.toContain(PRIVATE_KEY)
  })

  it('with --all takes what there is', async () => {
    keep('mono-recording', wav)
    keep('pcap', Buffer.from('d4c3b2a1', 'hex'))
    expect(await run('--all')).toMatchObject({ exit: 0, error: null })
    expect(readdirSync(cwd).sort()).toEqual(['c1-mono.wav', 'c1-pcap.pcap'])
  })

  it('with --all of a call of which nothing is kept says so (5)', async () => {
    expect(await run('--all')).toMatchObject({ exit: 5, error: { message: 'nothing is kept of call c1' } })
  })

  it('goes on after one that is missing, and ends with 5', async () => {
    keep('stereo-recording', wav)
    const { exit, stdout, error } = await run('--recording', 'mono', '--recording', 'stereo')
    expect(exit).toBe(5)
    expect(stdout).toContain('c1-stereo.wav')
    expect(error?.message).toBe('1 of 2 files were not downloaded')
  })

  it('goes on after one that fails, and ends with 1; JSON lists both', async () => {
    api.on('GET /call/c1/mono-recording', () => apiError(500, 'storage is down'))
    keep('stereo-recording', wav)
    const { exit, stdout } = await run('--recording', 'mono', '--recording', 'stereo', '--json')
    expect(exit).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject([
      { kind: 'mono', error: { status: 500 } },
      { kind: 'stereo', path: join(cwd, 'c1-stereo.wav') },
    ])
  })

  it('does not write over a file without --force', async () => {
    keep('mono-recording', wav)
    writeFileSync(join(cwd, 'c1-mono.mp3'), 'precious')
    expect(await run()).toMatchObject({ exit: 1, error: { code: 'file-exists' } })
    expect(storage.requests).toEqual([])
    writeFileSync(join(cwd, 'c1-mono.wav'), 'old')
    expect(await run('--force')).toMatchObject({ exit: 0 })
    expect(readFileSync(join(cwd, 'c1-mono.wav'))).toEqual(wav)
  })

  it('leaves no file of the name where the download breaks off', async () => {
    keep('mono-recording', wav, [wav.subarray(0, 20), 'cut'])
    expect(await run()).toMatchObject({ exit: 1 })
    expect(existsSync(join(cwd, 'c1-mono.wav'))).toBe(false)
    expect(existsSync(join(cwd, 'c1-mono'))).toBe(false)
  })

  it('keeps an id that is no name of a file inside the folder', async () => {
    api.on('GET /call/..%2Fx', () => jsonReply({ id: '../x', status: 'ended' }))
    api.on('GET /call/..%2Fx/mono-recording', () => ({ steps: [wav] }))
    const { exit } = await runCommand(callDownload, ['../x'], { baseUrl: api.url, cwd }).finished
    expect(exit).toBe(0)
    expect(readdirSync(cwd)).toEqual(['.._x-mono.wav'])
  })

  it('knows no other recordings, and no call that is not there', async () => {
    expect(await run('--recording', 'quad')).toMatchObject({ exit: 2 })
    expect(await runCommand(callDownload, ['none'], { baseUrl: api.url, cwd }).finished).toMatchObject({
      exit: 5,
    })
  })
})
