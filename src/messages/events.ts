/** Every message that the platform sends to servers (vapi-api.md 3.2, 3.6; 1.7 for campaigns). */

/** Who decides that a message is sent. */
export type Selection =
  /** In `assistant.serverMessages`, also where that list is not set. */
  | 'default'
  /** Only where `assistant.serverMessages` names it. */
  | 'opt-in'
  /** A request for an answer: sent whenever its situation comes up. */
  | 'always'
  /** In a campaign's `serverMessages`. */
  | 'campaign'

export interface ServerMessageType {
  /** As it stands in `message.type` and in `serverMessages`. */
  type: string
  selection: Selection
  /** When it is sent, in one line. */
  when: string
  /** The reply that it needs, in short; null where the reply is not read. */
  reply: string | null
  /** Whole time for the reply where it is fixed; null: the server's `timeoutSeconds` (20 unless set). */
  limitSeconds: number | null
  /** False where only the name is documented, not the fields. */
  documented: boolean
}

/** Time for the reply to an `assistant-request`: telephony gives up near 15 s. */
export const ASSISTANT_REQUEST_LIMIT_SECONDS = 7.5

type Row = readonly [type: string, selection: Selection, when: string, reply?: string]

const requests: readonly Row[] = [
  [
    'assistant-request',
    'always',
    'an inbound call has no assistant and no squad',
    '{assistantId} or {assistant}, {squadId}, {squad}, {destination}, {error}',
  ],
  [
    'tool-calls',
    'default',
    'the model calls a tool that has a server',
    '{results: [{toolCallId, result | error}]}',
  ],
  [
    'transfer-destination-request',
    'default',
    'a transferCall tool without destinations is called',
    '{destination, message?} or {error}',
  ],
  [
    'handoff-destination-request',
    'default',
    'a handoff tool with a dynamic destination is called',
    '{destination} or {error}',
  ],
  [
    'knowledge-base-request',
    'always',
    'a custom knowledge base is searched',
    '{documents: [{content, similarity}]} or {message}',
  ],
  ['voice-request', 'always', 'a custom voice has text to speak', 'raw PCM bytes (16-bit, mono)'],
  [
    'call.endpointing.request',
    'always',
    'a custom endpointing model judges the customer’s words',
    '{timeoutSeconds}',
  ],
  ['campaign.predial', 'always', 'a campaign with a pre-dial plan is about to dial', '{eligible}'],
]

const notices: readonly Row[] = [
  ['status-update', 'default', 'the call changes its status (in-progress, forwarding, ended …)'],
  ['end-of-call-report', 'default', 'the call is over and its analysis is done'],
  ['conversation-update', 'default', 'the history of the conversation grew'],
  ['speech-update', 'default', 'somebody starts or stops speaking'],
  ['user-interrupted', 'default', 'the customer interrupts the assistant'],
  ['hang', 'default', 'the assistant did not answer for a while'],
  ['transcript', 'opt-in', 'words were recognised, partial and final'],
  ['transcript[transcriptType="final"]', 'opt-in', 'words were recognised, final ones alone'],
  ['model-output', 'opt-in', 'the model gave a token or a tool call'],
  ['voice-input', 'opt-in', 'text goes to the voice'],
  ['assistant.speechStarted', 'opt-in', 'the assistant’s words begin to be heard'],
  ['language-change-detected', 'opt-in', 'the transcriber hears another language'],
  ['phone-call-control', 'opt-in', 'the server itself is to forward or hang up'],
  ['transfer-update', 'opt-in', 'the call is transferred'],
  ['chat.created', 'opt-in', 'a chat was created'],
  ['chat.deleted', 'opt-in', 'a chat was deleted'],
  ['session.created', 'opt-in', 'a session was created'],
  ['session.updated', 'opt-in', 'a session changed'],
  ['session.deleted', 'opt-in', 'a session was deleted'],
  ['call.deleted', 'opt-in', 'the data of a call was erased'],
  ['call.delete.failed', 'opt-in', 'the data of a call could not be erased'],
  ['call.artifact.upload', 'opt-in', 'recordings and logs of a call were stored'],
]

/** Names of the API's lists whose fields no document describes. */
const namesAlone: readonly Row[] = [
  ['assistant.started', 'default', 'an assistant takes over the call'],
  ['function-call', 'default', 'older form of tool-calls', '{result}'],
  ['language-changed', 'opt-in', 'older form of language-change-detected'],
  ['campaign.started', 'campaign', 'a campaign begins to dial'],
  ['campaign.cancelled', 'campaign', 'a campaign was cancelled'],
  ['campaign.ended', 'campaign', 'a campaign is over'],
  ['campaign.archived', 'campaign', 'a campaign was archived'],
  ['campaign.unarchived', 'campaign', 'a campaign was taken out of the archive'],
  ['campaign.job.continued', 'campaign', 'a campaign goes on after a pause'],
  ['contact.dispatched', 'campaign', 'a contact is called'],
  ['contact.completed', 'campaign', 'the call to a contact is over'],
  ['contact.failed', 'campaign', 'the call to a contact failed'],
  ['contact.skipped', 'campaign', 'a contact was passed over'],
  ['contact.predial-failed', 'campaign', 'the pre-dial request for a contact failed'],
]

function typeOf(row: Row, documented: boolean): ServerMessageType {
  const [type, selection, when, reply] = row
  const limitSeconds = type === 'assistant-request' ? ASSISTANT_REQUEST_LIMIT_SECONDS : null
  return { type, selection, when, reply: reply ?? null, limitSeconds, documented }
}

/** All of them: those that need an answer first, those of which only the name is documented last. */
export const serverMessageTypes: readonly ServerMessageType[] = [
  ...[...requests, ...notices].map(row => typeOf(row, true)),
  ...namesAlone.map(row => typeOf(row, false)),
]

/** What `assistant.serverMessages` may hold. */
export const selectableServerMessages: readonly string[] = serverMessageTypes
  .filter(({ selection }) => selection === 'default' || selection === 'opt-in')
  .map(({ type }) => type)

/** What an assistant without `serverMessages` sends. */
export const defaultServerMessages: readonly string[] = serverMessageTypes
  .filter(({ selection }) => selection === 'default')
  .map(({ type }) => type)

/** What an assistant without `clientMessages` sends to the client (vapi-api.md 3.6). */
export const defaultClientMessages: readonly string[] = [
  'conversation-update',
  'function-call',
  'hang',
  'model-output',
  'speech-update',
  'status-update',
  'transfer-update',
  'transcript',
  'tool-calls',
  'user-interrupted',
  'voice-input',
  'workflow.node.started',
  'assistant.started',
]

export const FINAL_TRANSCRIPT = 'transcript[transcriptType="final"]'

const LANGUAGE_CHANGE = 'language-change-detected'
/** The list of `clientMessages` has this name alone for it; the message itself has the other one. */
const OLD_LANGUAGE_CHANGE = 'language-changed'

/** Under which type a message goes out by such a list; null where the list does not have it. */
export function listedType(list: readonly string[], type: string, isFinal: boolean): string | null {
  if (list.includes(type)) return type
  if (type === LANGUAGE_CHANGE && list.includes(OLD_LANGUAGE_CHANGE)) return type
  return type === 'transcript' && isFinal && list.includes(FINAL_TRANSCRIPT) ? FINAL_TRANSCRIPT : null
}

const byType: ReadonlyMap<string, ServerMessageType> = new Map(
  serverMessageTypes.map(each => [each.type, each]),
)

export function findServerMessageType(type: string): ServerMessageType | undefined {
  return byType.get(type)
}
