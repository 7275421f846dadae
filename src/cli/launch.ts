import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { withoutAlias } from './aliases.ts'
import { explainUnknown } from './unknown.ts'

/** The part of the process that the launcher needs. */
interface Host {
  stdout: HostStream
  stderr: HostStream
  exitCode?: number | string | null | undefined
}

interface HostStream {
  write(text: string): unknown
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/** Where the rendered help stands: start and length in bytes of each page in dist/help.txt. */
export interface HelpIndex {
  /** Global options that take a value, so that the value is not taken for a command: `--account`, `-o`. */
  valueOptions: readonly string[]
  /** Names of commands. */
  commands: readonly string[]
  /** By command or group; the empty name is the program itself. */
  pages: Readonly<Record<string, readonly [start: number, length: number]>>
  topics: Readonly<Record<string, readonly [start: number, length: number]>>
}

/**
 * Answers `--version` and `--help` from what the build made, and loads the program for everything else. This file
 * imports nothing but the system and small data, so that the two answers cost next to nothing.
 */
export function launch(argv: readonly string[], host: Host): void {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const hasWords = options.some(option => !option.startsWith('-'))
  if (!hasWords && options.some(option => option === '--version' || option === '-v')) {
    const manifest: { version: string } = JSON.parse(
      readFileSync(join(__dirname, '..', 'package.json'), 'utf8'),
    )
    print(`${manifest.version}\n`, host)
  } else if (
    argv.length === 0 ||
    argv[0] === 'help' ||
    options.includes('--help') ||
    options.includes('-h')
  ) {
    help(options, host)
  } else {
    // Loaded here, not at the top: help and version must not pay for it.
    const program: typeof import('./main.ts') = require('./cli.cjs')
    void program.main(argv)
  }
}

/** Prints the page of the command, group or topic that the words begin with. */
function help(options: readonly string[], host: Host): void {
  const index: HelpIndex = JSON.parse(readFileSync(join(__dirname, 'help.json'), 'utf8'))
  const given = options.filter(
    (option, place) => !option.startsWith('-') && !index.valueOptions.includes(options[place - 1] ?? ''),
  )
  const asked = given[0] === 'help' ? given.slice(1) : given
  const topic = given[0] === 'help' && asked.length === 1 ? index.topics[asked[0] ?? ''] : undefined
  if (topic !== undefined) {
    print(page(topic), host)
    return
  }
  const words = asked.length === 0 ? [] : withoutAlias(asked.join(' ')).split(' ')
  const name = longestName(words, index)
  const place = name === null ? undefined : index.pages[name]
  if (place !== undefined) {
    print(page(place), host)
    return
  }
  const { message, hint } = explainUnknown(words, index.commands)
  host.stderr.on('error', () => {})
  host.stderr.write(`error: ${message}\nhint: ${hint}\n`)
  host.exitCode = 2
}

/** Prints; a reader that went away is no fault, a full disk is. */
function print(text: string, host: Host): void {
  host.stdout.on('error', ({ code }) => {
    if (code === 'EPIPE') return
    host.exitCode = 1
    host.stderr.on('error', () => {})
    host.stderr.write(`error: standard output cannot be written (${code})\n`)
  })
  host.stdout.write(text)
}

/** The command that the words begin with, or the group that they are; words behind a group name no command. */
function longestName(words: readonly string[], { pages, commands }: HelpIndex): string | null {
  const all = words.join(' ')
  if (Object.hasOwn(pages, all)) return all
  for (let count = words.length - 1; count > 0; count--) {
    const name = words.slice(0, count).join(' ')
    if (commands.includes(name)) return name
  }
  return null
}

function page([start, length]: readonly [number, number]): string {
  const file = openSync(join(__dirname, 'help.txt'), 'r')
  try {
    const bytes = Buffer.alloc(length)
    readSync(file, bytes, 0, length, start)
    return bytes.toString('utf8')
  } finally {
    closeSync(file)
  }
}
