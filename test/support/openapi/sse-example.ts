import { componentName, type OpenApiDocument, resolveSchema, type Schema } from './document.ts'
import { exampleOf } from './example.ts'
import { isObject } from './union.ts'

/** The words of a streamed reply, one event each. */
export const streamedWords = ['Hello', ' from', ' the mock']

/**
 * The server-sent events of an operation that streams, or undefined where it answers with JSON. Such an operation
 * declares the pieces as branches of its reply: single deltas (`POST /chat`), or typed events (`POST /chat/responses`,
 * which streams unless told otherwise).
 */
export function serverSentEvents(
  document: OpenApiDocument,
  schema: Schema,
  body: unknown,
): string | undefined {
  const branches = resolveSchema(document, schema).oneOf ?? []
  const streamed = branches.filter(({ $ref = '' }) => /Stream|Event$/.test(componentName($ref)))
  if (streamed.length === 0 || !isObject(body)) return undefined
  const typed = streamed.some(branch => resolveSchema(document, branch).properties?.type !== undefined)
  if (!(body.stream ?? typed)) return undefined
  const example = (branch: Schema) =>
    exampleOf(document, branch, { label: 'stream', optional: 'none' }) as Record<string, unknown>
  const events = streamed
    .filter(branch => !/Error/.test(branch.$ref ?? ''))
    .flatMap((branch): Record<string, unknown>[] => {
      const piece = example(branch)
      if ('delta' in piece) return streamedWords.map(delta => ({ ...piece, ...pathOf(piece), delta }))
      return [{ ...piece, ...('text' in piece && { text: streamedWords.join('') }) }]
    })
  return events.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')
}

function pathOf(piece: Record<string, unknown>): { path?: string } {
  return 'path' in piece ? { path: 'chat.output[0].content' } : {}
}
