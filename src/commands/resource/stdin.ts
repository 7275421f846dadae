import type { Context } from '../../cli/context.ts'

/** All of standard input as text. */
export async function readStdin({ output }: Context): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of output.streams.stdin) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('utf8')
}
