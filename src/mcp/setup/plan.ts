/** What set-up and removal are going to do, before anything is done. */
import { isDeepStrictEqual } from 'node:util'
import { asVapiError, VapiError } from '../../errors.ts'
import { commandOf, editorOf, isOurs, isPredecessor, wantedEntry } from './entry.ts'
import { backupTexts, readConfigFile, requireWritable } from './file.ts'
import { findProgram, launchOf, type Running } from './launch.ts'
import { presentFiles } from './places.ts'
import {
  type Action,
  type Change,
  type ClientRow,
  ENTRY_NAME,
  type Item,
  type Place,
  type Scope,
} from './types.ts'

/** True where the client is used on this machine. */
export function isDetected(row: ClientRow, place: Place): boolean {
  return (
    row.marks(place).some(mark => place.exists(mark)) ||
    row.programs.some(program => findProgram(program, place) !== null)
  )
}

/** The files of a client that a scope means; for `user` those of every variant that is used here. */
export function filesOf(row: ClientRow, scope: Scope, place: Place): readonly string[] {
  if (scope === 'user') return presentFiles(place, row.userFiles(place))
  return row.projectFile === null ? [] : [row.projectFile(place)]
}

/** Every file of these clients that would get our entry. `force`: an entry of that name that starts something else is replaced. */
export async function planSetup(
  rows: readonly ClientRow[],
  scope: Scope,
  place: Place,
  { running, force }: { running: Running; force: boolean },
): Promise<Item[]> {
  const items: Item[] = []
  for (const row of rows) {
    const { launch, notes } = launchOf(scope, running, place, row)
    const files = filesOf(row, scope, place)
    for (const path of files)
      items.push(await itemOf(row, scope, path, notes, () => putChange(row, scope, path, launch, force)))
    if (row.manual !== undefined && scope === 'user')
      items.push({ ...emptyItem(row, scope, null), manual: row.manual(wantedEntry(row, launch, undefined)) })
    else if (files.length === 0) items.push({ ...emptyItem(row, scope, null), fault: noProjectFile(row) })
  }
  return withCautions(items, place)
}

async function putChange(
  row: ClientRow,
  scope: Scope,
  path: string,
  launch: Parameters<typeof wantedEntry>[1],
  force: boolean,
): Promise<Change> {
  const file = readConfigFile(path)
  const before = file.text ?? ''
  const editor = await editorOf(row)
  const present = editor.read(before)
  const isNamesake = present !== undefined && !isOurs(present) && !isPredecessor(present)
  if (isNamesake && !force) throw taken(path, present)
  const entry = wantedEntry(row, launch, present)
  const action: Action =
    present === undefined
      ? 'add'
      : isDeepStrictEqual(present, entry)
        ? 'none'
        : isOurs(present)
          ? 'update'
          : 'replace'
  if (action !== 'none') requireWritable(file)
  const after = action === 'none' ? before : editor.put(before, entry)
  return { file, action, before, after, entry, own: ownOf(row, scope, path) }
}

/** Every file of these clients that has our entry. An entry of that name that starts something else is left, and said. */
export async function planRemoval(
  rows: readonly ClientRow[],
  scopes: readonly Scope[],
  place: Place,
): Promise<Item[]> {
  const items: Item[] = []
  for (const row of rows)
    for (const scope of scopes)
      for (const path of scope === 'user'
        ? row.userFiles(place).map(({ file }) => file)
        : filesOf(row, scope, place)) {
        if (!place.exists(path)) continue
        const notes: string[] = []
        items.push(await itemOf(row, scope, path, notes, () => takeChange(row, scope, path, notes)))
      }
  return items
}

/** `notes` are added to. */
async function takeChange(row: ClientRow, scope: Scope, path: string, notes: string[]): Promise<Change> {
  const file = readConfigFile(path)
  const before = file.text ?? ''
  const editor = await editorOf(row)
  const present = editor.read(before)
  const change = { file, before, entry: null, own: ownOf(row, scope, path) }
  if (present === undefined || !isOurs(present)) {
    if (present !== undefined) notes.push(taken(path, present).message)
    return { ...change, action: 'none', after: before }
  }
  requireWritable(file)
  const entry = { ...(present as object) }
  const whole = backupTexts(path).find(text => isBefore(text))
  return { ...change, action: 'remove', after: whole ?? editor.take(before) }

  /** The file is what set-up made of that copy, so that what was before it can be had back byte for byte. */
  function isBefore(text: string): boolean {
    try {
      return editor.read(text) === undefined && editor.put(text, entry) === before
    } catch {
      return false
    }
  }
}

function ownOf(row: ClientRow, scope: Scope, path: string) {
  return scope === 'user' ? (row.own?.(path) ?? null) : null
}

async function itemOf(
  row: ClientRow,
  scope: Scope,
  path: string,
  notes: readonly string[],
  plan: () => Promise<Change>,
): Promise<Item> {
  try {
    return { ...emptyItem(row, scope, path), change: await plan(), notes }
  } catch (error) {
    return { ...emptyItem(row, scope, path), fault: namingFile(path, error) }
  }
}

/** Faults of a text do not know its file. */
function namingFile(path: string, error: unknown): VapiError {
  const { code, message, hint } = asVapiError(error)
  return new VapiError({
    code,
    message: message.includes(path) ? message : `${path}: ${message}`,
    ...(hint !== undefined && { hint }),
    cause: error,
  })
}

function emptyItem(row: ClientRow, scope: Scope, path: string | null): Item {
  return { row, scope, path, change: null, fault: null, manual: null, notes: [] }
}

function withCautions(items: readonly Item[], place: Place): Item[] {
  return items.map(item => {
    const isWritten = item.change !== null && item.change.action !== 'none'
    const caution = isWritten ? (item.row.caution?.(place, item.scope) ?? null) : null
    const after = isWritten ? item.row.after?.[item.scope] : undefined
    return { ...item, notes: [...item.notes, ...[caution, after].filter(note => note != null)] }
  })
}

function taken(path: string, present: unknown): VapiError {
  const command = commandOf(present)?.command
  const what = command === undefined ? 'is no local server' : `starts ${command}, not vapi mcp serve`
  return new VapiError({
    code: 'mcp-entry-taken',
    message: `${path} has an entry ${ENTRY_NAME} that ${what}; it was left`,
    hint: 'vapi mcp setup --force replaces it',
  })
}

function noProjectFile({ label }: ClientRow): VapiError {
  return new VapiError({
    code: 'mcp-no-project-file',
    message: `${label} has no file for a single project`,
    hint: 'use --scope user',
  })
}
