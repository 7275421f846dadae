import { commands } from '../commands/manifest.ts'
import { asVapiError, Exit, type ExitCode, systemCodeOf, usageError, VapiError } from '../errors.ts'
import { Output, type OutputFormat } from '../output/output.ts'
import { processStreams } from '../output/streams.ts'
import { bareGroups, withoutAlias } from './aliases.ts'
import { createContext, requireKey } from './create-context.ts'
import type { Command, CommandDefinition, OptionValues } from './definition.ts'
import { globalOptions } from './global-options.ts'
import { type Parsed, parseArguments } from './parse.ts'
import { explainUnknown } from './unknown.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs the command that the words name and ends the process: the one place where errors become exit codes. */
export async function main(argv: readonly string[]): Promise<void> {
  const streams = processStreams(reason => {
    if (reason !== null) output.error(outputLost(reason))
    process.exit(reason === null ? Exit.done : Exit.failed)
  })
  const { env } = process
  const plain = {
    format: null,
    jq: null,
    quiet: false,
    debug: false,
    colour: { stdout: false, stderr: false },
  }
  let output = new Output(streams, asksForJson(argv) ? { ...plain, format: 'json' } : plain)
  const interrupt = new AbortController()
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) process.exit(Exit.interrupted)
    interrupt.abort(
      new VapiError({ code: 'interrupted', message: `interrupted by ${signal}`, exit: Exit.interrupted }),
    )
    // Whoever reads it waits no longer.
    streams.stdin.destroy()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  // With nothing left to wait for, Node would end a command that has no result as if all were well.
  process.once('beforeExit', () => {
    const message = 'the command came to a stop and has no result; this is a fault of vapi'
    output.error(new VapiError({ code: 'internal', message, hint: 'please report what led to it' }))
    process.exit(Exit.failed)
  })
  let exit: ExitCode
  let ownEnd = false
  try {
    const { command, rest } = await findCommand(argv)
    const { args, options, global } = parseArguments(command.definition, rest)
    output = new Output(streams, {
      format: formatOf(global),
      jq: global.jq ?? null,
      quiet: global.quiet,
      debug: global.debug,
      colour: {
        stdout: wantsColour(global['no-color'], env, streams.stdoutIsTerminal),
        stderr: wantsColour(global['no-color'], env, streams.stderrIsTerminal),
      },
      signal: interrupt.signal,
      // Without a handler a signal ends the process by itself, also one that is too busy to hear of it.
      whileBlocked: work => {
        for (const signal of SIGNALS) process.off(signal, onSignal)
        try {
          return work()
        } finally {
          for (const signal of SIGNALS) process.on(signal, onSignal)
        }
      },
    })
    output.requireFormat(...command.definition.formats)
    await output.ready()
    const interactive =
      streams.stdinIsTerminal && streams.stderrIsTerminal && !global['no-input'] && (env.CI ?? '') === ''
    const context = createContext({
      output,
      env,
      workingDirectory: process.cwd(),
      interactive,
      signal: interrupt.signal,
      flags: {
        account: global.account,
        apiKey: global['api-key'],
        baseUrl: global['base-url'],
        config: global.config,
        timeoutSeconds: global.timeout,
      },
    })
    if (command.definition.needsLogin) await requireKey(context)
    exit =
      (await command.run({ args, options: options as OptionValues<CommandDefinition> }, context)) ?? Exit.done
    ownEnd = command.definition.endsOnSignal === true
  } catch (error) {
    const known = asVapiError(error)
    // After Ctrl-C what is not our own error is that a stream was closed.
    const isInterrupt = interrupt.signal.aborted && !(error instanceof VapiError)
    if (known.code !== 'interrupted' && !isInterrupt) output.error(known)
    exit = known.exit
  }
  if (interrupt.signal.aborted && !ownEnd) exit = Exit.interrupted
  await output.flush()
  process.exit(exit)
}

/** Whether JSON is wanted, before the words are understood: what is wrong with them is then said in JSON too. */
function asksForJson(argv: readonly string[]): boolean {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  return words.some(
    (word, place) =>
      /^(--json|--jq(=.*)?|(--output=|-o)jsonl?)$/s.test(word) ||
      (/^(-o|--output)$/.test(word) && /^jsonl?$/.test(words[place + 1] ?? '')),
  )
}

function outputLost(reason: Error): VapiError {
  return new VapiError({
    code: 'cannot-write',
    message: `standard output cannot be written (${systemCodeOf(reason) ?? reason.message})`,
    hint: 'what was printed is not complete',
  })
}

/** Finds the command by its words; options may stand before and between them. */
async function findCommand(argv: readonly string[]): Promise<{ command: Command; rest: string[] }> {
  const words: number[] = []
  for (let place = 0; place < argv.length; place++) {
    const word = argv[place] ?? ''
    if (word === '--') break
    if (!word.startsWith('-')) words.push(place)
    else if (takesValue(word)) place++
  }
  const text = (count: number) =>
    withoutAlias(
      words
        .slice(0, count)
        .map(place => argv[place])
        .join(' '),
    )
  for (let count = Math.min(words.length, 3); count > 0; count--) {
    const next = argv[(words[count - 1] ?? 0) + 1]
    const isBare = next === undefined || next.startsWith('-')
    const name = (isBare ? bareGroups[text(count)] : undefined) ?? text(count)
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (load === undefined) continue
    const taken = new Set(words.slice(0, count))
    return { command: await load(), rest: argv.filter((_, place) => !taken.has(place)) }
  }
  const { message, hint } = explainUnknown(
    text(words.length).split(' ').filter(Boolean),
    Object.keys(commands),
  )
  throw usageError(message, hint)
}

function takesValue(word: string): boolean {
  return Object.entries(globalOptions).some(
    ([name, option]) =>
      option.type !== 'boolean' &&
      (word === `--${name}` || ('short' in option && word === `-${option.short}`)),
  )
}

function formatOf(global: Parsed['global']): OutputFormat | null {
  if (global.json && global.output !== undefined && global.output !== 'json') {
    throw usageError(`--json and --output ${global.output} exclude each other`)
  }
  if (global.jq !== undefined && global.output !== undefined && !/^jsonl?$/.test(global.output)) {
    throw usageError(`--jq and --output ${global.output} exclude each other`, 'jq filters JSON')
  }
  return global.json ? 'json' : ((global.output as OutputFormat | undefined) ?? null)
}

function wantsColour(refused: boolean, env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if (refused || (env.NO_COLOR ?? '') !== '') return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0'
  return terminal && env.TERM !== 'dumb'
}
