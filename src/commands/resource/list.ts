import { textAt } from '../../api/body.ts'
import type { Resource } from '../../api/resources/types.ts'
import { listRows } from '../../api/rows.ts'
import type { JsonObject } from '../../api/types.ts'
import type { Context } from '../../cli/context.ts'
import { type Command, defineCommand } from '../../cli/definition.ts'
import { usageError } from '../../errors.ts'
import type { Column } from '../../output/output.ts'
import {
  announce,
  filterOptions,
  placeholderOptions,
  readFilters,
  readPlaceholders,
  summaryOf,
  type Values,
} from './options.ts'

/** Rows that a list gives unless told otherwise. */
const DEFAULT_LIMIT = 50

export const limitOptions = {
  limit: {
    type: 'number',
    placeholder: 'N',
    minimum: 1,
    summary: `at most so many (default ${DEFAULT_LIMIT})`,
  },
  all: { type: 'boolean', summary: 'all of them' },
} as const

/** How many rows are wanted at most; null is all. */
export function limitOf({ all, limit }: Values): number | null {
  if (all === true && limit !== undefined) throw usageError('--all and --limit exclude each other')
  if (limit !== undefined && !Number.isSafeInteger(limit)) throw usageError('--limit is a whole number')
  return all === true ? null : ((limit as number | undefined) ?? DEFAULT_LIMIT)
}

/** `vapi RESOURCE list`. */
export function listCommand(resource: Resource): Command {
  return defineCommand(
    {
      name: `${resource.words} list`,
      summary: summaryOf(resource, `list ${resource.plural}`),
      args: [],
      options: { ...limitOptions, ...placeholderOptions(resource), ...filterOptions(resource.filters) },
      formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
      examples: [
        { command: `vapi ${resource.words} list`, does: 'the newest ones' },
        { command: `vapi ${resource.words} list --all --json`, does: 'all of them, with every field' },
      ],
      needsLogin: true,
      destructive: false,
    },
    async ({ options }, context) => {
      announce(resource, context)
      await printList(resource, options as Values, context)
      return undefined
    },
  )
}

/** Prints the rows that the options ask for; `keep` leaves some out before they are counted. */
export async function printList(
  resource: Resource,
  options: Values,
  context: Context,
  keep?: (row: JsonObject) => boolean,
): Promise<void> {
  const { output } = context
  const placeholders = await readPlaceholders(resource, options, context)
  const api = await context.api()
  const query = await readFilters(api, resource.filters, options, Date.now())
  const limit = limitOf(options)
  let cut: { total: number | undefined } | null = null
  const rows = listRows(api, resource, {
    query,
    placeholders,
    limit: keep === undefined ? limit : null,
    onCut: total => {
      cut = { total }
    },
  })
  const kept = keep === undefined ? rows : take(rows, keep, limit, () => (cut = { total: undefined }))
  const count = await output.list(kept, columnsOf(resource), row => textAt(row, 'id'))
  if (cut !== null) {
    const { total } = cut as { total: number | undefined }
    output.note(
      `${count}${total === undefined ? '' : ` of ${total}`} ${(total ?? count) === 1 ? resource.noun : resource.plural} shown; --all shows every one, --limit N more`,
    )
  } else if (count === 0 && !output.isJson) output.note(`no ${resource.plural}`)
}

async function* take(
  rows: AsyncIterable<JsonObject>,
  keep: (row: JsonObject) => boolean,
  limit: number | null,
  onCut: () => void,
): AsyncGenerator<JsonObject> {
  let count = 0
  for await (const row of rows) {
    if (!keep(row)) continue
    if (limit !== null && count === limit) {
      onCut()
      return
    }
    count++
    yield row
  }
}

export function columnsOf(resource: Resource): Column<JsonObject>[] {
  return [
    { heading: 'ID', value: row => textAt(row, 'id') },
    ...resource.columns.map(({ heading, paths }) => ({
      heading,
      value: (row: JsonObject) => cell(paths.map(path => textAt(row, path)).find(text => text !== '') ?? ''),
    })),
  ]
}

/** Times to the second, without the date's ornaments; numbers without the dust of sums. */
function cell(text: string): string {
  if (/^\d+\.\d{7,}$/.test(text)) return String(Number(Number(text).toFixed(6)))
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) ? text.slice(0, 19).replace('T', ' ') : text
}
