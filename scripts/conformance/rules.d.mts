export interface Rule {
  id: string
  /** Lines of the seed: `12`, `"12-15"`, `"12, 20-22"`. Either these or a section of the API notes. */
  lines?: number | string
  section?: string
  part: number
  kind: string
  says: string
  ruling?: string | string[]
  outside?: string
}

export interface RulePage {
  file: string
  page: string
  rules: Rule[]
}

export interface Rules {
  pages: RulePage[]
  decisions: { decision: string; says: string }[]
  otherPages: { page: string; why: string }[]
}

export const KINDS: readonly string[]
export const PARTS: readonly string[]
export function slugOf(title: string): string
export function lineRanges(lines: number | string): { from: number; to: number }[]
export function readRules(folder: string): Rules
export function faultsOf(
  pages: readonly Readonly<Record<string, unknown>>[],
  decisions: ReadonlySet<string>,
): string[]
