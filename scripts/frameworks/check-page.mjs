// Starts what serves a built page, and looks at it in Chromium: the button has to be there.
//   node check-page.mjs PROGRAM [ARGUMENT...]
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withServer } from './serve.mjs'

const profile = mkdtempSync(join(tmpdir(), 'vapi-page-'))
try {
  await withServer(process.argv.slice(2), {}, async address => {
    const { stdout } = await promisify(execFile)('chromium', [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...[`--user-data-dir=${profile}`, '--virtual-time-budget=5000', '--dump-dom', address],
    ])
    const button = /<button\b[^>]*data-status="idle"[^>]*>\s*Talk to the assistant\s*<\/button>/.exec(stdout)
    console.log(button?.[0] ?? stdout)
    if (button === null) throw new Error('the page has no button')
  })
} finally {
  rmSync(profile, { recursive: true, force: true })
}
