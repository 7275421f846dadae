/** Sound that waits in the speaker's child process, and the book of what the device took of it. Counts are samples. */
export interface PlayQueue {
  /** True if something was left out at once, so that more can be taken from the source. */
  add(samples: Int16Array): boolean
  /** Fills a stretch for the device: with what waits, and with silence where nothing does. */
  fill(stretch: Int16Array): void
  /** Empties the queue. `played` (default: all that was taken) becomes the number of the next sample. */
  drop(played?: number): void
  /** Samples handed to the device since the beginning, with the silence that was put in. */
  written(): number
  /** Samples of the source that left the queue. */
  taken(): number
  /** Samples of the source that were among the first `written` ones handed to the device; never falls. */
  takenAt(written: number): number
  /** The last result of `takenAt`, or of a drop. */
  heard(): number
}

/**
 * Silence that had to be put in because the source was late is made up for by leaving out as much of the source's own
 * silence (whole chunks of digital zero), so that the source keeps the pace of the device over a long call.
 */
export function createPlayQueue(): PlayQueue {
  const chunks: Int16Array[] = []
  let begun = false
  let written = 0
  let taken = 0
  let late = 0
  /** How far the source had come at the end of each stretch, oldest first, back to the last one asked for. */
  const marks: { written: number; taken: number }[] = []
  let heard = 0

  function leaveOutSilence(): void {
    while (chunks[0] && chunks[0].length <= late && isSilent(chunks[0])) {
      late -= chunks[0].length
      taken += chunks[0].length
      chunks.shift()
    }
  }

  return {
    add(samples) {
      const before = taken
      begun = true
      chunks.push(samples)
      leaveOutSilence()
      return taken > before
    },
    fill(stretch) {
      let filled = 0
      leaveOutSilence()
      while (filled < stretch.length && chunks[0]) {
        const chunk = chunks[0]
        const part = chunk.subarray(0, stretch.length - filled)
        stretch.set(part, filled)
        filled += part.length
        if (part.length < chunk.length) chunks[0] = chunk.subarray(part.length)
        else chunks.shift()
        leaveOutSilence()
      }
      taken += filled
      written += stretch.length
      if (begun) late += stretch.length - filled
      stretch.fill(0, filled)
      marks.push({ written, taken })
    },
    drop(played = taken) {
      chunks.length = 0
      marks.length = 0
      taken = played
      heard = played
    },
    written: () => written,
    taken: () => taken,
    takenAt(position) {
      while (marks[0] && marks[0].written <= position) heard = marks.shift()!.taken
      return heard
    },
    heard: () => heard,
  }
}

/** Whether every sample is digital zero. */
export function isSilent(samples: Int16Array): boolean {
  return samples.every(sample => sample === 0)
}
