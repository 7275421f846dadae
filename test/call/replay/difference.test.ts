import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import callReplay from '../../../src/commands/call-replay.ts'
import { temporaryFolder } from '../../support/program.ts'
import { saveYaml } from '../../support/replay.ts'
import { runCommand } from '../../support/run-command.ts'

const yaml = `
assistant: { model: { provider: openai, model: gpt-4o, messages: [{ role: system, content: You take orders. Be brief. }] } }
caller: [{ at: 0, say: "A table, please.", lasts: 1 }]
model: [{ reply: "For when?" }]`

async function replay(...argv: string[]) {
  const { path } = await saveYaml(yaml)
  return replayed(path, ...argv)
}

function replayed(path: string, ...argv: string[]) {
  return runCommand(callReplay, [path, ...argv], { baseUrl: 'http://127.0.0.1:9', cwd: temporaryFolder() })
    .finished
}

describe('a request that was not made before', () => {
  const [message, size] = ['model.messages[0].content=You take orders. Be kind.', 'model.temperature=0.9']

  it('tells the first message that differs, and that no turn could be compared', async () => {
    const { stderr, exit } = await replay('--set', message)
    expect(exit).toBe(3)
    expect(stderr).toContain('no turn could be compared\n')
    expect(stderr).toMatch(
      /was not asked this before; messages\.\d\.content: ".*Be brief\..* before, ".*Be kind\..* now/,
    )
  })

  it('tells the setting that differs', async () => {
    const { stderr } = await replay('--set', size)
    expect(stderr).toContain('; model.temperature: ')
    expect(stderr).toContain('0.9 now')
  })

  it('has the difference in JSON', async () => {
    const { stdout } = await replay('--set', message, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      diverged: {
        difference: {
          path: expect.stringMatching(/^messages\.\d\.content$/),
          before: expect.stringContaining('You take orders. Be brief.'),
          after: expect.stringContaining('You take orders. Be kind.'),
        },
      },
    })
  })
})

describe('what is named to a replay', () => {
  it('may be a folder with one saved call', async () => {
    const { path } = await saveYaml(yaml)
    const { stdout, exit } = await replayed(join(path, '..'))
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringMatching(/^identical: /) })
  })

  it('is told in plain words where it has none, or several', async () => {
    const folder = temporaryFolder()
    expect((await replayed(folder)).error).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('is a folder without a saved call (.vapicall)'),
    })
    for (const name of ['a', 'b']) writeFileSync(join(folder, `${name}.vapicall`), '')
    expect((await replayed(folder)).error?.message).toContain('several saved calls: a.vapicall, b.vapicall')
  })
})
