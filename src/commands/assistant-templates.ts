import { listTemplates, readTemplate } from '../assistant/templates.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'

export default defineCommand(
  {
    name: 'assistant templates',
    summary: 'list complete configurations to begin with, or print one',
    description:
      'Each does the task of one of the platform’s guides, with tools, voice and turn taking. Their addresses and names are examples to be replaced. Where several assistants share the work, --squad prints the squad.',
    args: [{ name: 'id', summary: 'template to print', required: false }],
    options: { squad: { type: 'boolean', summary: 'print the squad of several assistants' } },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi assistant templates', does: 'what there is' },
      { command: 'vapi assistant templates lead-qualification > assistant.yaml', does: 'begin with one' },
      { command: 'vapi assistant templates property-management --squad --json', does: 'a squad as JSON' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [id], options: { squad } }, { output }) => {
    if (id === undefined) {
      const all = await listTemplates()
      await output.list(
        squad ? all.filter(template => template.squad) : all,
        [
          { heading: 'ID', value: template => template.id },
          { heading: 'TITLE', value: template => template.title },
          { heading: 'SQUAD', value: template => (template.squad ? 'yes' : 'no') },
          { heading: 'SUMMARY', value: template => template.summary },
        ],
        template => template.id,
      )
      return undefined
    }
    const { format } = output.options
    if (format === 'id' || format === 'tsv')
      throw usageError(`a template cannot be printed as ${format}`, 'use --output yaml or json')
    const template = await readTemplate(id, squad ? 'squad' : 'assistant')
    if (!output.isJson) output.text(template.text)
    else await output.document(template.configuration)
    return undefined
  },
)
