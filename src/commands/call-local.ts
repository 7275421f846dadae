import { isObject, mergeOverrides } from '../assistant/overrides.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { chooseCustomer } from './call-customer.ts'
import { asSemantics, callOptions, loadObject, variablesOf } from './call-options.ts'
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
        summary: 'the assistant’s configuration, a JSON or YAML file (- is standard input)',
        required: true,
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
        summary: 'in place of the assistant’s (local, pocketsphinx, sherpa-onnx/FOLDER)',
      },
      model: {
        type: 'string',
        placeholder: 'PROVIDER[/NAME]',
        summary: 'in place of the assistant’s (openai/gpt-4o-mini, ollama/llama3.2)',
      },
      voice: {
        type: 'string',
        placeholder: 'PROVIDER[/NAME]',
        summary: 'in place of the assistant’s (embedded/slt)',
      },
      offline: { type: 'boolean', summary: 'only what runs on this machine, in place of everything else' },
      overrides: {
        type: 'string',
        placeholder: 'FILE',
        summary: 'assistantOverrides, merged over the configuration',
      },
      ...callOptions,
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      {
        command: 'vapi call local assistant.json --offline',
        does: 'speak with it through microphone and speaker',
      },
      { command: 'vapi call local assistant.json --in text', does: 'type, with the same turn taking' },
      {
        command: 'vapi call local assistant.json --in caller.wav --out reply.wav --json',
        does: 'a recorded caller; events as JSON lines',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [path = ''], options }, context) => {
    if (path === '-' && options.in === '-')
      throw usageError('standard input cannot be both the assistant and the caller')
    requireDistinctFiles(options, [path, options.in, options.overrides ?? path], context)
    const { variableValues, ...assistantOverrides } =
      options.overrides === undefined ? {} : await loadObject(options.overrides, context)
    const assistant = mergeOverrides(await loadObject(path, context), assistantOverrides)
    const given = isObject(variableValues) ? variableValues : {}
    const customer = chooseCustomer(options.in, options.microphone ?? null, context)
    return runCall(
      {
        assistant,
        origin: path,
        choices: {
          transcriber: options.transcriber ?? null,
          model: options.model ?? null,
          voice: options.voice ?? null,
          offline: options.offline,
        },
        variables: mergeOverrides(given, variablesOf(options.var)),
        semantics: asSemantics(options.semantics),
        customer: customer.choice,
        ...soundRequest(options, options.in === 'mic'),
        warnings: [],
        script: null,
      },
      context,
      customer.typed,
    )
  },
)
