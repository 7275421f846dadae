import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'

/** The value of the first header of this name, or null. `rawHeaders`: names and values in turn. */
export function headerOf(rawHeaders: readonly string[], name: string): string | null {
  for (let place = 0; place < rawHeaders.length; place += 2)
    if (rawHeaders[place]?.length === name.length && rawHeaders[place]?.toLowerCase() === name)
      return rawHeaders[place + 1] ?? ''
  return null
}

/** A packed body as it was; null where it cannot be unpacked, or is larger than `maximumBytes`. */
export function unpack(body: Buffer, rawHeaders: readonly string[], maximumBytes: number): Buffer | null {
  const encoding = headerOf(rawHeaders, 'content-encoding')?.toLowerCase() ?? 'identity'
  const options = { maxOutputLength: maximumBytes }
  try {
    if (encoding === 'identity') return body
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(body, options)
    if (encoding === 'deflate') return inflateSync(body, options)
    if (encoding === 'br') return brotliDecompressSync(body, options)
  } catch {}
  return null
}
