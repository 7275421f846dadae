import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { cleanEnvironment, startVapi, temporaryFolder, vapi } from '../support/program.ts'

const program = packageFile('bin', 'vapi.js')

/** Runs a shell's line with `vapi` in it. */
async function shell(line: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn('sh', ['-c', line.replaceAll('vapi', `"${process.execPath}" "${program}"`)], {
    cwd: temporaryFolder(),
    env: cleanEnvironment({ HOME: temporaryFolder(), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { stdout, stderr, code }
}

/** An API that gives one page of big rows; `answered` resolves when the first one has left it. */
async function startServer(rows: number) {
  let resolve = () => {}
  const answered = new Promise<void>(done => {
    resolve = done
  })
  const server = createServer((_request, response) => {
    const list = Array.from({ length: rows }, (_, place) => ({ id: `${place}`, name: 'n'.repeat(1000) }))
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list), () => resolve())
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { answered, env: { VAPI_API_KEY: 'some-key', VAPI_API_BASE_URL: url } }
}

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  it.each(['--version', '--help', 'help output', 'commands', 'commands --json'])(
    'is one clear error of %s, without a stack trace',
    async words => {
      const { stderr, code } = await shell(`vapi ${words} > /dev/full`)
      expect(code).toBe(1)
      expect(stderr).toContain('standard output cannot be written (ENOSPC)')
      expect(stderr.trim().split('\n').length).toBeLessThan(3)
    },
  )

  it('for stderr changes no exit code', async () => {
    expect((await shell('vapi assistant nope 2> /dev/full')).code).toBe(2)
    expect((await shell('vapi help nope 2> /dev/full')).code).toBe(2)
    expect(await shell('vapi commands 2> /dev/full')).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a reader that went away', () => {
  it.each(['--help', 'commands', 'commands --json'])('is no fault of %s', async words => {
    const { stdout, stderr } = await shell(`{ vapi ${words}; echo "code $?" >&2; } | true`)
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'code 0\n' })
  })
})

describe('Ctrl-C', () => {
  it('is answered while standard input is waited for', async () => {
    const { env } = await startServer(1)
    for (const args of [
      ['assistant', 'create', '--file', '-'],
      ['assistant', 'validate', '-'],
      ['chat', 'create', '--assistant', '8f14e45f-ceea-4e7a-9c1d-2b7f6a1d5c3e', '--input', '-'],
    ]) {
      const running = startVapi([...args, '--debug'], { env, stdin: null })
      // More than a pipe holds: when it is written, the program reads.
      await new Promise<void>(done => running.child.stdin?.write('x'.repeat(2_000_000), () => done()))
      running.child.kill('SIGINT')
      expect(await running.finished, args.join(' ')).toEqual({ stdout: '', stderr: '', code: 130 })
    }
  })

  it('ends a jq filter that never ends', async () => {
    const { answered, env } = await startServer(1)
    const running = startVapi(['assistant', 'list', '--jq', 'last(repeat(1))'], { env })
    await answered
    const again = setInterval(() => running.child.kill('SIGINT'), 100)
    const { code } = await running.finished.finally(() => clearInterval(again))
    expect([130, null]).toContain(code)
  })

  it('is answered while nobody reads the output', async () => {
    const { env } = await startServer(2000)
    const child = spawn(process.execPath, [program, 'assistant', 'list', '--limit', '3000', '--json'], {
      env: cleanEnvironment({ HOME: temporaryFolder(), ...env }),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    // Takes some of it and no more.
    await once(child.stdout, 'readable')
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    child.stdout.destroy()
    expect(code).toBe(130)
  })
})

describe('jq', () => {
  it('prints a result a line where lines are asked for', async () => {
    const lines = async (...args: string[]) => (await vapi(args)).stdout.trim().split('\n')
    const names = await lines('commands', '-o', 'id')
    expect(await lines('commands', '--jq', '{name}', '-o', 'jsonl')).toHaveLength(names.length)
    expect(await lines('commands', '--jq', '.commands[] | {name}')).toHaveLength(3 * names.length)
  })

  it('hands on no control characters', async () => {
    const { stdout } = await vapi(['commands', '--jq', '"\\u001b[2J\\u009b2J"'])
    expect(stdout).toBe('"\\u001b[2J\\u009b2J"\n')
  })
})

describe('what is wrong with the words', () => {
  it.each([['-o', 'json'], ['-ojson'], ['--output=json'], ['--output', 'jsonl'], ['--json'], ['--jq', '.']])(
    'is said in JSON with %s %s',
    async (...form) => {
      const { stderr, code } = await vapi(['assistant', 'list', '--bogus', ...form.filter(Boolean)])
      expect(code).toBe(2)
      expect(JSON.parse(stderr).error.code).toBe('usage')
    },
  )

  it('is said in text with other forms', async () => {
    expect((await vapi(['assistant', 'list', '--bogus', '-o', 'yaml'])).stderr).toMatch(/^error: /)
    expect((await vapi(['call', 'say', 'x', '--bogus', '--', '--json'])).stderr).toMatch(/^error: /)
  })

  it('may be that jq and a form that is no JSON do not go together', async () => {
    const { stderr, code } = await vapi(['commands', '--jq', '.', '-o', 'yaml'])
    expect(code).toBe(2)
    expect(stderr).toContain('--jq and --output yaml exclude each other')
  })
})
