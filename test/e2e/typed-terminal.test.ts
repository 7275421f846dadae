import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/program.ts'
import { startInTerminal } from '../support/terminal.ts'

const clear = '\r\u001b[J'

it('a typed call takes the prompt off the screen before it lists its files', async () => {
  const cwd = temporaryFolder()
  const assistant = {
    firstMessage: 'Hello.',
    voice: { provider: 'silent' },
    model: { provider: 'custom-llm', url: 'http://127.0.0.1:9/v1', model: 'none' },
  }
  writeFileSync(join(cwd, 'a.json'), JSON.stringify(assistant))
  const run = startInTerminal(['call', 'local', 'a.json', '--in', 'text', '--max-duration', '1'], { cwd })
  await run.finished
  const [before = ''] = run.raw().split('artifact ')
  expect(before.slice(before.lastIndexOf('> '))).toContain(clear)
})
