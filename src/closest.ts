import { distance } from 'fastest-levenshtein'

/** The candidate nearest to a mistyped name, or null where none is near. */
export function closest(name: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = distance(name, candidate)
    // Of short names every one is near to every other.
    if (edits >= bestDistance || edits > Math.max(name.length, candidate.length) / 2) continue
    best = candidate
    bestDistance = edits
  }
  return best
}
