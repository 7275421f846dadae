import type { IncomingMessage } from 'node:http';

/** Reports of whole calls are larger than a body usually may be. */
const LIMIT_BYTES = 10 * 1024 * 1024;

/** The JSON that a request brings; null where it is none, or too much. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of request) {
      size += piece.length;
      if (size > LIMIT_BYTES) return null;
      pieces.push(piece);
    }
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    return null;
  }
}
