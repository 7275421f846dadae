import { findOne } from '../api/lookup.ts'
import { resourceOf } from '../api/resources.ts'
import { defineCommand } from '../cli/definition.ts'
import { oneArgument } from './resource/get.ts'
import { announce } from './resource/options.ts'

const resource = resourceOf('workflow')

export default defineCommand(
  {
    name: 'workflow open',
    summary: 'open a workflow in the dashboard’s editor',
    args: [oneArgument(resource)],
    options: { print: { type: 'boolean', summary: 'print the address, open nothing' } },
    formats: [],
    examples: [{ command: 'vapi workflow open Intake', does: 'in the browser' }],
    needsLogin: true,
    destructive: false,
  },
  async ({ args, options }, context) => {
    announce(resource, context)
    const { id } = await findOne(await context.api(), 'workflow', args[0] ?? '')
    const { dashboardUrl } = await context.connection()
    const url = `${dashboardUrl}/workflows/${encodeURIComponent(String(id))}`
    context.output.text(`${url}\n`)
    if (options.print) return undefined
    const { openBrowser } = await import('../auth/open-browser.ts')
    const reason = await openBrowser(url, context.env)
    if (reason !== null) context.output.note(`no browser was opened: ${reason}`)
    return undefined
  },
)
