import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startHook } from '../support/hook.ts'
import { startVapi, temporaryFolder, vapi } from '../support/program.ts'

describe('vapi trigger, as it is built', () => {
  const inFolder = () => {
    const cwd = temporaryFolder()
    return { cwd, env: { HOME: cwd } }
  }

  it('needs no account, and gives 0, 3, 1 and 2', async () => {
    const good = await startHook()
    const wrong = await startHook(() => ({}))
    const failing = await startHook(() => 500)
    const run = (port: number, ...argv: string[]) =>
      vapi(['trigger', ...argv, '--to', String(port)], inFolder())
    expect(await run(good.port, 'assistant-request')).toMatchObject({ code: 0, stderr: '' })
    expect((await run(wrong.port, 'assistant-request')).code).toBe(3)
    expect((await run(failing.port, 'assistant-request')).code).toBe(1)
    const mistyped = await run(good.port, 'assistant-reqest')
    expect(mistyped.code).toBe(2)
    expect(mistyped.stderr).toBe(
      'error: there is no event assistant-reqest\nhint: did you mean assistant-request?\n',
    )
  })

  it('reads a message from standard input', async () => {
    const hook = await startHook()
    const { code } = await vapi(['trigger', '--file', '-', '--to', String(hook.port)], {
      ...inFolder(),
      stdin: '{"message": {"type": "hang", "mine": true}}',
    })
    expect(code).toBe(0)
    expect(hook.taken[0]?.message).toMatchObject({ type: 'hang', mine: true })
  })

  it('sends many at once, and says nothing but the sum', async () => {
    const hook = await startHook()
    const { code, stdout, stderr } = await vapi(
      ['trigger', 'hang', '--to', String(hook.port), '--count', '100', '--concurrency', '50'],
      inFolder(),
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('100 of 100 hang')
    expect(hook.taken).toHaveLength(100)
  })

  it('plays its story, and stops at Ctrl-C', async () => {
    const hook = await startHook()
    const whole = await vapi(['trigger', 'call', '--fast', '--to', String(hook.port)], inFolder())
    expect(whole.code).toBe(0)
    expect(whole.stdout).toMatch(/tool-calls +200 in \d+ ms find_times/)
    const running = startVapi(['trigger', 'call', '--to', String(hook.port)], inFolder())
    await running.prints('in-progress')
    running.child.kill('SIGINT')
    expect((await running.finished).code).toBe(130)
  })
})

describe('vapi listen verify, as it is built', () => {
  it('gives 0 where a request verifies, and 3 where it does not', async () => {
    const cwd = temporaryFolder()
    const text = 'POST /hook HTTP/1.1\r\nX-Vapi-Secret: right\r\nContent-Length: 2\r\n\r\n{}'
    writeFileSync(join(cwd, 'request.http'), text)
    const run = (secret: string) =>
      vapi(['listen', 'verify', 'request.http', '--secret', secret], { cwd, env: { HOME: cwd } })
    expect(await run('right')).toMatchObject({ code: 0, stdout: '1\t-\tverified\n' })
    const { code, stdout, stderr } = await run('wrong')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '1\t-\tX-Vapi-Secret has another secret\n' })
    expect(stdout + stderr).not.toContain('right')
  })
})
