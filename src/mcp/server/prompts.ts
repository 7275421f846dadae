import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js'
import type { Library } from '../content/library.ts'
import { uriOf } from './found.ts'
import { completion } from './resources.ts'

interface PromptArgument {
  name: string
  description: string
  required: boolean
  /** Values that are offered; others are taken too. */
  values: readonly string[]
}

interface PromptDefinition {
  name: string
  title: string
  description: string
  arguments: readonly PromptArgument[]
  /** Ids of pages to read first; those that are not in the library are left out. */
  pages: readonly string[]
  text(given: Readonly<Record<string, string | undefined>>, pages: string): string
}

const events = [
  'assistant-request',
  'tool-calls',
  'end-of-call-report',
  'status-update',
  'transfer-destination-request',
  'handoff-destination-request',
  'knowledge-base-request',
  'voice-request',
  'conversation-update',
  'transcript',
  'speech-update',
  'user-interrupted',
  'hang',
  'phone-call-control',
]

const symptoms = [
  'the assistant talks over the caller',
  'the assistant answers too slowly',
  'the caller cannot interrupt',
  'the assistant stops in mid-sentence',
  'the call ends too early',
  'the assistant never hears the caller',
  'a tool is not called',
  'a tool result is not used',
  'the transfer fails',
  'words are pronounced wrongly',
  'the webhook gets no messages',
]

export const prompts: readonly PromptDefinition[] = [
  {
    name: 'design_assistant',
    title: 'Design an assistant',
    description: 'From a purpose to a checked configuration of an assistant',
    arguments: [
      {
        name: 'purpose',
        description: 'what it is for: "book appointments for a dentist"',
        required: true,
        values: [],
      },
      {
        name: 'channel',
        description: 'how people reach it',
        required: false,
        values: ['phone', 'web', 'both'],
      },
      {
        name: 'language',
        description: 'language that it speaks',
        required: false,
        values: [
          'English',
          'Spanish',
          'German',
          'French',
          'Portuguese',
          'Italian',
          'Dutch',
          'Hindi',
          'several',
        ],
      },
    ],
    pages: [
      'assistants/quickstart',
      'customization/speech-configuration',
      'customization/voice-pipeline-configuration',
      'assistants/assistant-hooks',
      'assistants/dynamic-variables',
      'tools',
      'squads-and-transfers',
      'prompting-guide',
    ],
    text: ({ purpose, channel, language }, pages) => `Design a Vapi assistant for this purpose: ${purpose}
It is reached by ${channel ?? 'phone, unless I say otherwise'} and speaks ${language ?? 'the language of this request'}.

Work in this order.
1. Ask me what you cannot decide alone, in one message and with a proposal for each point: who calls and why, what the assistant must find out, what it may promise, when it hands over to a person, what happens outside opening hours, which systems it has to reach.
2. Look things up instead of remembering them. Field names and values of Vapi change: search_documentation answers questions, get_api_reference with endpoint "/assistant" and method "POST" lists the fields, get_examples gives code.${pages}
3. Write the system prompt for speech: short sentences, one question at a time, numbers and dates as they are said, what to do when the caller is silent, angry or off topic. No lists, no markup.
4. Choose transcriber, model and voice for the language, and say in a sentence each why. Leave a field out where the default is right. Set endpointing and interruption (startSpeakingPlan, stopSpeakingPlan) only for a reason that you name.
5. Give every tool a name, a description of when to use it, a JSON Schema of its parameters and what the assistant says while it runs.
6. Call validate_assistant with the result. Mend every error, explain every warning that stays, and call it again until no error is left.

Then give me the configuration as one JSON document, three conversations to test it with (a smooth one, one with an interruption, one that goes wrong), and the commands: vapi assistant validate FILE, vapi call local FILE to talk to it on this machine, vapi assistant create --file FILE to store it.`,
  },
  {
    name: 'write_webhook_handler',
    title: 'Write a webhook handler',
    description: 'A server that takes the messages of a call and answers them rightly',
    arguments: [
      {
        name: 'events',
        description: 'message types it has to handle, separated by commas',
        required: true,
        values: events,
      },
      {
        name: 'framework',
        description: 'what it is written with',
        required: false,
        values: ['express', 'nextjs', 'fastapi', 'flask', 'hono', 'fastify', 'gin', 'node'],
      },
    ],
    pages: [
      'webhooks',
      'server-url/events',
      'server-url/server-authentication',
      'tools',
      'errors-and-ended-reasons',
    ],
    text: (
      { events: wanted, framework },
      pages,
    ) => `Write a server for Vapi's messages of these types: ${wanted}.
Use ${framework ?? 'the framework of this project; look at its files first'}.

1. For each type, find out what comes and what has to go back: search_documentation with the name of the type; get_examples with feature "webhook handler" for code.${pages}
2. The message is in the field "message" of the body, its type in "message.type". Handle every named type, and answer 200 with an empty object to all others: new types appear.
3. Tell apart the types that wait for an answer from those that only inform. For those that wait, answer within their time limit, in exactly their form; for tool-calls one result per call, with its toolCallId. Do slow work of the informing ones after the answer.
4. Check who is calling before anything is parsed: the secret, bearer token or signature that the server is configured with, compared in constant time, over the raw body where it is a signature. Read it from the environment, refuse with 401, and never log it.
5. A message may come twice. Make what has effects idempotent by call id and message, and never let one broken message end the process.

Then write tests that post one message of each type, one with a wrong secret, one that is no JSON. Tell me how to try it: vapi listen --forward-to localhost:PORT passes real messages on to this machine, vapi trigger TYPE sends made-up ones, vapi listen replay sends a kept one again.`,
  },
  {
    name: 'debug_call',
    title: 'Find out what went wrong in a call',
    description: 'From a symptom to its cause and the setting to change',
    arguments: [
      { name: 'symptom', description: 'what was heard or seen', required: true, values: symptoms },
      {
        name: 'call',
        description: 'id of a call, or a file or folder of a local or simulated one',
        required: false,
        values: [],
      },
    ],
    pages: [
      'debugging-a-call',
      'errors-and-ended-reasons',
      'customization/speech-configuration',
      'customization/voice-pipeline-configuration',
      'calls/troubleshoot-call-errors',
      'debugging',
    ],
    text: ({ symptom, call }, pages) => `A Vapi call went wrong: ${symptom}
${call === undefined ? 'Ask me for the call: its id, or the folder that vapi call local has written.' : `The call: ${call}`}

1. Gather facts before you judge. Where this server offers them, use explain_call for a local or simulated call, get_call for one of the account (its endedReason, messages and costs), read_listen_journal for what the webhook server was sent and answered. Where it does not, ask me to run vapi call explain, vapi call get ID --json or vapi listen events --failed.
2. Look at endedReason first where the call ended unexpectedly: search_documentation with that very word tells what it means.${pages}
3. Follow the turn in which it happened: what the customer said, when their turn was taken as over and by whom, how long model, voice and tools took, what interrupted what. Say which of these is out of the ordinary.
4. Name the most likely cause, the fact that shows it, and one that would refute it. Do not name more than three.
5. Propose the smallest change of the configuration: path, old value, new value, what it costs elsewhere. Check the changed assistant with validate_assistant, and look up each field with search_documentation before you name it.
6. Show how to prove it: a simulation (simulate_call, or vapi call simulate FILE) whose script does what the caller did, with an expectation that fails before the change and holds after it.`,
  },
]

