import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HostedCall, type HostedConnection, startHostedCall } from '../support/hosted-call.ts'
import { startVapi, temporaryFolder } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { soundCardPrograms, startSoundCard } from '../support/sound-card.ts'
import { startInTerminal } from '../support/terminal.ts'

const missing = requires(...soundCardPrograms)

describe('the built program in a call on the platform', () => {
  let hosted: HostedCall
  let folder: string
  let connected: Promise<HostedConnection>
  beforeEach(async () => {
    hosted = await startHostedCall()
    folder = temporaryFolder()
    writeFileSync(join(folder, 'desk.json'), '{"name":"Desk"}')
    connected = new Promise(resolve => {
      hosted.serve = resolve
    })
  })
  afterEach(() => hosted.close())

  const options = (env: NodeJS.ProcessEnv = {}) => ({
    cwd: folder,
    env: { ...env, HOME: folder, VAPI_API_KEY: 'private-key', VAPI_API_BASE_URL: hosted.url },
  })
  const hungUp = ['{"type":"hangup"}']

  it('takes typed lines at a terminal, and Ctrl-C hangs up', async () => {
    const terminal = startInTerminal(['call', 'connect', 'desk.json', '--in', 'text'], options())
    const { tell, texts } = await connected
    tell({ type: 'transcript', role: 'assistant', transcriptType: 'final', transcript: 'Good morning.' })
    await terminal.waitFor(/assistant +Good morning\./)
    terminal.type('I would like tea.')
    terminal.press('enter')
    while (hosted.controls.length === 0) await new Promise(resolve => setTimeout(resolve, 10))
    terminal.press('ctrl-c')
    await terminal.waitFor(/ended +customer-ended-call/)
    expect((await terminal.finished).code).toBe(130)
    expect(texts).toEqual(hungUp)
    expect(hosted.controls).toEqual([
      { type: 'add-message', message: { role: 'user', content: 'I would like tea.' } },
    ])
  })

  it('leaves at once on a second Ctrl-C, when the platform does not answer', async () => {
    hosted.hangUp = null
    const run = startVapi(['call', 'connect', 'desk.json', '--in', 'text'], { ...options(), stdin: null })
    const connection = await connected
    await connection.hears(6400)
    run.child.kill('SIGINT')
    while (connection.texts.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
    const beganMs = performance.now()
    run.child.kill('SIGINT')
    expect((await run.finished).code).toBe(130)
    expect(performance.now() - beganMs).toBeLessThan(1500)
  })

  it.skipIf(missing)(
    `has keys for mute and hanging up${missing ? ` (${missing})` : ''}`,
    async () => {
      const card = await startSoundCard()
      try {
        // Not all of the card's environment: CI in it means that nobody is at the terminal.
        const { XDG_RUNTIME_DIR, PULSE_SERVER } = card.env
        const terminal = startInTerminal(
          ['call', 'connect', 'desk.json'],
          options({ XDG_RUNTIME_DIR, PULSE_SERVER }),
        )
        await terminal.waitFor('echo: half-duplex')
        const { texts } = await connected
        await terminal.waitFor('q hangs up')
        terminal.type('m')
        await terminal.waitFor('muted')
        terminal.type('q')
        expect((await terminal.finished).code).toBe(0)
        expect(texts).toEqual(hungUp)
      } finally {
        await card.stop()
      }
    },
    30_000,
  )
})
