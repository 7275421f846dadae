// A small MCP server over standard input and output, good or bad as its last argument says.
'use strict'
const mode = process.argv.at(-1)
const send = message => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
if (mode === 'dies') {
  process.stderr.write('first line\nno index was found\n')
  process.exit(7)
}
if (mode === 'noisy') process.stdout.write('Server listening\n')
if (mode === 'stays') setInterval(() => {}, 1000)
if (mode === 'stubborn') process.on('SIGTERM', () => {})
const tools = count =>
  Array.from({ length: count }, (_, place) => ({ name: `tool_${place}`, inputSchema: {} }))
require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', line => {
    const { id, method, params } = JSON.parse(line)
    if (mode === 'silent' || mode === 'stubborn') return
    if (method === 'initialize') {
      if (mode === 'refuses') return send({ id, error: { code: -32602, message: 'not this version' } })
      if (mode === 'asks') send({ id: 'q', method: 'ping' })
      const capabilities = mode === 'toolless' ? {} : { tools: {} }
      const serverInfo = { name: process.env.TINY_NAME ?? 'tiny', version: '1.2.3' }
      send({ id, result: { protocolVersion: params.protocolVersion, capabilities, serverInfo } })
    } else if (method === 'tools/list')
      send({ id, result: params.cursor ? { tools: tools(2) } : { tools: tools(3), nextCursor: 'more' } })
  })