/** The prompts as `prompts/list` gives them. */
export function listPrompts() {
  return {
    prompts: prompts.map(({ name, title, description, arguments: given }) => ({
      name,
      title,
      description,
      arguments: given.map(({ values: _values, ...argument }) => argument),
    })),
  }
}

/** A prompt with its arguments filled in. Throws McpError for an unknown one and for missing arguments. */
export function getPrompt(library: Library, name: string, given: Readonly<Record<string, string>>) {
  const prompt = promptNamed(name)
  const missing = prompt.arguments.filter(argument => argument.required && !given[argument.name]?.trim())
  if (missing.length > 0)
    throw new McpError(
      ErrorCode.InvalidParams,
      `${name} needs ${missing.map(argument => `${argument.name} (${argument.description})`).join(', ')}`,
    )
  const filled = Object.fromEntries(
    prompt.arguments.flatMap(argument => {
      const value = given[argument.name]?.trim()
      return value ? [[argument.name, value]] : []
    }),
  )
  const pages = prompt.pages.flatMap(id => {
    const page = library.page(id)
    return page === null ? [] : [`\n   - ${page.head.title}: ${uriOf(page.head.id)}`]
  })
  const reading =
    pages.length === 0 ? '' : ` These pages, resources of this server, are worth reading:${pages.join('')}`
  const text = prompt.text(filled, reading)
  return {
    description: prompt.description,
    messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
  }
}

/** Values for a prompt's argument that begin with, or hold, what was typed; after a comma for the last of several. */
export function completeArgument(name: string, argument: string, typed: string) {
  const known = promptNamed(name).arguments.find(each => each.name === argument)
  if (known === undefined)
    throw new McpError(ErrorCode.InvalidParams, `the prompt ${name} has no argument ${argument}`)
  const comma = argument === 'events' ? typed.lastIndexOf(',') + 1 : 0
  const before = typed.slice(0, comma)
  const wanted = typed.slice(comma).trim().toLowerCase()
  const fitting = known.values.filter(value => value.toLowerCase().includes(wanted))
  const sorted = fitting.toSorted((one, other) => place(one, wanted) - place(other, wanted))
  return completion(sorted.map(value => `${before}${before === '' ? '' : ' '}${value}`))
}

/** 0 where it begins so. */
function place(value: string, wanted: string): number {
  return value.toLowerCase().startsWith(wanted) ? 0 : 1
}

function promptNamed(name: string): PromptDefinition {
  const prompt = prompts.find(each => each.name === name)
  if (prompt === undefined)
    throw new McpError(
      ErrorCode.InvalidParams,
      `there is no prompt ${name}; there are ${prompts.map(each => each.name).join(', ')}`,
    )
  return prompt
}
