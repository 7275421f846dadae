/** Does what was planned for one file. */
import { isDeepStrictEqual } from 'node:util'
import { VapiError } from '../../errors.ts'
import { commandOf, editorOf } from './entry.ts'
import { backUp, readConfigFile, writeConfigFile } from './file.ts'
import { findOwnCommand, runOwnCommand } from './own-command.ts'
import { type Change, type ClientRow, ENTRY_NAME, type Entry, type Place, type Scope } from './types.ts'

export interface Applied {
  /** Where the file is as it was before; null where there was none. */
  backup: string | null
  /** The client's own command that did it; null where the file was edited. */
  command: readonly string[] | null
  notes: string[]
}

/** Throws `mcp-file-not-written` and the like; the file is then as it was, unless the error says otherwise. */
export async function applyChange(
  { row, scope, change }: { row: ClientRow; scope: Scope; change: Change },
  place: Place,
  signal: AbortSignal,
): Promise<Applied> {
  signal.throwIfAborted()
  const { file } = change
  const backup = backUp(file)
  const asked = await askClient(row, change, backup, place, signal)
  if (asked?.command != null) return { backup, command: asked.command, notes: [] }
  const notes = asked === null ? [] : [asked.why]
  const editor = await editorOf(row)
  const now = readConfigFile(file.path)
  const isSame = now.text === file.text
  // A command that failed half-way may have changed it.
  if (!isSame && asked === null) throw changedMeanwhile(file.path)
  const text = now.text ?? ''
  const after = isSame
    ? change.after
    : change.entry === null
      ? editor.take(text)
      : editor.put(text, change.entry)
  if (after !== now.text) writeConfigFile(now, after, scope)
  return { backup, command: null, notes }
}

/** Null where the client has no command that is here; else the command, or why the file is to be edited after all. */
async function askClient(
  row: ClientRow,
  { own, action, entry, file, before }: Change,
  backup: string | null,
  place: Place,
  signal: AbortSignal,
): Promise<{ command: readonly string[] } | { command: null; why: string } | null> {
  if (own === null) return null
  const lines = entry !== null ? own.add(entry, action !== 'add') : own.remove === null ? [] : [own.remove]
  const path = lines.length === 0 ? null : findOwnCommand(own, place)
  const last = lines.at(-1)
  if (path === null || last === undefined) return null
  const shown = [own.program, ...last]
  const said = `${own.program} ${last.slice(0, 2).join(' ')}`
  for (const line of lines) {
    const fault = await runOwnCommand(path, line, place, signal)
    if (fault !== null)
      return { command: null, why: `${said} failed (${fault}); the file was edited instead` }
  }
  const editor = await editorOf(row)
  const text = readConfigFile(file.path).text ?? ''
  const present = editor.read(text)
  const isDone = entry === null ? present === undefined : startsTheSame(present, entry)
  if (!isDone)
    return { command: null, why: `${said} did not change ${file.path}; the file was edited instead` }
  if (!isDeepStrictEqual(othersOf(editor.servers(text)), othersOf(editor.servers(before))))
    throw new VapiError({
      code: 'mcp-client-changed-others',
      message: `${said} changed other servers in ${file.path} too`,
      hint: backup === null ? 'look at the file' : `the file as it was before: ${backup}`,
    })
  return { command: shown }
}

function startsTheSame(present: unknown, entry: Entry): boolean {
  return isDeepStrictEqual(commandOf(present), commandOf(entry))
}

function othersOf(servers: Entry): Entry {
  const { [ENTRY_NAME]: _own, ...others } = servers
  return others
}

function changedMeanwhile(path: string): VapiError {
  return new VapiError({
    code: 'mcp-file-not-written',
    message: `${path} was not changed: it has changed meanwhile`,
    hint: 'run this again',
  })
}
