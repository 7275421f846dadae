import type { Context } from '../cli/context.ts'
import { usageError } from '../errors.ts'
import { resolveEventName } from '../messages/event-names.ts'
import { findServerMessageType, type ServerMessageType, serverMessageTypes } from '../messages/events.ts'
import { sampleTypes } from '../messages/samples.ts'
import type { Column } from '../output/output.ts'

export interface ChosenEvent {
  type: string
  /** What its message has to say, to be what an older name stands for. */
  fields: Readonly<Record<string, unknown>>
}

/**
 * The message that a name means; also by names of older documentation, with a note. `needsSample`: its fields are made
 * up. Throws a usage error.
 */
export function chooseEvent(name: string, needsSample: boolean, { output }: Context): ChosenEvent {
  if (name.includes('*')) throw usageError(`${name} may be several events`, 'vapi trigger --list shows all')
  if (!needsSample && findServerMessageType(name) !== undefined) return { type: name, fields: {} }
  const { types, note, fields = {} } = resolveEventName(name)
  const [type = name] = types
  if (note !== null) output.note(`${note}${types.length > 1 ? `; this is ${type}` : ''}`)
  if (needsSample && !sampleTypes.includes(type))
    throw usageError(
      `the fields of ${type} are not documented, so there is no sample of it`,
      'give them with vapi trigger --file message.json',
    )
  return { type, fields }
}

const selections: Readonly<Record<ServerMessageType['selection'], string>> = {
  default: 'by default',
  'opt-in': 'if in serverMessages',
  always: 'always',
  campaign: 'if in serverMessages of the campaign',
}

/** Prints messages: when they are sent, which reply they need, and in what time. */
export async function listEvents(events: readonly ServerMessageType[], { output }: Context): Promise<void> {
  const columns: Column<ServerMessageType>[] = [
    { heading: 'TYPE', value: ({ type }) => type },
    { heading: 'WHEN', value: ({ when }) => when },
    { heading: 'SENT', value: ({ selection }) => selections[selection] },
    { heading: 'REPLY', value: ({ reply }) => reply ?? '-' },
    {
      heading: 'TIME',
      value: ({ reply, limitSeconds }) =>
        reply === null ? '-' : limitSeconds === null ? '20 s (timeoutSeconds)' : `${limitSeconds} s`,
    },
  ]
  await output.list(events, columns, ({ type }) => type)
}

/** Those of which a message can be made. */
export const triggerableEvents: readonly ServerMessageType[] = serverMessageTypes.filter(({ type }) =>
  sampleTypes.includes(type),
)
