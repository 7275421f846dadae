/** Entries: what is ours, what one has to be, and how a file of either form is read and changed. */
import { isObject } from '../../is-object.ts'
import type { ClientRow, Entry, Launch } from './types.ts'
import { ENTRY_NAME } from './types.ts'

/** Reads and edits the entry of one client in a file's text. */
export interface EntryEditor {
  /** Undefined where there is none. */
  read(text: string): unknown
  /** All servers of the file. */
  servers(text: string): Entry
  put(text: string, entry: Entry): string
  take(text: string): string
}

/** The editor of a client's form of file. All of it throws `mcp-file-broken` for a file that cannot be read. */
export async function editorOf({ format, keys }: ClientRow): Promise<EntryEditor> {
  if (format === 'toml') {
    const { readTomlEntry, readTomlServers, putTomlEntry, takeTomlEntry } = await import('./edit/toml.ts')
    return {
      read: text => readTomlEntry(text, keys, ENTRY_NAME),
      servers: text => readTomlServers(text, keys),
      put: (text, entry) => putTomlEntry(text, keys, ENTRY_NAME, entry),
      take: text => takeTomlEntry(text, keys, ENTRY_NAME),
    }
  }
  const { readJsonEntry, readJsonServers, putJsonEntry, takeJsonEntry } = await import('./edit/json.ts')
  return {
    read: text => readJsonEntry(text, keys, ENTRY_NAME),
    servers: text => readJsonServers(text, keys),
    put: (text, entry) => putJsonEntry(text, keys, ENTRY_NAME, entry),
    take: text => takeJsonEntry(text, keys, ENTRY_NAME),
  }
}

/** The command line of an entry that starts a program; null for a remote server and for what is no entry. */
export function commandOf(entry: unknown): Launch | null {
  if (!isObject(entry) || typeof entry.command !== 'string') return null
  const { command, args = [] } = entry
  if (!Array.isArray(args) || !args.every(arg => typeof arg === 'string')) return null
  return { command, args }
}

/** What is in front of `mcp serve`, where that is this program; null for entries of others. */
function ourHead(entry: unknown): { head: string[]; rest: string[] } | null {
  const launch = commandOf(entry)
  if (launch === null) return null
  const words = [launch.command, ...launch.args]
  const place = words.findIndex((word, index) => word === 'mcp' && words[index + 1] === 'serve')
  const program = /[^\\/]*$/.exec(words[place - 1] ?? '')?.[0] ?? ''
  if (!/^vapi(-toolchain)?(@[\w.-]+)?(\.(js|cjs|cmd|exe))?$/i.test(program)) return null
  return { head: words.slice(0, place + 2), rest: words.slice(place + 2) }
}

/** True for an entry that starts `vapi mcp serve`, from wherever. */
export function isOurs(entry: unknown): boolean {
  return ourHead(entry) !== null
}

/** The server of the older command-line tool, whose place ours takes. */
export function isPredecessor(entry: unknown): boolean {
  return commandOf(entry)?.args.some(arg => /^@vapi-ai\/mcp-docs-server(@|$)/.test(arg)) ?? false
}

/** The entry that has to stand in a file: of one that is ours, everything stays that the user has added (flags, `env`, `disabled`). */
export function wantedEntry({ typed }: Pick<ClientRow, 'typed'>, launch: Launch, present: unknown): Entry {
  const own = ourHead(present)
  const { command, args } = launch
  if (own !== null && isObject(present)) return { ...present, command, args: [...args, ...own.rest] }
  return { ...(typed && { type: 'stdio' }), command, args: [...args] }
}

/** A command line for the screen: what follows a flag for a secret is left out. */
export function withoutSecrets(words: readonly string[]): string[] {
  return words.map((word, place) => {
    const flag = /^--?(token|api-key|key|secret|password)(=|$)/i
    if (flag.test(words[place - 1] ?? '') && !words[place - 1]?.includes('=')) return '…'
    return flag.test(word) ? word.replace(/=.*/, '=…') : word
  })
}
