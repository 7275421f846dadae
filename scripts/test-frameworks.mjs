// Proves the templates of `vapi init` with the frameworks themselves: generates each project by the framework's own generator (or
// takes the small one of the template), runs the built `vapi init --yes` in it, installs, runs it a second time (nothing may
// change), shows the button on a page, and builds. Prints a table; exit 1 where one failed.
//   node scripts/test-frameworks.mjs [--only ID,ID] [--set small] [--jobs N] [--folder DIR] [--keep]
import { spawn } from 'node:child_process'
import {
  cpSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cases } from './frameworks/cases.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const STEP_LIMIT_MS = 10 * 60_000
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    set: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    folder: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})

const env = {
  ...process.env,
  CI: '1',
  npm_config_yes: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_prefer_offline: 'true',
  // What `npm run` hands down from this project’s own settings is not the generators’.
  npm_config_engine_strict: 'false',
  DO_NOT_TRACK: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  ASTRO_TELEMETRY_DISABLED: '1',
  NG_CLI_ANALYTICS: 'false',
  EXPO_NO_TELEMETRY: '1',
  VAPI_KEYRING: 'off',
}

/** Runs a program to its end; its output goes to the log, its stdout is given back. Throws where it fails. */
function run([program, ...programArguments], cwd, log) {
  log.write(`\n$ ${[program, ...programArguments].join(' ')}\n`)
  return new Promise((settle, reject) => {
    const child = spawn(program, programArguments, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const stop = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), STEP_LIMIT_MS)
    let text = ''
    child.stdout.on('data', piece => {
      text += piece
      log.write(piece)
    })
    child.stderr.on('data', piece => log.write(piece))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(stop)
      if (code === 0) settle(text)
      else
        reject(new Error(`${program} ${programArguments.slice(0, 3).join(' ')} ended with ${code ?? signal}`))
    })
  })
}

function init(project, log, ...flags) {
  return run(
    [process.execPath, join(root, 'bin', 'vapi.js'), 'init', '--yes', '--json', ...flags],
    project,
    log,
  )
}

/** One framework from its generator to its proof. */
async function prove(one, place) {
  const project = join(place, one.id)
  const logPath = join(place, `${one.id}.log`)
  rmSync(project, { recursive: true, force: true })
  const log = createWriteStream(logPath)
  const result = { id: one.id, seconds: {}, log: logPath }
  const timed = async (step, work) => {
    const began = performance.now()
    result.step = step
    const value = await work()
    result.seconds[step] = (performance.now() - began) / 1000
    return value
  }
  try {
    await timed('make', async () => {
      if (one.copy !== undefined)
        cpSync(join(root, 'templates', 'init', one.copy, 'project'), project, { recursive: true })
      for (const command of one.make?.(one.id) ?? []) await run(command, place, log)
      for (const [path, content] of Object.entries(one.files ?? {})) put(project, path, content)
      for (const command of one.install ?? [['npm', 'install', ...(one.npmFlags ?? [])]])
        await run(command, project, log)
    })
    const report = JSON.parse(await timed('init', () => init(project, log, ...(one.flags ?? []))))
    Object.assign(result, {
      framework: report.framework,
      variant: report.variant,
      files: report.files.length,
    })
    if (report.framework !== one.framework)
      throw new Error(`taken for ${report.framework}, not ${one.framework}`)
    const kept = report.files.filter(({ action }) => action === 'kept')
    if (kept.length > 0) throw new Error(`in the way: ${kept.map(({ path }) => path).join(', ')}`)
    if (report.byHand.length > (one.byHand ?? 0))
      throw new Error(
        `to be done by hand: ${report.byHand.map(({ path, text }) => `${path}: ${text}`).join('; ')}`,
      )
    const again = JSON.parse(await init(project, log, ...(one.flags ?? [])))
    if (again.files.length + again.installs.length > 0) throw new Error('a second run finds something to do')
    await timed('proof', async () => {
      for (const [path, content] of Object.entries(one.show ?? {})) put(project, path, content)
      for (const command of one.proof) await run(command, project, log)
    })
    result.status = 'proven'
    if (!values.keep) rmSync(project, { recursive: true, force: true })
  } catch (error) {
    result.status = `failed (${result.step}): ${error.message}`
  }
  log.end()
  return result
}

function put(project, path, content) {
  const target = join(project, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, typeof content === 'function' ? content(readFileSync(target, 'utf8')) : content)
}

const asked = values.only?.split(',')
const unknown = asked?.filter(id => !cases.some(one => one.id === id)) ?? []
if (unknown.length > 0) {
  console.error(`not known: ${unknown.join(', ')}. There are: ${cases.map(({ id }) => id).join(', ')}`)
  process.exit(2)
}
const chosen = cases.filter(
  one => asked?.includes(one.id) ?? (values.set === undefined || one.set === values.set),
)
const place =
  values.folder === undefined ? mkdtempSync(join(tmpdir(), 'vapi-frameworks-')) : resolve(values.folder)
mkdirSync(place, { recursive: true })
const waiting = [...chosen]
const results = []
const work = async () => {
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    let result = await prove(one, place)
    // What broke off while a project was made is the registry's fault or the generator's: once more, and it is told.
    if (result.step === 'make' && result.status !== 'proven') {
      console.error(`${result.id}: ${result.status}; once more`)
      result = await prove(one, place)
    }
    results.push(result)
    console.error(`${result.id}: ${result.status}`)
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work))

const seconds = value => (value === undefined ? '-' : value.toFixed(value < 10 ? 1 : 0))
console.log('| project | found as | files | generator + install s | init + SDK s | proof s | result |')
console.log('|---|---|---|---|---|---|---|')
for (const one of cases.map(({ id }) => results.find(result => result.id === id)).filter(Boolean)) {
  const found = [one.framework, one.variant].filter(Boolean).join(' ') || '-'
  const times = ['make', 'init', 'proof'].map(step => seconds(one.seconds[step]))
  console.log(`| ${one.id} | ${found} | ${one.files ?? '-'} | ${times.join(' | ')} | ${one.status} |`)
}
const failed = results.filter(({ status }) => status !== 'proven')
for (const { id, log } of failed) console.error(`\n${id}: ${log}\n${readFileSync(log, 'utf8').slice(-1500)}`)
if (!values.keep && failed.length === 0 && values.folder === undefined)
  rmSync(place, { recursive: true, force: true })
process.exitCode = failed.length > 0 ? 1 : 0
