import { assign, textAt } from '../api/body.ts'
import { resourceOf } from '../api/resources.ts'
import type { JsonObject } from '../api/types.ts'
import { listTemplates, loadTemplate } from '../assistant/templates.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { readTextOrFile } from './resource/body.ts'
import { readBody, requireContent, sendCreate } from './resource/create.ts'
import { bodyOptions, fieldOptions, type Values } from './resource/options.ts'

const resource = resourceOf('assistant')

/** What a system prompt is put into where nothing else names a model. */
const DEFAULT_MODEL = { provider: 'openai', model: 'gpt-4o' } as const

export default defineCommand(
  {
    name: 'assistant create',
    summary: 'create an assistant',
    description:
      'On a terminal, without flags, it asks: a template or an empty one, name, first message, system prompt, model, transcriber, voice. Prints the id; --json all of it.',
    args: [],
    options: {
      ...bodyOptions,
      template: {
        type: 'string',
        placeholder: 'ID',
        summary: 'begin with a template (vapi assistant templates lists them)',
      },
      'system-prompt': {
        type: 'string',
        placeholder: 'TEXT|@FILE',
        summary: `what the model is told; with ${DEFAULT_MODEL.provider} ${DEFAULT_MODEL.model} unless a model is named`,
      },
      ...fieldOptions(resource, 'create'),
    },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi assistant create', does: 'guided' },
      {
        command: 'vapi assistant create --template appointment-scheduling --name Reception',
        does: 'from a template, under your name',
      },
      {
        command: 'vapi assistant create --file assistant.yaml --set model.temperature=0.3',
        does: 'from a file, with one change',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ options }, context) => {
    const values = options as Values
    const nothingGiven = Object.values(values).every(
      value => value === undefined || value === false || (Array.isArray(value) && value.length === 0),
    )
    const guided = context.interactive && nothingGiven
    const template = options.template ?? (guided ? await askTemplate(context) : undefined)
    const base = template === undefined ? null : ((await loadTemplate(template)) as JsonObject)
    let body = await readBody(resource, values, guided ? { ...context, interactive: false } : context, base)
    if (options['system-prompt'] !== undefined)
      body = withPrompt(body, await readTextOrFile(options['system-prompt'], context))
    if (guided) body = await askParts(body, context)
    if (options.file === undefined) requireContent(resource, body)
    await warnOfFindings(body, context)
    await sendCreate(resource, body, {}, context)
    return undefined
  },
)

async function askTemplate(context: Context): Promise<string | undefined> {
  const prompt = await context.prompt()
  const templates = await listTemplates()
  const answer = await prompt.select({
    message: 'begin with',
    choices: [
      { value: '', label: 'an empty assistant' },
      ...templates.map(({ id, title, summary }) => ({ value: id, label: title, description: summary })),
    ],
  })
  return answer === '' ? undefined : answer
}

/** Asks for the parts that make an assistant, offering what is there already. */
async function askParts(start: JsonObject, context: Context): Promise<JsonObject> {
  const prompt = await context.prompt()
  let body = start
  const ask = async (path: string, message: string, fallback: string) => {
    const known = textAt(body, path)
    const text = await prompt.text({ message, default: known === '' ? fallback : known })
    if (text !== '') body = assign(body, [{ path, value: text }])
  }
  await ask('name', 'name', 'New assistant')
  await ask('firstMessage', 'first message', 'Hello! How can I help you?')
  const prompted = await prompt.text({ message: 'system prompt', default: promptOf(body) })
  body = withPrompt(body, prompted)
  await ask('model.provider', 'provider of the model', DEFAULT_MODEL.provider)
  await ask('model.model', 'model', DEFAULT_MODEL.model)
  await ask('transcriber.provider', 'provider of the transcriber', 'deepgram')
  await ask('transcriber.model', 'model of the transcriber', 'nova-3')
  await ask('voice.provider', 'provider of the voice', 'vapi')
  await ask('voice.voiceId', 'voice', 'Elliot')
  return body
}

function promptOf(body: JsonObject): string {
  return (
    textAt(body, 'model.messages.0.content') ||
    'You are a helpful assistant on the phone. Answer in one or two sentences.'
  )
}

/** The body with its system message; a model is put in where there is none. */
function withPrompt(body: JsonObject, content: string): JsonObject {
  const model = (body.model ?? {}) as JsonObject
  const others = Array.isArray(model.messages)
    ? model.messages.filter((message: { role?: unknown }) => message.role !== 'system')
    : []
  return {
    ...body,
    model: { ...DEFAULT_MODEL, ...model, messages: [{ role: 'system', content }, ...others] },
  }
}

/** Says what the validator finds wrong; the API has the last word. */
async function warnOfFindings(body: JsonObject, { output }: Context): Promise<void> {
  const { loadValidator } = await import('../assistant/validate/validate.ts')
  const findings = (await loadValidator()).validate(body)
  for (const { path, message, level } of findings)
    if (level === 'error') output.warning(`${path}: ${message}`)
}
