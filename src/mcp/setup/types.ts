import type { VapiError } from '../../errors.ts'

/** For every project of the user, or for the one in the working directory. */
export type Scope = 'user' | 'project'
export const SCOPES: readonly Scope[] = ['user', 'project']

/** The name of our entry in every client. */
export const ENTRY_NAME = 'vapi'

/** What a client's files depend on. Tests hand in other systems' values. */
export interface Place {
  platform: NodeJS.Platform
  env: Readonly<Record<string, string | undefined>>
  home: string
  /** The folder whose project files are meant. */
  project: string
  /** True where something is at the path. */
  exists(path: string): boolean
  /** What is in a folder; nothing where it cannot be read. */
  names(folder: string): readonly string[]
}

/** How a server is started. */
export interface Launch {
  command: string
  args: readonly string[]
}

/** An entry as it stands in a file. */
export type Entry = Readonly<Record<string, unknown>>

/** A file that a client may read, and what is there when that client (or variant of it) is used on this machine. */
export interface Candidate {
  file: string
  mark: string
}

/** A client's command that changes its own configuration. */
export interface OwnCommand {
  program: string
  /** The command lines that put the entry in (`wasThere`: one of that name is there), one after another. */
  add(entry: Entry, wasThere: boolean): readonly (readonly string[])[]
  /** Null: it has none for that, the file is edited. */
  remove: readonly string[] | null
  /** Real paths of programs that go by the same name and are another product. */
  impostor?: RegExp
}

/** Where something is to be pasted by hand. */
export interface Manual {
  where: string
  text: string
}

/** One client: a row of the table. */
export interface ClientRow {
  id: string
  label: string
  /** It is on this machine where one of these is there. */
  marks(place: Place): readonly string[]
  /** Or one of these programs is on the PATH. */
  programs: readonly string[]
  /** The user's files: those whose mark is there, else the first. Empty: there is none that is documented. */
  userFiles(place: Place): readonly Candidate[]
  /** The file of a project; null where the client has none. */
  projectFile: ((place: Place) => string) | null
  format: 'json' | 'toml'
  /** The keys that lead to the object of the servers. */
  keys: readonly string[]
  /** Entries say `type: stdio`. */
  typed: boolean
  /** It does not look commands up on the user's PATH. */
  absolute: boolean
  /** Asked in place of an edit of the user's file, by the file's path where the program differs. */
  own?: (file: string) => OwnCommand
  manual?: (entry: Entry) => Manual
  /** What is to be known of a file before it is written; null: nothing. */
  caution?(place: Place, scope: Scope): string | null
  /** What the user has to do afterwards. */
  after?: Partial<Record<Scope, string>>
}

/** A file of the user's as it was read. */
export interface ConfigFile {
  /** As the client calls it. */
  path: string
  /** What is written: links are followed. */
  target: string
  /** Without a byte order mark; null where there is no file. */
  text: string | null
  mark: string
  /** Null where there is no file. */
  mode: number | null
}

export type Action = 'add' | 'update' | 'replace' | 'remove' | 'none'

/** What is going to happen to one file. */
export interface Change {
  file: ConfigFile
  action: Action
  before: string
  after: string
  /** The entry that is put in; null where it is taken out. */
  entry: Entry | null
  own: OwnCommand | null
}

/** One client in one scope: a change, or why there is none. */
export interface Item {
  row: ClientRow
  scope: Scope
  path: string | null
  change: Change | null
  fault: VapiError | null
  manual: Manual | null
  notes: readonly string[]
}
