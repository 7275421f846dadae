import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../../src/package-root.ts'
import { requires } from '../../support/requires.ts'
import { rewrite, writtenProject } from './written-project.ts'

const missing = requires('elixir')

describe('vapi init in a project of Phoenix', () => {
  it.skipIf(missing)(
    `writes a webhook that answers${missing === false ? '' : ` (${missing})`}`,
    { timeout: 60_000 },
    async () => {
      const { root } = await writtenProject('phoenix')
      const test = packageFile('test', 'init', 'templates', 'phoenix-webhook.exs')
      const folder = join(root, 'lib/demo_web/controllers')
      const env = { ...process.env, LC_ALL: 'C.UTF-8', HOME: dirname(root) }
      const run = spawnSync('elixir', [test, folder], { env, encoding: 'utf8' })
      expect(run.stdout + run.stderr).toContain('3 tests, 0 failures')
      expect(run.stderr).not.toContain('warning:')
    },
  )

  it('adds the hook to the options of the LiveSocket, beside others', async () => {
    const plain = await writtenProject('phoenix')
    expect(plain.text('assets/js/app.js')).toContain(
      'new LiveSocket("/live", Socket, {\n  hooks: {VapiButton},\n  longPollFallbackMs: 2500,',
    )
    const hooked = await writtenProject('phoenix', {
      prepare: root =>
        rewrite(root, 'assets/js/app.js', code =>
          code.replace('params: {_csrf', 'hooks: {...colocatedHooks},\n  params: {_csrf'),
        ),
    })
    expect(hooked.text('assets/js/app.js')).toContain('hooks: {VapiButton, ...colocatedHooks},')
    expect(hooked.report.byHand).toEqual([])
  })
})
