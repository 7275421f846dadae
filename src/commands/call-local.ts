import { checkNumber } from '../api/contacts.ts'
import { joinOverrides, readBody, requireNumber } from '../assistant/call-body.ts'
import { mergeOverrides } from '../assistant/overrides.ts'
import type { LoadStored } from '../assistant/sources.ts'
import { readTarget, type Target } from '../assistant/target.ts'
import type { CallRequest } from '../call/live/prepare.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { loadChecks } from './call-checks.ts'
import { chooseCustomer } from './call-customer.ts'
import {
  asSemantics,
  callOptions,
  customerOf,
  loadObject,
  storedLoader,
  variablesOf,
} from './call-options.ts'
import { outcomeOptions, outcomeRequest } from './call-outcome.ts'
import { requireDistinctFiles, runCall, soundOptions, soundRequest } from './call-run.ts'

export default defineCommand(
  {
    name: 'call local',
    summary: 'talk to an assistant on this machine: microphone, sound file or keyboard',
    description:
      'Runs the assistant’s own configuration as a real conversation and shows where the time of each turn went. Every call leaves a recording, its artifact, its events and a report in .vapi/calls.',
    args: [
      {
        name: 'assistant',
        summary:
          'a file with an assistant, a squad or the body of a call (JSON or YAML, - is standard input), or the id or name of a stored assistant or squad',
        required: false,
      },
    ],
    options: {
      in: {
        type: 'string',
        placeholder: 'mic|FILE.wav|text|-',
        default: 'mic',
        summary: 'who the customer is; - is sound on standard input (WAV, or 16 kHz mono 16-bit)',
      },
      ...soundOptions,
      transcriber: {
        type: 'string',
        placeholder: 'PROVIDER[/NAME]',
        summary:
          'in place of the assistant’s: of a provider (deepgram/nova-3; vapi provider-key list names them all) or of this machine (local, pocketsphinx, sherpa-onnx/NAME or FOLDER; vapi voice models list)',
      },
      model: {
        type: 'string',
        placeholder: 'PROVIDER[/NAME]',
        summary:
          'in place of the assistant’s (openai/gpt-4o-mini, anthropic/claude-haiku-4-5, ollama/llama3.2; custom-llm/NAME is any OpenAI-compatible server, such as vLLM, LocalAI or Jan, at CUSTOM_LLM_BASE_URL)',
      },
      voice: {
        type: 'string',
        placeholder: 'PROVIDER[/NAME]',
        summary:
          'in place of the assistant’s: of a provider (11labs/sarah; vapi provider-key list names them all) or of this machine (embedded/slt, sherpa-onnx/NAME; vapi voice models list)',
      },
      offline: { type: 'boolean', summary: 'only what runs on this machine, in place of everything else' },
      'end-of-turn-model': {
        type: 'string',
        placeholder: 'FILE.onnx',
        summary:
          'judge by this turn-detection model whether the customer has finished (where livekit decides; tokenizer.json beside it)',
      },
      'allow-code': {
        type: 'boolean',
        summary: 'let tools of type code run their code on this machine, in a process of its own',
      },
      control: {
        type: 'boolean',
        summary:
          'steer and hear the call while it runs: prints its controlUrl and listenUrl, for this machine alone',
      },
      'control-port': {
        type: 'number',
        placeholder: 'PORT',
        minimum: 1,
        summary: 'the port of these (default: one that is free); turns --control on',
      },
      check: {
        type: 'boolean',
        summary:
          'begin no call: say which provider, key and engine each part would use, what is missing, how long a turn takes and what a minute costs',
      },
      online: {
        type: 'boolean',
        summary: 'with --check: ask each provider with one cheap request whether it takes the key',
      },
      overrides: {
        type: 'string',
        placeholder: 'FILE',
        summary: 'assistantOverrides (of a squad: squadOverrides), merged over the configuration',
      },
      pronunciation: {
        type: 'list',
        placeholder: 'FILE',
        summary: 'rules of a pronunciation dictionary for its voice (JSON or YAML, as the API answers them)',
      },
      'server-url': {
        type: 'string',
        placeholder: 'URL',
        summary:
          'server of the called number: asked who takes the call where no assistant is named, gets the messages of assistants without a server',
      },
      from: {
        type: 'string',
        placeholder: 'NUMBER',
        summary: 'number that the call comes from; the same as --customer-number',
      },
      ...outcomeOptions,
      ...callOptions,
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      {
        command: 'vapi call local assistant.json --offline',
        does: 'speak with it through microphone and speaker',
      },
      { command: 'vapi call local assistant.json --in text', does: 'type, with the same turn taking' },
      { command: 'vapi call local reception --in text', does: 'the stored assistant of that name' },
      {
        command: 'vapi call local --server-url http://127.0.0.1:3000/assistant --from +15551234567',
        does: 'the assistant that your server chooses for this caller',
      },
      {
        command: 'vapi call local assistant.json --control',
        does: 'and from elsewhere: vapi call say CONTROL_URL "One moment, please."',
      },
      {
        command: 'vapi call local assistant.json --in caller.wav --out reply.wav --json',
        does: 'a recorded caller; events as JSON lines',
      },
      {
        command: 'vapi call local assistant.json --check --online',
        does: 'what it would use, and whether the keys are taken; exit 0 where it can begin',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [target], options }, context) => {
    if (target === '-' && options.in === '-')
      throw usageError('standard input cannot be both the assistant and the caller')
    if (target === '-' && options.in === 'text')
      throw usageError(
        'standard input cannot be both the assistant and the typed lines',
        'name a file for the assistant',
      )
    const read = [target, options.in, options.overrides, ...options.pronunciation].filter(
      path => path !== undefined,
    )
    requireDistinctFiles(options, read, context)
    if (options.online && !options.check) throw usageError('--online belongs to --check')
    const control = controlOf(options)
    const loadStored = storedLoader(context, options.offline)
    const speaker = await readSpeaker(target, options, loadStored, context)
    const check = await loadChecks()
    const customer = chooseCustomer(options.in, options.microphone ?? null, context, !options.check)
    const request: CallRequest = {
      speaker,
      loadStored,
      check,
      choices: {
        transcriber: options.transcriber ?? null,
        model: options.model ?? null,
        voice: options.voice ?? null,
        offline: options.offline,
      },
      variables: variablesOf(options.var),
      semantics: asSemantics(options.semantics),
      customer: customer.choice,
      ...soundRequest(options, options.in === 'mic'),
      ...outcomeRequest(options),
      warnings: [],
      allowCode: options['allow-code'],
      control,
      endOfTurnModel: options['end-of-turn-model'] ?? null,
      script: null,
    }
    if (!options.check) return runCall(request, context, customer.typed)
    const { printCheck } = await import('./call-check.ts')
    return printCheck(request, options.online, context)
  },
)

/** Where the call is steered from; null where it is not. */
function controlOf(options: {
  control: boolean
  'control-port': number | undefined
}): CallRequest['control'] {
  const port = options['control-port']
  if (port !== undefined && (!Number.isInteger(port) || port > 65_535))
    throw usageError('--control-port is a whole number from 1 to 65535')
  return options.control || port !== undefined ? { port: port ?? 0 } : null
}

/** Who speaks: what was named, or whoever the server names; with the overrides and the customer of the options. */
async function readSpeaker(
  target: string | undefined,
  options: Parameters<typeof customerOf>[0] & {
    overrides: string | undefined
    pronunciation: readonly string[]
    'server-url': string | undefined
    from: string | undefined
  },
  loadStored: LoadStored,
  context: Context,
): Promise<Target> {
  const url = options['server-url']
  if (target === undefined && url === undefined)
    throw usageError(
      'nobody speaks',
      'name an assistant or a squad, or give --server-url for a server that is asked for one',
    )
  // The number's server: it is asked who takes the call, and gets the messages of assistants without one.
  const called = url === undefined ? {} : { server: { url } }
  const { body, origin } =
    target === undefined
      ? {
          body: readBody({ phoneNumber: called }, '--server-url'),
          origin: { name: '--server-url' },
        }
      : await readTarget(target, context.workingDirectory, loadStored, context.output.streams.stdin)
  const own = options.overrides === undefined ? {} : await loadObject(options.overrides, context)
  const dictionaries = await Promise.all(options.pronunciation.map(path => loadObject(path, context)))
  const spoken = dictionaries.length === 0 ? {} : { voice: { pronunciationDictionary: dictionaries } }
  const given = mergeOverrides(own, spoken)
  const isSquad = body.speaker.type.startsWith('squad')
  const field = isSquad ? 'squadOverrides' : 'assistantOverrides'
  if (options.from !== undefined) checkNumber(options.from, '--from')
  const number = options['customer-number'] ?? options.from
  if (options.from !== undefined && number !== options.from)
    throw usageError('--from and --customer-number are the same and differ', 'leave one')
  const customer = mergeOverrides(body.customer, customerOf({ ...options, 'customer-number': number }))
  requireNumber(customer, origin.name)
  const phoneNumber = mergeOverrides(body.phoneNumber, called)
  const overrides = joinOverrides(body[field], given)
  return { origin, body: { ...body, [field]: overrides, customer, phoneNumber } }
}
