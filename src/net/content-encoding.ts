import type { Transform } from 'node:stream'
import { messageOf, VapiError } from '../errors.ts'

type Zlib = typeof import('node:zlib')

const decoders: Readonly<Record<string, (zlib: Zlib) => Transform>> = {
  gzip: zlib => zlib.createGunzip(),
  'x-gzip': zlib => zlib.createGunzip(),
  deflate: zlib => zlib.createInflate(),
  br: zlib => zlib.createBrotliDecompress(),
}

/** Whether a body with this `content-encoding` can be read as text. */
export function isReadable(encoding = 'identity'): boolean {
  return encoding === 'identity' || Object.hasOwn(decoders, encoding)
}

/**
 * The body unpacked. None is asked to pack its replies, but some servers and proxies do it all the same. Throws what the
 * body throws, and VapiError `broken-encoding`. A body with an encoding that is not readable is given as it is.
 */
export async function* decoded(
  body: AsyncIterable<Uint8Array>,
  encoding = 'identity',
): AsyncGenerator<Uint8Array> {
  const create = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  if (create === undefined) return yield* body
  const [zlib, { pipeline, Readable }] = await Promise.all([import('node:zlib'), import('node:stream')])
  try {
    // The callback is told of the same fault as the reader.
    yield* pipeline(Readable.from(body), create(zlib), () => {})
  } catch (cause) {
    if (cause instanceof VapiError) throw cause
    throw new VapiError({
      code: 'broken-encoding',
      message: `the reply is not packed as it says (${encoding}): ${messageOf(cause)}`,
      retryable: true,
      cause,
    })
  }
}
