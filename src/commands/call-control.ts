import { callAtAddress, readCall } from '../api/live-call.ts'
import {
  addMessageBody,
  type ControlBody,
  type MessageRole,
  messageRoles,
  muteBody,
  postControl,
  sayBody,
  transferBody,
} from '../api/live-control.ts'
import type { Context } from '../cli/context.ts'
import { type Command, type CommandDefinition, defineCommand, type Invocation } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { publicKeyOf, publicKeyOptions, refuseLocalId, withoutListener } from './call-monitor.ts'

/** What the commands that steer a running call have in common. */
const shared = {
  formats: ['table', 'json', 'yaml', 'jsonl'],
  // A call on this machine needs no account.
  needsLogin: false,
  destructive: false,
} as const

const callId = {
  name: 'id',
  summary: 'the running call’s id, or the controlUrl that vapi call local --control prints',
  required: true,
} as const
const throughMonitor =
  'It goes to the call’s control URL (monitor.controlUrl), with the public key where the assistant asks for one and never with the private key.'

/** Ties a verb to the body it sends and to what is said when it was taken. */
function controlCommand<const Definition extends CommandDefinition>(
  definition: Definition,
  message: (invocation: Invocation<Definition>) => { body: ControlBody; said: string },
): Command<Definition> {
  return defineCommand(definition, async (invocation, context) => {
    const { body, said } = message(invocation)
    // Every definition here has the shared options.
    const options = invocation.options as { 'public-key': string | undefined }
    await send(invocation.args[0] ?? '', body, said, options['public-key'], context)
    return undefined
  })
}

async function send(
  id: string,
  body: ControlBody,
  said: string,
  publicKey: string | undefined,
  context: Context,
): Promise<void> {
  const { output, signal, env } = context
  const local = callAtAddress(id)
  if (local === null) refuseLocalId(id)
  const call = local ?? (await readCall(await context.api(), id))
  const reply = await postControl(await context.http(), {
    call,
    body,
    publicKey: publicKeyOf(publicKey, env),
    privateKey: await context.key(),
    timeoutMs: (await context.connection()).timeoutMs,
    signal,
  }).catch(error => {
    throw local === null ? error : withoutListener(error, id)
  })
  if (output.isJson || output.options.format === 'yaml')
    await output.document({
      ...(local === null && { callId: id }),
      sent: body,
      ...(reply !== undefined && { reply }),
    })
  else output.note(said)
}

export const callEnd = controlCommand(
  {
    ...shared,
    name: 'call end',
    summary: 'hang up a running call',
    description: `Ends the conversation; the call’s record stays. vapi call delete is something else: it erases the record and does not hang up. To say something first: vapi call say ID TEXT --end-after. ${throughMonitor}`,
    args: [callId],
    options: publicKeyOptions,
    examples: [{ command: 'vapi call end 0199a3d2-7c1e-7444-81ff-feadfdab1f0e', does: 'hang up' }],
  },
  () => ({ body: { type: 'end-call' }, said: 'the call was asked to end' }),
)

