import type { Page } from '../../../src/mcp/index/page.ts'
import { page } from '../../support/mcp.ts'

const handler = (lines: number) =>
  Array.from({ length: lines }, (_, place) => `const line${place} = ${place} // ${'x'.repeat(40)}`).join('\n')

/** A small library with something for every tool. */
export const pages: Page[] = [
  page(
    'quickstart/introduction',
    'Introduction',
    'guides',
    '# Introduction\n\nA voice assistant has a transcriber, a model and a voice.\n\n## Webhooks in short\n\nA webhook gets messages.',
    { url: 'https://docs.vapi.ai/quickstart/introduction', description: 'What Vapi is.' },
  ),
  page(
    'webhooks',
    'Webhooks',
    'guides',
    `Messages go to your server.

## Verify the signature

### With express

\`\`\`ts title="server.ts"
import express from 'express'
const app = express()
app.post('/webhook', verifySignature)
\`\`\`

### With FastAPI

\`\`\`python
from fastapi import FastAPI
app = FastAPI()  # verify signature of the webhook
\`\`\`

### By hand

\`\`\`bash
curl -X POST https://example.com/webhook -H 'x-vapi-signature: 1'
\`\`\`

\`\`\`bash
npm install webhook
\`\`\`
`,
    { url: 'https://docs.vapi.ai/server-url' },
  ),
  page(
    'webhooks/long',
    'A long handler of webhooks',
    'examples',
    `## Whole webhook server\n\n\`\`\`typescript\n${handler(150)}\n\`\`\``,
  ),
  page(
    'assistants/latency',
    'Understanding latency',
    'guides',
    `The assistant answers slowly.\n\n${'Latency is the time until the answer. '.repeat(900)}\n\n## Measure latency\n\nLook at turn.latency.`,
  ),
  page(
    'api/post-call',
    'POST /call – Create call',
    'api',
    '`POST /call`, operation `CallController_create`, SDK `client.calls.create`\n\n## Request body\n\n- `customer` (object): who is called.\n\n## Example\n\n```bash\ncurl -X POST https://api.vapi.ai/call\n```',
    { source: 'reference' },
  ),
  page(
    'api/get-call',
    'GET /call – List calls',
    'api',
    '`GET /call`, SDK `client.calls.list`\n\n## Response\n\nA list of calls.',
    { source: 'reference' },
  ),
  page(
    'api/get-call-id',
    'GET /call/{id} – Get call',
    'api',
    '`GET /call/{id}`, SDK `client.calls.get`\n\n## Response\n\nA call.',
    { source: 'reference' },
  ),
  page(
    'api/types/CreateCallDTO',
    'CreateCallDTO',
    'api',
    '## Fields\n\n- `customer` (object): who is called.',
    { source: 'reference' },
  ),
  page(
    'changelog/2025-03-02',
    '2025-03-02',
    'changelog',
    '1. **New voice provider**: you can now use Hume.\n```json\n{ "provider": "hume" }\n```\n\n2. **Fixed transfers**: a bug in SIP transfers was fixed.',
  ),
  page(
    'changelog/2025-03-20',
    '2025-03-20',
    'changelog',
    '* The endpoint /old was removed; it is deprecated since January.\n* Added knowledge bases.',
  ),
  page('changelog/2024-10-07', '2024-10-07', 'changelog', 'Fixed the dashboard.'),
]
