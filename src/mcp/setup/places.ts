/** Where systems keep the files of programs. */
import { posix, win32 } from 'node:path'
import type { Candidate, Place } from './types.ts'

/** A path below a root, in the root's own spelling, so that the layout of every system can be tried on any. */
export function under(root: string, ...parts: readonly string[]): string {
  return (/^[a-z]:|\\/i.test(root) ? win32 : posix).join(root, ...parts)
}

/** A path in the home folder. */
export function inHome({ home }: Place, ...parts: readonly string[]): string {
  return under(home, ...parts)
}

/** `XDG_CONFIG_HOME`, else `~/.config`. */
export function configHome(place: Place, ...parts: readonly string[]): string {
  return under(absolute(place.env.XDG_CONFIG_HOME) ?? inHome(place, '.config'), ...parts)
}

/** `%APPDATA%`. */
export function roaming(place: Place, ...parts: readonly string[]): string {
  return under(absolute(place.env.APPDATA) ?? inHome(place, 'AppData', 'Roaming'), ...parts)
}

/** `%LOCALAPPDATA%`. */
export function localData(place: Place, ...parts: readonly string[]): string {
  return under(absolute(place.env.LOCALAPPDATA) ?? inHome(place, 'AppData', 'Local'), ...parts)
}

/** Where a desktop program of that name keeps its data: Electron's `userData`, and JetBrains' folder alike. */
export function appData(place: Place, ...parts: readonly string[]): string {
  if (place.platform === 'win32') return roaming(place, ...parts)
  if (place.platform === 'darwin') return inHome(place, 'Library', 'Application Support', ...parts)
  return configHome(place, ...parts)
}

/** A value of the environment that is a whole path; the systems' rules say that others are to be ignored. */
export function absolute(value: string | undefined): string | undefined {
  return value !== undefined && (posix.isAbsolute(value) || win32.isAbsolute(value)) ? value : undefined
}

/** The files of the variants that are used here, else the first one. */
export function presentFiles(place: Place, candidates: readonly Candidate[]): readonly string[] {
  const present = candidates.filter(({ mark }) => place.exists(mark))
  const chosen = present.length > 0 ? present : candidates.slice(0, 1)
  return [...new Set(chosen.map(({ file }) => file))]
}