export const callSay = controlCommand(
  {
    ...shared,
    name: 'call say',
    summary: 'let the assistant of a running call say something',
    description: throughMonitor,
    args: [callId, { name: 'text', summary: 'what it says; left out with --first-message', required: false }],
    options: {
      'end-after': { type: 'boolean', summary: 'hang up when it was said' },
      interrupt: { type: 'boolean', summary: 'say it now, also in the middle of the assistant’s own speech' },
      interruptible: { type: 'boolean', summary: 'the customer can cut it off' },
      'no-interruptions': { type: 'boolean', summary: 'the customer cannot cut it off' },
      'first-message': { type: 'boolean', summary: 'say the assistant’s first message (again)' },
      ...publicKeyOptions,
    },
    examples: [
      { command: 'vapi call say 0199a3d2-… "One moment, please."', does: 'when the assistant is silent' },
      {
        command: 'vapi call say 0199a3d2-… "We close now. Goodbye." --interrupt --end-after',
        does: 'now, then hang up',
      },
      { command: 'vapi call say 0199a3d2-… --first-message', does: 'the greeting' },
      {
        command: 'vapi call say http://127.0.0.1:40123/…/control "Hello."',
        does: 'to a call of vapi call local --control',
      },
    ],
  },
  ({ args: [, text], options }) => {
    const interrupts = options.interrupt
    const endAfter = options['end-after']
    const fixed = options['no-interruptions']
    if (fixed && options.interruptible)
      throw usageError('--interruptible and --no-interruptions exclude each other')
    if (options['first-message']) {
      if (text !== undefined || interrupts || endAfter || fixed || options.interruptible)
        throw usageError(
          '--first-message stands alone: it takes no text and no other option of how to say it',
        )
      return {
        body: { type: 'control', control: 'say-first-message' },
        said: 'the first message was asked for',
      }
    }
    if (text === undefined || text.trim() === '')
      throw usageError('there is nothing to say', 'vapi call say ID "text", or --first-message')
    return {
      body: sayBody(text, {
        endAfter,
        interrupts,
        ...((fixed || options.interruptible) && { interruptible: !fixed }),
      }),
      said: 'the assistant was told to say it',
    }
  },
)

export const callTransfer = controlCommand(
  {
    ...shared,
    name: 'call transfer',
    summary: 'transfer a running call to a number or SIP address',
    description: throughMonitor,
    args: [callId, { name: 'destination', summary: '+15551234567 or sip:name@example.com', required: true }],
    options: {
      message: { type: 'string', placeholder: 'TEXT', summary: 'said to the customer before the transfer' },
      ...publicKeyOptions,
    },
    examples: [
      { command: 'vapi call transfer 0199a3d2-… +15551234567', does: 'hand the customer over' },
      {
        command: 'vapi call transfer 0199a3d2-… sip:desk@example.com --message "I connect you."',
        does: 'announce it',
      },
    ],
  },
  ({ args: [, destination = ''], options }) => ({
    body: transferBody(destination, options.message),
    said: `the call was asked to go to ${destination}`,
  }),
)

export const callMute = controlCommand(
  {
    ...shared,
    name: 'call mute',
    summary: 'mute the assistant or the customer of a running call',
    description: throughMonitor,
    args: [callId],
    options: {
      who: {
        type: 'string',
        placeholder: 'WHO',
        choices: ['assistant', 'customer'],
        default: 'assistant',
        summary: 'whom',
      },
      off: { type: 'boolean', summary: 'let them be heard again' },
      ...publicKeyOptions,
    },
    examples: [
      { command: 'vapi call mute 0199a3d2-…', does: 'silence the assistant' },
      { command: 'vapi call mute 0199a3d2-… --who customer --off', does: 'hear the customer again' },
    ],
  },
  ({ options }) => ({
    body: muteBody(options.who === 'customer' ? 'customer' : 'assistant', options.off),
    said: `the ${options.who} is to be ${options.off ? 'heard again' : 'silent'}`,
  }),
)

export const callMessage = controlCommand(
  {
    ...shared,
    name: 'call message',
    summary: 'add a message to the conversation of a running call',
    description: throughMonitor,
    args: [callId, { name: 'text', summary: 'its content', required: true }],
    options: {
      role: {
        type: 'string',
        placeholder: 'ROLE',
        choices: messageRoles,
        default: 'system',
        summary: 'whose message it is',
      },
      'no-response': { type: 'boolean', summary: 'the assistant takes note and does not answer' },
      ...publicKeyOptions,
    },
    examples: [
      {
        command: 'vapi call message 0199a3d2-… "The customer has pressed the button."',
        does: 'tell the model',
      },
      {
        command: 'vapi call message 0199a3d2-… "My name is Ada." --role user --no-response',
        does: 'add without an answer',
      },
    ],
  },
  ({ args: [, text = ''], options }) => ({
    body: addMessageBody(options.role as MessageRole, text, !options['no-response']),
    said: 'the message was added',
  }),
)
