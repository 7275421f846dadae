/** What the commands have in common that look into the documentation. */
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import type { Library } from '../mcp/content/library.ts'
import { openLibrary } from '../mcp/content/open-library.ts'

export const libraryOptions = {
  'docs-dir': {
    type: 'string',
    placeholder: 'DIR',
    summary: 'the official documentation as a folder of Markdown or MDX files',
  },
  openapi: {
    type: 'string',
    placeholder: 'FILE',
    summary: 'the API description (OpenAPI 3, JSON) in place of the one that vapi brings',
  },
} as const satisfies Record<string, OptionDefinition>

/** Opens the documentation that the options name. Throws usage errors. */
export async function libraryOf(
  options: { 'docs-dir'?: string | undefined; openapi?: string | undefined },
  { env, workingDirectory, output }: Context,
): Promise<Library> {
  return openLibrary({
    env,
    workingDirectory,
    docsDir: options['docs-dir'] ?? null,
    openapi: options.openapi ?? null,
    indexing: () => output.note('making the index of the documentation, once'),
  })
}
