import type { Field } from './resources/types.ts'

/** An argument of an action's command; `{name}` in the path is its value. */
export interface ActionArgument {
  name: string
  summary: string
  /** The value is the id, or the unique name, of such a resource. */
  reference?: string
}

/** An endpoint that is not one of the common verbs of a resource, and needs no code of its own. */
export interface Action {
  /** Words of its command: `structured-output run`. */
  words: string
  summary: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  args: readonly ActionArgument[]
  /** Fields of the body; absent: it has none. */
  fields?: readonly Field[]
  /** Fields of the query, their `path` being the parameter. */
  query?: readonly Field[]
  /** Asks first. */
  destructive?: boolean
  /** What is printed: an object, all rows of a list, or the rows of a list that comes in pages. */
  result: 'object' | 'list' | 'pages'
  columns?: readonly { heading: string; path: string }[]
  example: string
}

const knowledgeBase: ActionArgument = {
  name: 'knowledge-base',
  summary: 'knowledge base, by id or name',
  reference: 'knowledge-base',
}
const file: ActionArgument = { name: 'file', summary: 'file, by id or name', reference: 'file' }
const run: ActionArgument = { name: 'run', summary: 'id of the run' }
const item: ActionArgument = { name: 'item', summary: 'id of the item' }
const fileColumns = [
  { heading: 'NAME', path: 'name' },
  { heading: 'STATUS', path: 'status' },
  { heading: 'CREATED', path: 'createdAt' },
]

function json(flag: string, path: string, summary: string, required = false): Field {
  return { flag, path, kind: 'json', required, summary: `${summary}, as JSON or a file` }
}

