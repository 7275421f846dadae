import type { CallMembers, CompiledMembers } from '../assistant/call-members.ts'
import { plansOf } from '../assistant/call-members.ts'
import type { CompiledAssistant } from '../assistant/compile.ts'
import type { CallAssistants, MemberPorts } from './ports.ts'
import { createTextWork } from './text-work.ts'

/** What an assistant of a call uses that is not made of its texts: it stays when they are rendered anew. */
export type MemberParts = Pick<MemberPorts, 'models' | 'voices' | 'endOfTurn' | 'endpointing'>

/** The ports of a call's assistants, and how they change while it runs. */
export function createAssistants(
  members: CallMembers,
  partsOf: (compiled: CompiledAssistant, place: number) => MemberParts,
  /** What is laid around the ports of each (a meter). */
  around: (ports: MemberPorts) => MemberPorts = ports => ports,
): { members: MemberPorts[]; assistants: CallAssistants } {
  const parts = members.compiled.map(partsOf)
  const renew = (compiled: CompiledMembers) => ({
    plans: plansOf(compiled),
    members: compiled.map((each, place) => around(memberPorts(each, parts[place] ?? noParts))),
  })
  return {
    members: renew(members.compiled).members,
    assistants: {
      learn: async variables => renew(await members.learn({ ...variables })),
      join: async (member, given) => {
        const destination = await members.join(member, { ...given })
        for (const [place, each] of members.compiled.entries()) parts[place] ??= partsOf(each, place)
        return { destination, renewal: renew(members.compiled) }
      },
    },
  }
}

/** Of an assistant that was named but cannot speak here: the hand-over to it fails before it would need them. */
const noParts: MemberParts = {
  models: [],
  voices: [],
  endOfTurn: null,
}

function memberPorts(compiled: CompiledAssistant, parts: MemberParts): MemberPorts {
  const { plan, configuration, variables } = compiled
  const listed: unknown[] = Array.isArray(configuration.serverMessages) ? configuration.serverMessages : []
  const asFunctionCall = listed.includes('function-call') && !listed.includes('tool-calls')
  return {
    ...parts,
    voiceSettings: compiled.voiceSettings,
    toolOf: tool => {
      const found = plan.tools[tool]
      return {
        definition: found?.definition ?? {},
        server: found !== undefined && 'server' in found ? found.server : null,
        variables,
        asFunctionCall,
      }
    },
    text: createTextWork(compiled.rulePatterns, compiled.format, compiled.render, compiled.rejections),
  }
}
