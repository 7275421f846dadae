import { toolVariants } from './resources/tool-variants.ts'

/** How a tool of a type does its work, which decides how it can be tried out from here. */
export type ToolWork =
  /** Its own server gets `tool-calls`. */
  | 'server'
  /** The platform makes the HTTP request that the tool describes. */
  | 'request'
  /** Only the platform can do it. */
  | 'platform'

export interface ToolType {
  type: string
  /** What it does, in one line. */
  summary: string
  /** Paths of what a create needs beside `type`, fixed values as `path=value`. */
  required: readonly string[]
  /** False for types that the API gives but does not take. */
  creatable: boolean
  work: ToolWork
  /** Why it cannot be tried out from here; null where it can. */
  untestable: string | null
}

const byServer: readonly string[] = ['function', 'bash', 'computer', 'textEditor']

const inCall = 'it acts on a running call'
const byAccount = 'the platform does it with an account that is connected there'

const untestable: Readonly<Record<string, string>> = {
  endCall: inCall,
  transferCall: inCall,
  handoff: inCall,
  dtmf: inCall,
  voicemail: inCall,
  sipRequest: inCall,
  sms: 'the platform sends the message from a phone number of the account',
  code: 'the platform runs its code',
  query: 'the platform searches the knowledge base',
  knowledgeBase: 'the platform searches the knowledge base',
  mcp: 'it stands for tools that its server names only when a call begins, in another protocol (MCP)',
  ghl: byAccount,
}

/** All tool types: those that can be created, then those that the API only gives. */
export const toolTypes: readonly ToolType[] = [
  ...Object.entries(toolVariants.of).map(([type, { summary, fields, constants = {} }]) =>
    toolType(type, summary, true, [
      ...Object.entries(constants).map(([path, value]) => `${path}=${value}`),
      ...fields.filter(({ required }) => required === true).map(({ path }) => path),
    ]),
  ),
  toolType('knowledgeBase', 'searches a knowledge base; made together with it', false, []),
  toolType('ghl', 'a GoHighLevel workflow, in the older form', false, []),
]

export function findToolType(type: string): ToolType | undefined {
  return toolTypes.find(candidate => candidate.type === type)
}

function toolType(type: string, summary: string, creatable: boolean, required: string[]): ToolType {
  const work = byServer.includes(type) ? 'server' : type === 'apiRequest' ? 'request' : 'platform'
  const reason = work === 'platform' ? (untestable[type] ?? byAccount) : null
  return { type, summary, required, creatable, work, untestable: reason }
}
