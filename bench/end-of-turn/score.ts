/** A judgement beside the truth. */
export interface Judged {
  finished: number
  complete: boolean
}

/** The probability that a complete turn is judged higher than a cut-off one; ties count half. */
export function areaUnderCurve(judged: readonly Judged[]): number {
  const sorted = [...judged].sort((left, right) => left.finished - right.finished)
  let [rankSum, positives, place] = [0, 0, 0]
  while (place < sorted.length) {
    let end = place
    while (end < sorted.length && sorted[end]?.finished === sorted[place]?.finished) end++
    const rank = (place + 1 + end) / 2
    for (let index = place; index < end; index++) {
      if (!sorted[index]?.complete) continue
      rankSum += rank
      positives++
    }
    place = end
  }
  const negatives = sorted.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

export interface Rates {
  accuracy: number
  precision: number
  recall: number
  f1: number
}

/** At a threshold: “complete” is what is found. */
export function ratesAt(judged: readonly Judged[], threshold: number): Rates {
  const found = judged.filter(({ finished }) => finished >= threshold)
  const right = found.filter(({ complete }) => complete).length
  const complete = judged.filter(one => one.complete).length
  const wrong = found.length - right
  const precision = right / Math.max(1, found.length)
  const recall = right / Math.max(1, complete)
  return {
    accuracy: (right + judged.length - complete - wrong) / judged.length,
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
  }
}

/** Mean judgement and share of complete turns in each tenth of the scale, and the mean gap between the two. */
export function reliability(judged: readonly Judged[]): {
  rows: { from: number; count: number; mean: number; share: number }[]
  error: number
} {
  const rows = Array.from({ length: 10 }, (_, tenth) => {
    const inside = judged.filter(({ finished }) => Math.min(9, Math.floor(finished * 10)) === tenth)
    return {
      from: tenth / 10,
      count: inside.length,
      mean: inside.reduce((sum, { finished }) => sum + finished, 0) / Math.max(1, inside.length),
      share: inside.filter(({ complete }) => complete).length / Math.max(1, inside.length),
    }
  })
  const error = rows.reduce((sum, { count, mean, share }) => sum + count * Math.abs(mean - share), 0)
  return { rows, error: error / judged.length }
}

/** The same among pairs that `areAlike`: what is left when they differ in nothing else. */
export function areaAmong<T extends Judged>(
  judged: readonly T[],
  areAlike: (left: T, right: T) => boolean,
): number {
  let [right, pairs] = [0, 0]
  for (const complete of judged.filter(one => one.complete)) {
    for (const cutOff of judged.filter(one => !one.complete)) {
      if (!areAlike(complete, cutOff)) continue
      pairs++
      right += complete.finished > cutOff.finished ? 1 : complete.finished === cutOff.finished ? 0.5 : 0
    }
  }
  return right / Math.max(1, pairs)
}
