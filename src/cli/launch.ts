import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The part of the process that the launcher needs. */
interface Host {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
  exitCode?: number | string | null | undefined
}

/**
 * Answers `--version` and `--help` from what the build made, and loads the program for everything else. This file
 * imports nothing but the system, so that the two answers cost next to nothing.
 */
export function launch(argv: readonly string[], host: Host): void {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const words = argv.filter(word => !word.startsWith('-'))
  if (words.length === 0 && options.some(option => option === '--version' || option === '-v')) {
    const manifest: { version: string } = JSON.parse(
      readFileSync(join(__dirname, '..', 'package.json'), 'utf8'),
    )
    host.stdout.write(`${manifest.version}\n`)
  } else if (
    argv.length === 0 ||
    words[0] === 'help' ||
    options.includes('--help') ||
    options.includes('-h')
  ) {
    help(words[0] === 'help' ? words.slice(1) : words, host)
  } else {
    // Loaded here, not at the top: help and version must not pay for it.
    const program: typeof import('./main.ts') = require('./cli.cjs')
    void program.main(argv)
  }
}

/** Prints the page of the longest beginning of the words that has one. */
function help(words: readonly string[], host: Host): void {
  const pages: Record<string, string> = JSON.parse(readFileSync(join(__dirname, 'help.json'), 'utf8'))
  for (let count = Math.min(words.length, 3); count >= 0; count--) {
    const page = pages[words.slice(0, count).join(' ')]
    if (page === undefined) continue
    if (count === 0 && words.length > 0) {
      host.stderr.write(`error: there is no command vapi ${words[0]}\nhint: vapi --help\n`)
      host.exitCode = 2
    } else host.stdout.write(page)
    return
  }
}
