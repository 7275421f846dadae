import { type ChildProcess, spawn } from 'node:child_process'
import * as nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import type { Render } from '../../assistant/variables.ts'
import type { ToolOutcome, ToolRequest } from '../../engine/ports/tool-runner.ts'
import { messageOf } from '../../errors.ts'
import { isObject } from '../../is-object.ts'

/** The time for code that does not say it, and the most that it may have, in seconds (API: CodeTool). */
const DEFAULT_TIMEOUT_SECONDS = 10
const MAXIMUM_TIMEOUT_SECONDS = 30
const MAXIMUM_OUTPUT_BYTES = 1_048_576
const MAXIMUM_CODE_CHARACTERS = 50_000

/** Why code does not run without the user's leave. */
export const CODE_NOT_ALLOWED =
  'the code of this tool was not run: a local call runs code only with --allow-code'

/**
 * Reads `{ code, args, env }`, runs the code as the body of an async function, and writes its result. Whatever the code
 * prints is nothing to the call.
 */
const PROGRAM = `
const { code, args, env } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
const write = value => require('node:fs').writeSync(3, JSON.stringify(value) + '\\n')
const AsyncFunction = (async () => {}).constructor
Promise.resolve()
  .then(() => new AsyncFunction('args', 'env', code)(args, env))
  .then(result => write({ result: result === undefined ? null : result }))
  .catch(error => write({ error: String((error && error.message) || error) }))
`

/**
 * Runs a `code` tool in a process of its own: without this program's environment, without files or further processes, and no
 * longer than its time limit. Types are taken out of the code where this version of Node can do that.
 */
export async function runCode(
  { call, definition }: ToolRequest,
  render: Render,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const code = typeof definition.code === 'string' ? definition.code : ''
  if (code.length > MAXIMUM_CODE_CHARACTERS)
    return { type: 'error', error: `the code has over ${MAXIMUM_CODE_CHARACTERS} characters` }
  const given =
    typeof definition.timeoutSeconds === 'number' ? definition.timeoutSeconds : DEFAULT_TIMEOUT_SECONDS
  const limitSeconds = Math.min(MAXIMUM_TIMEOUT_SECONDS, Math.max(1, given))
  const input = JSON.stringify({
    code: withoutTypes(code),
    args: call.arguments,
    env: environmentOf(definition.environmentVariables, render),
  })
  const reply = await runProcess(input, limitSeconds * 1000, signal)
  if (reply === 'late') return { type: 'error', error: `the code did not end within ${limitSeconds} s` }
  return outcomeOf(reply)
}

/** Only newer versions of Node can take types out; older ones run what is JavaScript already. */
function withoutTypes(code: string): string {
  const strip = (nodeModule as { stripTypeScriptTypes?: (code: string) => string }).stripTypeScriptTypes
  if (strip === undefined) return code
  const [before, after] = ['async function tool(args, env) {', '\n}']
  try {
    const stripped = strip(`${before}${code}${after}`)
    return stripped.slice(before.length, -after.length)
  } catch {
    // Its fault is told by running it.
    return code
  }
}

function environmentOf(list: unknown, render: Render): Record<string, string> {
  const items = Array.isArray(list) ? list.filter(isObject) : []
  return Object.fromEntries(
    items.map(({ name, value }) => [String(name), render(String(value ?? ''), 'environmentVariables')]),
  )
}

function runProcess(input: string, limitMs: number, signal: AbortSignal): Promise<string | 'late'> {
  return new Promise(resolve => {
    let written = ''
    let printed = ''
    let late = false
    const child: ChildProcess = spawn(
      process.execPath,
      [...permissionFlags(), '--no-warnings', '-e', PROGRAM],
      {
        // Windows starts no process without its system folder.
        env: process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot },
        cwd: tmpdir(),
        stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
        detached: false,
      },
    )
    const stop = () => child.kill('SIGKILL')
    const timer = setTimeout(() => {
      late = true
      stop()
    }, limitMs)
    signal.addEventListener('abort', stop, { once: true })
    const result = child.stdio[3]
    if (result !== null && result !== undefined && 'on' in result)
      result.on('data', (bytes: Buffer) => {
        written += bytes.toString('utf8')
        // The answer is there: nobody waits for what the code left running.
        if (written.endsWith('\n') || written.length > MAXIMUM_OUTPUT_BYTES) stop()
      })
    child.stderr?.on('data', (bytes: Buffer) => {
      if (printed.length < 2000) printed += bytes.toString('utf8')
    })
    const done = (answer: string) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(answer)
    }
    child.on('error', error => done(JSON.stringify({ error: messageOf(error) })))
    child.on('close', () => {
      if (late) return done('late')
      if (written.length > MAXIMUM_OUTPUT_BYTES)
        return done(JSON.stringify({ error: 'its result is over 1 MB' }))
      done(
        written === '' ? JSON.stringify({ error: printed.trim() || 'it ended without a result' }) : written,
      )
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

/** Node's permission model, where it is there: no files, no processes, no workers; the network is free. */
function permissionFlags(): string[] {
  const flag = ['--permission', '--experimental-permission'].find(name =>
    process.allowedNodeEnvironmentFlags.has(name),
  )
  // Newer versions forbid the network as well unless told otherwise.
  const network = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []
  return flag === undefined ? [] : [flag, ...network]
}

function outcomeOf(reply: string): ToolOutcome {
  try {
    const answer: unknown = JSON.parse(reply)
    if (isObject(answer) && typeof answer.error === 'string') return { type: 'error', error: answer.error }
    const result = isObject(answer) ? answer.result : null
    return { type: 'result', result: typeof result === 'string' ? result : JSON.stringify(result ?? null) }
  } catch {
    return { type: 'error', error: 'its result could not be read' }
  }
}
