import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../../is-object.ts'
import type { RelayedReply } from '../relay/types.ts'
import { unpack } from './packed.ts'

/** One thing in which two replies differ. */
export interface Difference {
  /** `status`, or the place in the body: `results[0].result`; `body` for the whole of it. */
  path: string
  /** Absent: there was none. */
  before?: unknown
  after?: unknown
}

type Compared = Pick<RelayedReply, 'status' | 'rawHeaders' | 'body'>

const MAXIMUM_BYTES = 4_194_304

/** In what a reply differs from the one before: its status, and the values of its body where both are JSON. */
export function differencesOf(before: Compared, after: Compared): Difference[] {
  const status =
    before.status === after.status ? [] : [{ path: 'status', before: before.status, after: after.status }]
  const [first, second] = [contentOf(before), contentOf(after)]
  return [...status, ...compare('', first, second)]
}

function compare(path: string, before: unknown, after: unknown): Difference[] {
  if (isDeepStrictEqual(before, after)) return []
  const both = (test: (value: unknown) => boolean) => test(before) && test(after)
  if (both(Array.isArray)) {
    const [first, second] = [before as unknown[], after as unknown[]]
    return Array.from({ length: Math.max(first.length, second.length) }, (_, place) =>
      compare(`${path}[${place}]`, first[place], second[place]),
    ).flat()
  }
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(name =>
      compare(path === '' ? name : `${path}.${name}`, before[name], after[name]),
    )
  return [
    {
      path: path === '' ? 'body' : path,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  ]
}

/** JSON as its value, other text as it is, bytes that are no text by their number and beginning. */
function contentOf({ body, rawHeaders }: Compared): unknown {
  const plain = unpack(body, rawHeaders, MAXIMUM_BYTES) ?? body
  const text = plain.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text.includes('\ufffd') ? `${plain.length} bytes: ${plain.toString('base64', 0, 64)}` : text
  }
}
