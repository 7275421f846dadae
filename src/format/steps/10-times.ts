import { RANGE_JOINT } from '../quantities.ts'
import type { TrackedText } from '../tracked-text.ts'

const START = String.raw`(?<![\w.,:$€£¥₹]|\d[-–/])`
/** Minutes, perhaps with seconds; fractions and `Z` are ISO 8601. */
const MINUTES = String.raw`:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?Z?`
const HALF = String.raw` ?(?:[ap]m\b|[ap]\.m\.)`
const TIME_OF_DAY = String.raw`\d{1,2}(?:${MINUTES}(?:${HALF})?|${HALF})`
const END = String.raw`(?!\w|:\d)`

const TIME = new RegExp(`${START}${TIME_OF_DAY}${END}`, 'gi')
const RANGE = new RegExp(`${START}(${TIME_OF_DAY}|\\d{1,2})${RANGE_JOINT}(${TIME_OF_DAY})${END}`, 'gi')
const PARTS = /^(\d+)(?::(\d\d)(?::(\d\d)[.\d]*)?(Z)?)?(?: ?([ap]\.?m\.?))?$/i

/**
 * Simplifies clock times: `14:00` -> `14`, `14:30` -> `14 30`, `9:05` -> `9 oh 5`, `2:30pm` -> `2 30 pm`, `00:00` ->
 * `midnight`, `9:00-17:00` -> `9 to 17`. Seconds follow if there are any (`14:05:09` -> `14 oh 5 and 9 seconds`).
 * Hours stay digits. What is no time of day (`25:00`, `16:9`) is left alone.
 */
export function formatTimes(text: TrackedText): TrackedText {
  const ranges = text.replace(RANGE, ([, start, end]) => {
    if (/^\d+$/.test(start) && !/m/i.test(end)) return undefined
    const spokenStart = spokenTime(start)
    const spokenEnd = spokenTime(end)
    return spokenStart === undefined || spokenEnd === undefined ? undefined : `${spokenStart} to ${spokenEnd}`
  })
  return ranges.replace(TIME, ([time]) => spokenTime(time))
}

/** Undefined if there is no such time of day. */
function spokenTime(clock: string): string | undefined {
  const [, hour, minute = '00', second = '00', zulu, half] = PARTS.exec(clock) ?? []
  if (hour === undefined || Number(hour) > (half === undefined ? 24 : 12)) return undefined
  const isMidnight = Number(hour) % 24 === 0 && minute === '00' && second === '00' && half === undefined
  const words = [isMidnight ? 'midnight' : String(Number(hour))]
  if (minute !== '00') words.push(minute.startsWith('0') ? `oh ${Number(minute)}` : minute)
  if (second !== '00') words.push('and', String(Number(second)), second === '01' ? 'second' : 'seconds')
  if (zulu !== undefined) words.push('UTC')
  if (half !== undefined) words.push(half)
  return words.join(' ')
}
