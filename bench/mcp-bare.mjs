// The least that an MCP server can be: the SDK, standard input and output, one tool. The reference of bench/mcp.mjs.
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

const server = new Server({ name: 'bare', version: '1' }, { capabilities: { tools: {} } })
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: 'search_documentation', inputSchema: { type: 'object' } }],
}))
server.setRequestHandler(CallToolRequestSchema, () => ({ content: [{ type: 'text', text: 'nothing' }] }))
await server.connect(new StdioServerTransport())
