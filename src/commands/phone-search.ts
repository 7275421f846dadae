import { textAt } from '../api/body.ts'
import { listPages } from '../api/paging.ts'
import { resourceOf } from '../api/resources.ts'
import { defineCommand } from '../cli/definition.ts'
import { columnsOf, limitOf, limitOptions } from './resource/list.ts'

export default defineCommand(
  {
    name: 'phone search',
    summary: 'search phone numbers by number or name',
    args: [{ name: 'text', summary: 'part of the number or name', required: true }],
    options: limitOptions,
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [{ command: 'vapi phone search 555', does: 'numbers that contain 555' }],
    needsLogin: true,
    destructive: false,
  },
  async ({ args, options }, context) => {
    const { output } = context
    let cut = false
    const rows = listPages(await context.api(), {
      path: '/v2/phone-number',
      paging: 'pages',
      query: { search: args[0] },
      limit: limitOf(options),
      onCut: () => {
        cut = true
      },
    })
    const count = await output.list(rows, columnsOf(resourceOf('phone')), row => textAt(row, 'id'))
    if (cut) output.note(`${count} shown; --all shows every one, --limit N more`)
    else if (count === 0 && !output.isJson) output.note('no phone number fits')
    return undefined
  },
)
