import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { frameworkOf } from '../../../src/init/frameworks/table.ts'
import { allTemplates, templatesFolder } from '../../../src/init/template/find.ts'
import { packageFile } from '../../../src/package-root.ts'
import { vapi } from '../../support/program.ts'
import { writtenProject } from './written-project.ts'

const templates = await allTemplates()

function everything(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(path =>
    statSync(join(root, path)).isFile(),
  )
  return Object.fromEntries(paths.sort().map(path => [path, readFileSync(join(root, path), 'utf8')]))
}

describe.each(templates.map(template => ({ name: template.folder.split('/').at(-1) ?? '', template })))(
  'the template $name',
  ({ name, template }) => {
    it('is for a framework that is known, and all of its files are there', () => {
      const row = frameworkOf(template.framework)
      expect(row, template.framework).toBeDefined()
      const missing = template.files.filter(({ from }) => !existsSync(join(template.folder, from)))
      expect(missing).toEqual([])
    })

    it('has JavaScript for all that it writes in TypeScript, without a trace of types', () => {
      const typed = template.files.filter(({ from }) => /\.tsx?$/.test(from))
      for (const { from } of typed) {
        const source = join(template.folder, from)
        if (/^@\w+\(/m.test(readFileSync(source, 'utf8')) || template.framework === 'angular') continue
        const path = source
          .replace(templatesFolder(), packageFile('dist', 'templates'))
          .replace(/\.ts(x?)$/, '.js$1')
        expect(readFileSync(path, 'utf8'), path).not.toMatch(/^(import type|export interface|interface) /m)
      }
    })

    it('fits its own project: no file in the way, nothing left by hand, nothing a second time, and back', async () => {
      const before = everything(join(template.folder, 'project'))
      const { root, report } = await writtenProject(name)
      expect(report).toMatchObject({ framework: template.framework, byHand: [], warnings: expect.any(Array) })
      expect(report.files.length).toBeGreaterThan(0)
      expect(report.files.filter(({ action }) => !['create', 'edit'].includes(action))).toEqual([])
      for (const { path } of report.files)
        if (/\.(ts|tsx|vue|svelte|astro|mts)$/.test(path)) expectNeighbours(root, path)
      const again = await vapi(['init', '--json', '--skip-install'], { cwd: root })
      expect(JSON.parse(again.stdout).files).toEqual([])
      await vapi(['init', '--undo'], { cwd: root })
      expect(everything(root)).toEqual(before)
    })
  },
)

/** Every file that a written one imports by a relative path is there. */
function expectNeighbours(root: string, path: string): void {
  const text = readFileSync(join(root, path), 'utf8')
  for (const [, from = ''] of text.matchAll(/\bfrom '(\.[^']+)'/g)) {
    if (from === './$types') continue
    const place = join(root, path, '..', from).replace(/\.js$/, '')
    const found = ['', '.ts', '.tsx', '.js', '/index.ts'].some(
      end => existsSync(place + end) && statSync(place + end).isFile(),
    )
    expect(found, `${path}: ${from}`).toBe(true)
  }
}
