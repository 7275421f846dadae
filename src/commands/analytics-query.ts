import { resolve } from 'node:path'
import type { Json } from '../api/types.ts'
import { loadDocument } from '../assistant/load.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { readTime } from './resource/options.ts'

const operations = ['sum', 'avg', 'count', 'min', 'max', 'history'] as const

export default defineCommand(
  {
    name: 'analytics query',
    summary: 'ask the API for sums, averages and counts over calls',
    args: [],
    options: {
      file: {
        type: 'string',
        short: 'f',
        placeholder: 'FILE',
        summary: 'queries as JSON or YAML: {"queries": […]}; - is stdin',
      },
      operation: {
        type: 'list',
        placeholder: 'OPERATION:COLUMN',
        summary: `what is computed: ${operations.join(', ')} of a column (count:id, sum:cost, avg:duration); several times for several`,
      },
      'group-by': {
        type: 'list',
        placeholder: 'FIELD',
        summary: 'type, assistantId, endedReason, analysis.successEvaluation or status',
      },
      start: { type: 'string', placeholder: 'TIME', summary: 'from here on (default: 7 days ago)' },
      end: { type: 'string', placeholder: 'TIME', summary: 'up to here (default: now)' },
      step: {
        type: 'string',
        placeholder: 'STEP',
        choices: [
          'second',
          'minute',
          'hour',
          'day',
          'week',
          'month',
          'quarter',
          'year',
          'decade',
          'century',
          'millennium',
        ],
        summary: 'one value for each of these',
      },
      timezone: { type: 'string', placeholder: 'ZONE', summary: 'time zone of the steps (default UTC)' },
      table: {
        type: 'string',
        placeholder: 'TABLE',
        choices: ['call', 'subscription'],
        default: 'call',
        summary: 'what is counted',
      },
    },
    formats: ['json', 'yaml', 'jsonl'],
    examples: [
      {
        command:
          'vapi analytics query --operation count:id --operation sum:cost --group-by endedReason --start 7d',
        does: 'calls and costs of a week, by how they ended',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ options }, context) => {
    const body =
      options.file === undefined
        ? { queries: [readQuery(options, Date.now())] }
        : await loadDocument(
            options.file === '-' ? '-' : resolve(context.workingDirectory, options.file),
            context.output.streams.stdin,
          )
    const api = await context.api()
    await context.output.document(await api.request({ method: 'POST', path: '/analytics', body }))
    return undefined
  },
)

interface QueryOptions {
  operation: string[]
  'group-by': string[]
  start: string | undefined
  end: string | undefined
  step: string | undefined
  timezone: string | undefined
  table: string
}

function readQuery(options: QueryOptions, nowMs: number): Json {
  if (options.operation.length === 0)
    throw usageError('--operation is missing', 'for example --operation count:id, or --file FILE')
  const timeRange = {
    ...(options.step !== undefined && { step: options.step }),
    ...(options.start !== undefined && { start: readTime('start', options.start, nowMs) }),
    ...(options.end !== undefined && { end: readTime('end', options.end, nowMs) }),
    ...(options.timezone !== undefined && { timezone: options.timezone }),
  }
  return {
    table: options.table,
    name: 'query',
    operations: options.operation.map(readOperation),
    ...(options['group-by'].length > 0 && { groupBy: options['group-by'] }),
    ...(Object.keys(timeRange).length > 0 && { timeRange }),
  }
}

function readOperation(text: string): Json {
  const [operation = '', column] = text.split(':')
  if (!operations.some(known => known === operation) || column === undefined)
    throw usageError(`--operation ${text} is not OPERATION:COLUMN`, `operations: ${operations.join(', ')}`)
  return { operation, column }
}
