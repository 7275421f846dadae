import { readDocument } from '../assistant/call-body.ts'
import { loadDocument } from '../assistant/load.ts'
import { noAccount } from '../assistant/sources.ts'
import { listDevices } from '../audio/devices/list.ts'
import type { CallRequest, CustomerChoice } from '../call/live/prepare.ts'
import { parseScenario, type Scenario } from '../call/scenario.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { packageFile } from '../package-root.ts'
import { findLocalServer } from '../providers/openai-compatible/local-server.ts'
import { chooseCustomer } from './call-customer.ts'
import { outcomeOptions, outcomeRequest } from './call-outcome.ts'
import { requireDistinctFiles, runCall, soundOptions, soundRequest } from './call-run.ts'

/** What `--model` takes for the demo's own small script. */
const SCRIPTED = 'scripted'

export default defineCommand(
  {
    name: 'call demo',
    summary: 'hear a whole call at once: no account, no key, no sound card',
    description:
      'A scripted caller phones an appointment desk. Speech, voice activity, turn taking, interruption and formatting are real and run on this machine. The model is a small script, unless OPENAI_API_KEY is set or a local model server answers at its usual address.',
    args: [],
    options: {
      in: {
        type: 'string',
        placeholder: 'script|mic|FILE.wav|text',
        default: 'script',
        summary: 'who calls',
      },
      ...soundOptions,
      ...outcomeOptions,
      model: {
        type: 'string',
        placeholder: 'PROVIDER[/NAME]',
        summary: `the model; ${SCRIPTED} for the demo’s own script`,
      },
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi call demo', does: 'the whole call, without any sound' },
      { command: 'vapi call demo --out speaker', does: 'hear the assistant' },
      { command: 'vapi call demo --in mic', does: 'be the caller yourself' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, context) => {
    const { output } = context
    requireDistinctFiles(options, [options.in], context)
    const path = packageFile('templates', 'demo', 'appointment-desk.yaml')
    const scenario = parseScenario(await loadDocument(path), path)
    if (!isObject(scenario.assistant))
      throw new VapiError({ code: 'internal', message: `${path} has no assistant` })
    const scripted: CustomerChoice = { type: 'scripted', steps: scenario.caller ?? [] }
    const customer =
      options.in === 'script'
        ? { choice: scripted, typed: null }
        : chooseCustomer(options.in, options.microphone ?? null, context)
    const model = await chooseModel(options.model ?? null, context)
    const devices = options.in === 'script' ? listDevices(context.env) : null
    output.note(
      model === null
        ? 'The model of this demo is a small script. Set OPENAI_API_KEY, or start Ollama, to hear a real one.'
        : `The model is ${model}.`,
    )
    const request: CallRequest = {
      speaker: { body: readDocument(scenario.assistant, path), origin: { name: path } },
      loadStored: noAccount,
      check: () => [],
      choices: { transcriber: null, model, voice: null, offline: false },
      variables: {},
      semantics: 'documentation',
      customer: customer.choice,
      ...soundRequest(options, options.in === 'mic'),
      ...outcomeRequest(options),
      warnings: [],
      allowCode: false,
      script: { replies: model === null ? replies(scenario) : null, tools: scenario.tools ?? {} },
    }
    const exit = await runCall(request, context, customer.typed)
    if (devices !== null) tellNext(await devices, context)
    return exit
  },
)

function replies(scenario: Scenario): NonNullable<Scenario['model']> {
  return scenario.model ?? []
}

/** The model to use, as `provider/name`; null for the script. */
async function chooseModel(asked: string | null, { env, signal, http }: Context): Promise<string | null> {
  if (asked !== null) return asked === SCRIPTED ? null : asked
  if ((env.OPENAI_API_KEY ?? '') !== '') return 'openai/gpt-4o-mini'
  const server = await findLocalServer(await http(), env, signal)
  return server === null ? null : `${server.provider.id}/${server.model}`
}

/** How to take part, where this machine can. */
function tellNext(
  { microphones, speakers }: Awaited<ReturnType<typeof listDevices>>,
  { output }: Context,
): void {
  if (microphones.length > 0 && speakers.length > 0) {
    output.note('\nTo talk to it yourself, with headphones: vapi call demo --in mic')
  } else {
    output.note('\nTo talk to it yourself by keyboard: vapi call demo --in text')
  }
}
