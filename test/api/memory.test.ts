import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { type ListedRow, rowAt, startApiServer } from '../support/api-server.ts'
import { bundleProgram } from '../support/bundle.ts'

const COUNT = 50_000

/** A call of about 4 KB: messages and a transcript, as the API gives them. */
function callAt(place: number): ListedRow {
  const messages = Array.from({ length: 16 }, (_, turn) => ({
    role: turn % 2 === 0 ? 'bot' : 'user',
    message: `Turn ${turn} of call ${place}: yes, Thursday at half past nine would suit me well, thank you.`,
    time: 1_767_225_600_000 + place * 1000 + turn,
    secondsFromStart: turn * 4.2,
  }))
  const transcript = messages.map(({ message }) => message).join('\n')
  return {
    ...rowAt(place, 700),
    type: 'outboundPhoneCall',
    status: 'ended',
    endedReason: 'customer-ended-call',
    artifact: { messages, transcript },
  }
}

it('an account of 50,000 calls is listed whole in under 150 MiB', async () => {
  expect(JSON.stringify(callAt(0)).length).toBeGreaterThan(3500)
  const server = await startApiServer()
  const program = await bundleProgram(packageFile('test', 'support', 'list-program.ts'))
  try {
    server.list('/call', { rows: { count: COUNT, at: callAt }, shape: 'array' })
    const { stdout } = await promisify(execFile)(process.execPath, [program.file, server.url], { env: {} })
    const { count, last, maximumMiB } = JSON.parse(stdout)
    expect({ count, last }).toEqual({ count: COUNT, last: `row-${COUNT - 1}` })
    expect(maximumMiB).toBeLessThan(150)
    if (process.env.VAPI_TEST_FIGURES) console.log(`50,000 calls: ${maximumMiB} MiB at most`)
  } finally {
    program.remove()
    await server.close()
  }
}, 120_000)
