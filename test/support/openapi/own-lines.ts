import { ID, type Line, OTHER_ID } from './command-lines.ts'
import { exampleId } from './example.ts'

/** An assistant that has a server, and a tool that can have one. */
export const SERVED_ID = exampleId('with a server')
export const served = {
  id: SERVED_ID,
  orgId: OTHER_ID,
  name: 'Served',
  createdAt: '2026-01-05T09:00:00.000Z',
  updatedAt: '2026-01-05T09:00:00.000Z',
  server: { url: 'https://example.com/served' },
}
export const servedTool = {
  ...served,
  name: undefined,
  type: 'function',
  function: { name: 'book' },
  server: undefined,
}

/** Commands with an implementation of their own. */
export const ownLines: { words: string; lines: Line[] }[] = [
  {
    words: 'assistant create',
    lines: [
      {
        args: ['assistant', 'create', '--name', 'Desk', '--first-message', 'Hello'],
        sends: 'POST /assistant',
      },
      {
        args: ['assistant', 'create', '--file', 'body.json'],
        body: { name: 'Desk' },
        sends: 'POST /assistant',
      },
    ],
  },
  {
    words: 'phone update',
    lines: ['--assistant', '--squad', '--server-url'].map(flag => ({
      args: ['phone', 'update', ID, flag, flag === '--server-url' ? 'https://example.com/hook' : OTHER_ID],
      sends: `PATCH /phone-number/${ID}`,
    })),
  },
  {
    words: 'call create',
    lines: [
      {
        args: [
          'call',
          'create',
          '--assistant',
          ID,
          '--phone',
          OTHER_ID,
          '--to',
          '+15551234567',
          '--var',
          'name=Ada',
        ],
        sends: 'POST /call',
      },
      {
        args: ['call', 'create', '--squad', ID, '--phone', OTHER_ID, '--to', '+15551234567'],
        sends: 'POST /call',
      },
      {
        args: [
          'call',
          'create',
          '--assistant',
          ID,
          '--phone',
          OTHER_ID,
          '--to',
          '+15551234567',
          '--at',
          '2030-01-01T09:00:00Z',
        ],
        sends: 'POST /call',
      },
    ],
  },
  {
    words: 'file create',
    lines: [
      { args: ['file', 'create', 'words.txt'], files: { 'words.txt': 'Words.' }, sends: 'POST /file' },
      {
        args: ['file', 'create', 'words.txt', '--purpose', 'assistant', '--metadata', '{"for":"Ada"}'],
        files: { 'words.txt': 'Words.' },
        sends: 'POST /file',
      },
    ],
  },
  ...(['campaign', 'campaign v2'] as const).map(words => ({
    words: `${words} create`,
    lines: [
      {
        args: [
          ...[...words.split(' '), 'create', '--name', 'Spring', '--contacts', 'contacts.csv'],
          ...[
            '--assistant',
            ID,
            '--phone',
            OTHER_ID,
            '--schedule',
            '2030-01-01T09:00:00Z/2030-01-01T17:00:00Z',
          ],
        ],
        files: { 'contacts.csv': 'number,name,city\n+15551234567,Ada,Paris\n' },
        sends: `POST ${words === 'campaign' ? '' : '/v2'}/campaign`,
      },
    ],
  })),
  {
    words: 'chat create',
    lines: [
      { args: ['chat', 'create', '--assistant', ID, '--input', 'Hello'], sends: 'POST /chat' },
      { args: ['chat', 'create', '--assistant', ID, '--input', 'Hello', '--no-stream'], sends: 'POST /chat' },
      { args: ['chat', 'continue', ID, 'And then?'], sends: 'POST /chat' },
    ],
  },
  {
    words: 'call list with a status',
    lines: [{ args: ['call', 'list', '--status', 'ended'], sends: 'GET /call' }],
  },
  {
    words: 'call download',
    lines: [
      ...['mono', 'stereo', 'customer', 'assistant', 'video'].map(kind => ({
        args: ['call', 'download', ID, '--recording', kind],
        sends: `GET /call/${ID}/${kind}-recording`,
      })),
      { args: ['call', 'download', ID, '--logs'], sends: `GET /call/${ID}/call-logs` },
      { args: ['call', 'download', ID, '--pcap'], sends: `GET /call/${ID}/pcap` },
    ],
  },
  ...(['campaign', 'campaign v2'] as const).map(words => ({
    words: `${words} end`,
    lines: [
      {
        args: [...words.split(' '), 'end', ID, '--yes'],
        sends: `PATCH ${words === 'campaign' ? '' : '/v2'}/campaign/${ID}`,
      },
    ],
  })),
  {
    words: 'webhook',
    lines: [
      { args: ['webhook', 'list'], sends: 'GET /assistant' },
      ...(['assistant', 'phone', 'tool'] as const)
        .map(kind => ({ kind, id: kind === 'tool' ? SERVED_ID : ID }))
        .map(({ kind, id }) => ({
          args: [
            ...['webhook', 'create', 'https://example.com/hook', `--${kind}`, id],
            ...[
              '--timeout-seconds',
              '7',
              '--header',
              'x-from: vapi',
              '--retries',
              '2',
              '--credential',
              OTHER_ID,
            ],
          ],
          sends: `PATCH /${kind === 'phone' ? 'phone-number' : kind}/${id}`,
        })),
      {
        args: [
          ...['webhook', 'create', 'https://example.com/hook', '--assistant', ID],
          ...['--messages', 'end-of-call-report,tool-calls'],
        ],
        sends: `PATCH /assistant/${ID}`,
      },
      {
        args: ['webhook', 'update', `assistant/${SERVED_ID}`, '--url', 'https://example.com/other'],
        sends: `PATCH /assistant/${SERVED_ID}`,
      },
      { args: ['webhook', 'get', `assistant/${SERVED_ID}`], sends: `GET /assistant/${SERVED_ID}` },
      {
        args: ['webhook', 'delete', `assistant/${SERVED_ID}`, '--yes'],
        sends: `PATCH /assistant/${SERVED_ID}`,
      },
    ],
  },
  {
    words: 'logs',
    lines: [
      { args: ['logs', 'list'], sends: 'GET /call' },
      { args: ['logs', 'errors'], sends: 'GET /call' },
      { args: ['logs', 'calls', ID], sends: `GET /call/${ID}` },
    ],
  },
  {
    words: 'api',
    lines: [
      {
        args: [
          'api',
          'POST',
          '/chat/responses',
          '-f',
          'input=Hello',
          '-f',
          `assistantId=${ID}`,
          '-f',
          'stream=false',
        ],
        sends: 'POST /chat/responses',
      },
      { args: ['api', 'GET', '/call', '-f', 'limit=2', '-f', `assistantId=${ID}`], sends: 'GET /call' },
      { args: ['api', 'GET', '/call', '--paginate'], sends: 'GET /call' },
      { args: ['api', 'DELETE', `/session/${ID}`], sends: `DELETE /session/${ID}` },
    ],
  },
  {
    words: 'phone search',
    lines: [{ args: ['phone', 'search', '555'], sends: 'GET /v2/phone-number' }],
  },
  {
    words: 'analytics query',
    lines: [
      {
        args: [
          ...['analytics', 'query', '--operation', 'sum:cost', '--operation', 'count:id'],
          ...['--group-by', 'assistantId', '--start', '7d', '--step', 'day'],
        ],
        sends: 'POST /analytics',
      },
    ],
  },
]
