import { defineCommand } from '../cli/definition.ts'
export default defineCommand(
  {
    name: 'call demo',
    summary: 'tbd',
    args: [],
    options: {},
    formats: ['table'],
    examples: [],
    needsLogin: false,
    destructive: false,
  },
  async () => undefined,
)
