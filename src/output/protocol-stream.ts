import { Writable } from 'node:stream'
import type { Streams } from './streams.ts'

/**
 * Takes standard output for a protocol: what the stream that is given back is written goes there, and nothing else does.
 * What any other part of the program, or a library, writes to it from now on (`console.log` too) goes to `onStray`.
 */
export function reserveStdout(
  { stdout }: Pick<Streams, 'stdout'>,
  onStray: (text: string) => void,
): Writable {
  const write = stdout.write.bind(stdout)
  const protocol = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, encoding, done) => {
      // An encoding belongs to text alone.
      if (typeof chunk === 'string') write(chunk, encoding, done)
      else write(chunk, done)
    },
  })
  stdout.write = (chunk: unknown, ...rest: unknown[]) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8')
    if (text !== '') onStray(text)
    const done = rest.find(argument => typeof argument === 'function') as (() => void) | undefined
    if (done !== undefined) process.nextTick(done)
    return true
  }
  return protocol
}
