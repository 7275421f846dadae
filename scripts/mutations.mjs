// Changes one documented default after the other and expects that the test named after its rule fails: a default
// that could change unseen is not held by anything. Works on a copy of the project.
// Run: node scripts/mutations.mjs [PART OF A RULE'S ID]     Table: test/conformance/mutations.yaml
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('..', import.meta.url))
const COPIED = [
  'src',
  'test',
  'bench',
  'scripts',
  'templates',
  'bin',
  'package.json',
  'tsconfig.json',
  'vitest.config.mts',
]
const LINKED = ['node_modules', 'dist', 'completions', 'docs']

const wanted = process.argv[2] ?? ''
const { mutations } = parse(await readFile(join(root, 'test/conformance/mutations.yaml'), 'utf8'))
const rows = mutations.filter(({ rule }) => rule.includes(wanted))
const waiting = [...rows]
const survivors = []
await Promise.all(Array.from({ length: Math.max(1, Math.min(availableParallelism(), 4)) }, work))
console.log(`${rows.length - survivors.length} of ${rows.length} changed defaults made their test fail`)
for (const survivor of survivors) console.log(`  ${survivor}`)
process.exitCode = survivors.length === 0 ? 0 : 1

async function work() {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-mutations-'))
  try {
    for (const name of COPIED) await cp(join(root, name), join(folder, name), { recursive: true })
    for (const name of LINKED) await symlink(join(root, name), join(folder, name), 'junction')
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const fault = await survives(row, folder)
      if (fault !== null) survivors.push(`${row.rule} (${row.file}): ${fault}`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Why a mutation was not noticed; null where its test failed, as it shall. */
async function survives({ rule, file, from, to }, folder) {
  const path = join(folder, 'src', file)
  const source = await readFile(path, 'utf8')
  if (source.split(from).length !== 2) return `“${from}” does not stand there exactly once`
  const tests = await testsOf(rule)
  if (tests.length === 0) return 'no test carries the name of this rule'
  const name = `\\[[^\\]]*\\b${rule}\\b[^\\]]*\\]`
  await writeFile(
    path,
    source.replace(from, () => to),
  )
  const result = await runTests(tests, name, folder)
  await writeFile(path, source)
  return result === 'failed' ? null : `still ${result} with “${to}”`
}

/** Files of conformance tests that name the rule. */
async function testsOf(rule) {
  const named = new RegExp(`[[ ,'"\`]${rule}[\\], '"\`]`)
  const files = (await readdir(join(root, 'test/conformance'))).filter(name => name.endsWith('.test.ts'))
  const found = []
  for (const name of files) {
    if (name === 'rules.test.ts') continue
    if (named.test(await readFile(join(root, 'test/conformance', name), 'utf8')))
      found.push(`test/conformance/${name}`)
  }
  return found
}

/** Runs the tests of those names: `passed`, `failed`, or `did not run`. */
async function runTests(files, name, folder) {
  const report = join(folder, 'report.json')
  await rm(report, { force: true })
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', ...files, '-t', name, '--reporter=json', `--outputFile=${report}`]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' })
  await new Promise(resolve => child.once('close', resolve))
  const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'))
  if (numFailedTests > 0) return 'failed'
  return numPassedTests > 0 ? 'passed' : 'did not run'
}
