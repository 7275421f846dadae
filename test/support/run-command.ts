import { Readable, Writable } from 'node:stream'
import { createApi } from '../../src/api/client.ts'
import type { Context } from '../../src/cli/context.ts'
import type { Command, CommandDefinition, OptionValues } from '../../src/cli/definition.ts'
import { parseArguments } from '../../src/cli/parse.ts'
import { asVapiError, Exit, VapiError } from '../../src/errors.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { Output, type OutputFormat } from '../../src/output/output.ts'

export const PRIVATE_KEY = 'private-key-of-the-account'

export interface CommandRun {
  /** Bytes that were written to standard output so far. */
  readonly stdoutBytes: Buffer
  readonly stdout: string
  readonly stderr: string
  /** Resolves when both streams together contain the text. */
  prints(text: string): Promise<void>
  /** As Ctrl-C does. */
  interrupt(): void
  /** Resolves when the command is over; `error` is what it threw, or null. */
  finished: Promise<{ stdout: string; stderr: string; exit: number; error: VapiError | null }>
}

/**
 * Runs a command in this process against a server, with everything real but the process's own streams, environment and signals.
 */
export function runCommand(
  // biome-ignore lint/suspicious/noExplicitAny: commands differ in their options' types
  command: Command<any>,
  argv: readonly string[],
  {
    baseUrl,
    cwd = '.',
    env = {},
    stdin = [],
  }: {
    baseUrl: string
    cwd?: string
    env?: NodeJS.ProcessEnv
    stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  },
): CommandRun {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const watchers = new Set<() => void>()
  const collector = (into: Buffer[]) =>
    new Writable({
      write(piece, _encoding, done) {
        into.push(Buffer.from(piece))
        for (const watcher of watchers) watcher()
        done()
      },
    })
  const stdout = () => Buffer.concat(out).toString()
  const stderr = () => Buffer.concat(err).toString()
  const interrupt = new AbortController()
  const http = createHttpClient()

  async function run() {
    const definition: CommandDefinition = command.definition
    const { args, options, global } = parseArguments(definition, argv)
    const output = new Output(
      {
        stdout: collector(out),
        stderr: collector(err),
        stdin: Readable.from(stdin, { objectMode: false }),
        stdoutIsTerminal: false,
        stderrIsTerminal: false,
        stdinIsTerminal: false,
        columns: () => 80,
      },
      {
        format: global.json ? 'json' : ((global.output as OutputFormat | undefined) ?? null),
        jq: global.jq ?? null,
        quiet: global.quiet,
        debug: global.debug,
        colour: { stdout: false, stderr: false },
      },
    )
    output.requireFormat(...definition.formats)
    const api = createApi({
      http,
      baseUrl,
      key: PRIVATE_KEY,
      timeoutMs: 5000,
      retries: 0,
      signal: interrupt.signal,
    })
    const notHere = () => Promise.reject(new Error('not part of this context'))
    const context = {
      output,
      env,
      workingDirectory: cwd,
      interactive: false,
      signal: interrupt.signal,
      flags: {},
      prompt: notHere,
      config: notHere,
      secrets: notHere,
      connection: async () => ({ timeoutMs: 5000 }),
      key: async () => PRIVATE_KEY,
      http: async () => http,
      api: async () => api,
    } as unknown as Context
    return command.run({ args, options: options as OptionValues<CommandDefinition> }, context)
  }

  const finished = run()
    .then(
      exit => ({ exit: exit ?? 0, error: null }),
      thrown => ({ exit: asVapiError(thrown).exit as number, error: asVapiError(thrown) }),
    )
    .then(result => {
      http.close()
      for (const watcher of watchers) watcher()
      return { ...result, stdout: stdout(), stderr: stderr() }
    })
  return {
    get stdoutBytes() {
      return Buffer.concat(out)
    },
    get stdout() {
      return stdout()
    },
    get stderr() {
      return stderr()
    },
    prints: text =>
      new Promise((resolve, reject) => {
        let over = false
        const check = () => {
          if (`${stdout()}\n${stderr()}`.includes(text)) resolve()
          else if (over) reject(new Error(`ended without "${text}":\n${stdout()}\n${stderr()}`))
        }
        void finished.then(() => {
          over = true
          check()
        })
        watchers.add(check)
        check()
      }),
    interrupt: () =>
      interrupt.abort(
        new VapiError({ code: 'interrupted', message: 'interrupted by SIGINT', exit: Exit.interrupted }),
      ),
    finished,
  }
}