export const actions: readonly Action[] = [
  {
    words: 'knowledge-base files',
    summary: 'list the files of a knowledge base',
    method: 'GET',
    path: '/v2/knowledge-base/{knowledge-base}/file',
    args: [knowledgeBase],
    result: 'list',
    columns: fileColumns,
    example: 'vapi knowledge-base files Handbook',
  },
  {
    words: 'knowledge-base add',
    summary: 'put a file into a knowledge base',
    method: 'POST',
    path: '/v2/knowledge-base/{knowledge-base}/file',
    args: [knowledgeBase],
    fields: [
      {
        flag: 'file-id',
        path: 'fileId',
        reference: 'file',
        required: true,
        summary: 'file, by id or name (vapi file create uploads one)',
      },
    ],
    result: 'object',
    example: 'vapi knowledge-base add Handbook --file-id opening-hours.pdf',
  },
  {
    words: 'knowledge-base remove',
    summary: 'take a file out of a knowledge base',
    method: 'DELETE',
    path: '/v2/knowledge-base/{knowledge-base}/file/{file}',
    args: [knowledgeBase, file],
    destructive: true,
    result: 'object',
    example: 'vapi knowledge-base remove Handbook opening-hours.pdf --yes',
  },
  {
    words: 'knowledge-base retry',
    summary: 'read a file of a knowledge base again',
    method: 'POST',
    path: '/v2/knowledge-base/{knowledge-base}/file/{file}/retry',
    args: [knowledgeBase, file],
    result: 'object',
    example: 'vapi knowledge-base retry Handbook opening-hours.pdf',
  },
  {
    words: 'structured-output run',
    summary: 'run a structured output on calls that are over',
    method: 'POST',
    path: '/structured-output/run',
    args: [],
    fields: [
      {
        flag: 'call',
        path: 'callIds',
        kind: 'list',
        required: true,
        summary: 'id of a call; several times for several (100 at most)',
      },
      {
        flag: 'structured-output',
        path: 'structuredOutputId',
        reference: 'structured-output',
        summary: 'structured output, by id or name',
      },
      { flag: 'preview', path: 'previewEnabled', kind: 'boolean', summary: 'one call, nothing is stored' },
    ],
    result: 'object',
    example: 'vapi structured-output run --structured-output Satisfaction --call ID',
  },
  {
    words: 'simulation scenario generate',
    summary: 'have scenarios proposed for an assistant or squad',
    method: 'POST',
    path: '/eval/simulation/scenario/generate',
    args: [],
    fields: [
      { flag: 'assistant', path: 'assistantId', reference: 'assistant', summary: 'assistant, by id or name' },
      { flag: 'squad', path: 'squadId', reference: 'squad', summary: 'squad, by id or name' },
    ],
    result: 'object',
    example: 'vapi simulation scenario generate --assistant Reception',
  },
  {
    words: 'simulation run cancel',
    summary: 'cancel a run of simulations',
    method: 'PATCH',
    path: '/eval/simulation/run/{run}',
    args: [run],
    result: 'object',
    example: 'vapi simulation run cancel ID',
  },
  {
    words: 'simulation run items',
    summary: 'list the single simulations of a run',
    method: 'GET',
    path: '/eval/simulation/run/{run}/item',
    args: [run],
    query: [
      {
        flag: 'status',
        path: 'status',
        choices: ['queued', 'running', 'evaluating', 'passed', 'failed', 'canceled'],
        summary: 'with this status',
      },
    ],
    result: 'pages',
    columns: [
      { heading: 'STATUS', path: 'status' },
      { heading: 'SIMULATION', path: 'simulationId' },
      { heading: 'CREATED', path: 'createdAt' },
    ],
    example: 'vapi simulation run items ID --status failed',
  },
  {
    words: 'simulation run item',
    summary: 'show one simulation of a run',
    method: 'GET',
    path: '/eval/simulation/run/{run}/item/{item}',
    args: [run, item],
    result: 'object',
    example: 'vapi simulation run item RUN ITEM',
  },
  {
    words: 'simulation run cancel-item',
    summary: 'cancel one simulation of a run',
    method: 'PATCH',
    path: '/eval/simulation/run/{run}/item/{item}',
    args: [run, item],
    result: 'object',
    example: 'vapi simulation run cancel-item RUN ITEM',
  },
  {
    words: 'simulation run improve',
    summary: 'have improvements proposed from one simulation of a run',
    method: 'POST',
    path: '/eval/simulation/run/{run}/item/{item}/generate',
    args: [run, item],
    query: [
      { flag: 'force', path: 'force', kind: 'boolean', required: true, summary: 'make them anew' },
      { flag: 'persist', path: 'persist', kind: 'boolean', summary: 'keep them' },
    ],
    result: 'object',
    example: 'vapi simulation run improve RUN ITEM',
  },
  {
    words: 'simulation concurrency',
    summary: 'show how many simulations can run at once',
    method: 'GET',
    path: '/eval/simulation/concurrency',
    args: [],
    result: 'object',
    example: 'vapi simulation concurrency',
  },
  {
    words: 'insight run',
    summary: 'compute an insight',
    method: 'POST',
    path: '/reporting/insight/{insight}/run',
    args: [{ name: 'insight', summary: 'insight, by id or name', reference: 'insight' }],
    fields: [
      { flag: 'assistant', path: 'assistantId', reference: 'assistant', summary: 'assistant, by id or name' },
      json('format-plan', 'formatPlan', 'form of the result'),
      json('time-range', 'timeRangeOverride', 'time range in place of its own'),
    ],
    result: 'object',
    example: 'vapi insight run "Calls a day"',
  },
  {
    words: 'insight preview',
    summary: 'compute an insight that is not stored',
    method: 'POST',
    path: '/reporting/insight/preview',
    args: [],
    fields: [
      {
        flag: 'type',
        path: 'type',
        choices: ['bar', 'line', 'pie', 'text'],
        required: true,
        summary: 'its type',
      },
      json('queries', 'queries', 'what is asked', true),
    ],
    result: 'object',
    example: 'vapi insight preview --file insight.json',
  },
  {
    words: 'board overview',
    summary: 'show the figures of the default board',
    method: 'GET',
    path: '/reporting/board/default/metrics-overview',
    args: [],
    result: 'object',
    example: 'vapi board overview',
  },
  {
    words: 'campaign contacts',
    summary: 'list the contacts of a campaign and what became of them',
    method: 'GET',
    path: '/v2/campaign/{campaign}/contacts',
    args: [{ name: 'campaign', summary: 'campaign, by id or name', reference: 'campaign v2' }],
    query: [
      {
        flag: 'status',
        path: 'status',
        kind: 'list',
        choices: [
          'contact.pending',
          'contact.dispatched',
          'contact.completed',
          'contact.failed',
          'contact.skipped',
          'contact.predial-failed',
        ],
        summary: 'with this status; several times for several',
      },
    ],
    result: 'pages',
    columns: [
      { heading: 'STATUS', path: 'status' },
      { heading: 'NUMBER', path: 'number' },
      { heading: 'NAME', path: 'name' },
      { heading: 'CALL', path: 'callId' },
      { heading: 'ENDED REASON', path: 'endedReason' },
    ],
    example: 'vapi campaign contacts Spring --status contact.failed',
  },
]
