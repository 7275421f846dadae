import { readKey } from '../auth/key.ts'
import type { Context } from '../cli/context.ts'
import { usageError } from '../errors.ts'

/** More than this is no key; in bytes. */
const LONGEST_INPUT = 64 * 1024

/** A key from standard input; at a terminal it is asked for and typed unseen. */
export async function readKeyInput(context: Context): Promise<string> {
  const { streams } = context.output
  if (streams.stdinIsTerminal) {
    if (!context.interactive) {
      throw usageError('there is no key on standard input', 'pipe one: vapi login --with-token < key.txt')
    }
    const prompt = await context.prompt()
    return readKey(await prompt.secret({ message: 'Private key of the dashboard:' }))
  }
  return readKey(await readPipedKey(context))
}

/** What comes on standard input, as text. Throws a usage error where it is too long for a key. */
export async function readPipedKey({ output, signal }: Context): Promise<string> {
  const { stdin } = output.streams
  const pieces: Buffer[] = []
  let length = 0
  const stop = () => stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const piece of stdin) {
      const bytes = Buffer.from(piece)
      length += bytes.length
      if (length > LONGEST_INPUT) throw usageError('what came on standard input is too long for a key')
      pieces.push(bytes)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
  return Buffer.concat(pieces).toString('utf8')
}
