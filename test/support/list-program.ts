/**
 * Lists all calls of the API at `argv[2]` in a process of its own, with the proxies of its environment, and prints their
 * number, the bytes of their ids and the largest memory that the process had, in MiB.
 */
import { createApi } from '../../src/api/client.ts'
import { listPages } from '../../src/api/paging.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { createProxies } from '../../src/net/proxy.ts'

async function run(baseUrl: string): Promise<void> {
  const proxies = await createProxies(process.env)
  const http = createHttpClient(proxies && { proxies })
  const api = createApi({ http, baseUrl, key: 'k', timeoutMs: 30_000 })
  let count = 0
  let last = ''
  for await (const row of listPages(api, { path: '/call', paging: 'created', limit: null, pageSize: 100 })) {
    count++
    last = String(row.id)
  }
  http.close()
  console.log(JSON.stringify({ count, last, maximumMiB: Math.round(process.resourceUsage().maxRSS / 1024) }))
}

void run(process.argv[2] ?? '')
