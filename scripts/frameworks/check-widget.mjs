// Holds that the page here asks for the script of the widget as its package has it, and that the script knows what the page says.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const page = readFileSync('index.html', 'utf8')
const [, specification, path] = /src="https:\/\/unpkg\.com\/(@[^/]+\/[^/]+)\/([^"]+)"/.exec(page) ?? []
if (specification === undefined) throw new Error('the page has no script of unpkg.com')
const folder = mkdtempSync(join(tmpdir(), 'vapi-widget-'))
try {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', specification], { cwd: folder, encoding: 'utf8' }),
  )
  execFileSync('tar', ['xzf', filename], { cwd: folder })
  const script = readFileSync(join(folder, 'package', path), 'utf8')
  const [, attributes] = /<vapi-widget\s([^>]*)>/.exec(page) ?? []
  const names = [...attributes.matchAll(/([a-z-]+)=/g)].map(([, name]) => name)
  const unknown = ['vapi-widget', ...names].filter(name => !new RegExp(`\\b${name}\\b`).test(script))
  if (unknown.length > 0) throw new Error(`${path} of ${specification} does not know ${unknown.join(', ')}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
