/** Numbers, times and sizes as they are shown. */

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** `14:03:09`, with the day before it where it is not today. */
export function timeText(atMs: number): string {
  const at = new Date(atMs)
  const time = clock.format(at)
  return at.toDateString() === new Date().toDateString() ? time : `${day.format(at)} ${time}`
}

export function exactTime(atMs: number): string {
  return `${timeText(atMs)}.${String(new Date(atMs).getMilliseconds()).padStart(3, '0')}`
}

export function durationText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  return ms < 60_000 ? `${trimmed((ms / 1000).toFixed(2))} s` : `${trimmed((ms / 60_000).toFixed(1))} min`
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${trimmed((bytes / 1000).toFixed(1))} kB` : `${trimmed((bytes / 1e6).toFixed(1))} MB`
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** An address without what is the same in most. */
export function shortAddress(url: string): string {
  return url.replace(/^http:\/\//, '').replace(/\/$/, '')
}

function trimmed(number: string): string {
  return number.replace(/\.?0+$/, '')
}
