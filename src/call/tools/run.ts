import type { StampedCommand } from '../../engine/commands.ts'
import type { ToolResult } from '../../engine/inputs.ts'
import type { ToolOutcome } from '../../engine/ports/tool-runner.ts'
import { asVapiError } from '../../errors.ts'
import type { CallPorts, MemberPorts, Renewal } from '../ports.ts'

type ToolCommand = Extract<StampedCommand, { type: 'tool.run' }>

/** Runs a tool, and prepares what its result makes of the call's assistants. Never rejects. */
export async function runTool(
  { tools, assistants }: CallPorts,
  member: MemberPorts,
  command: ToolCommand,
  signal: AbortSignal,
): Promise<{ outcome: ToolResult; renewal: Renewal | null }> {
  const { call, tool, messages, purpose } = command
  try {
    if (purpose === 'join')
      return await destinationOf(
        { type: 'destination', destination: call.arguments },
        command.member,
        assistants,
      )
    const outcome = await tools.run(
      {
        call,
        ...member.toolOf(tool),
        ...(purpose !== undefined && { purpose }),
        ...(messages !== undefined && { messages }),
      },
      signal,
    )
    // The engine's log holds plain data, and no more than it needs.
    const { reply: _reply, ...plain } = { reply: undefined, ...outcome }
    const learned = outcome.variables
    const renewed =
      learned === undefined || Object.keys(learned).length === 0 || assistants === undefined
        ? null
        : await assistants.learn(learned)
    if (plain.type !== 'destination') return { outcome: plain, renewal: renewed }
    return await destinationOf(plain, command.member, assistants)
  } catch (error) {
    return { outcome: { type: 'error', error: asVapiError(error).message }, renewal: null }
  }
}

async function destinationOf(
  outcome: Extract<ToolOutcome, { type: 'destination' }>,
  member: number,
  assistants: CallPorts['assistants'],
): Promise<{ outcome: ToolResult; renewal: Renewal | null }> {
  if (assistants === undefined) throw new Error('a destination that a server names is not known here')
  const { destination, renewal } = await assistants.join(member, outcome.destination)
  return { outcome: { ...outcome, destination }, renewal }
}
