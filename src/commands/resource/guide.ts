import { textAt } from '../../api/body.ts'
import { checkNumber } from '../../api/contacts.ts'
import { nameOf } from '../../api/lookup.ts'
import type { Field, Resource, Variants } from '../../api/resources/types.ts'
import { resourceOf } from '../../api/resources.ts'
import { listRows } from '../../api/rows.ts'
import type { Json } from '../../api/types.ts'
import type { Context } from '../../cli/context.ts'
import { messageOf } from '../../errors.ts'
import type { Prompt } from '../../output/prompt.ts'

/** Most rows that a choice among existing objects offers. */
const MAXIMUM_CHOICES = 500

/** Asks which variant it is to be. */
export async function askVariant({ field, of }: Variants, context: Context): Promise<string> {
  const prompt = await context.prompt()
  return prompt.select({
    message: field,
    choices: Object.entries(of).map(([value, { summary }]) => ({ value, label: `${value}: ${summary}` })),
  })
}

/** Asks for a field's value; undefined where it may be left out and was. */
export async function askField(field: Field, context: Context): Promise<Json | undefined> {
  const prompt = await context.prompt()
  const { kind = 'text', choices, reference, required = false } = field
  const message = `${field.summary}${required ? '' : ' (optional)'}`
  if (reference !== undefined) return askReference(field, message, prompt, context)
  if (choices !== undefined) return askChoice(choices, required, message, prompt)
  if (kind === 'boolean') return (await prompt.confirm({ message, default: false })) || undefined
  if (kind === 'secret') return (await prompt.secret({ message })) || undefined
  const text = await prompt.text({ message, validate: value => isValid(value, kind, required) })
  if (text === '') return undefined
  if (kind === 'number') return Number(text)
  if (kind === 'telephone') return checkNumber(text, field.flag)
  if (kind === 'list') return text.split(',').map(part => part.trim())
  return kind === 'json' ? (JSON.parse(text) as Json) : text
}

function isValid(text: string, kind: string, required: boolean): true | string {
  if (text.trim() === '') return required ? 'it is needed' : true
  if (kind === 'number') return Number.isFinite(Number(text)) || 'a number, please'
  try {
    if (kind === 'json') JSON.parse(text)
    if (kind === 'telephone') checkNumber(text, 'this')
    return true
  } catch (error) {
    return messageOf(error)
  }
}

async function askChoice(
  choices: readonly string[],
  required: boolean,
  message: string,
  prompt: Prompt,
): Promise<string | undefined> {
  const [only] = choices
  if (required && choices.length === 1) return only
  const values = choices.map(value => ({ value }))
  const answer = await prompt.select({
    message,
    choices: required ? values : [{ value: '', label: '(leave open)' }, ...values],
  })
  return answer === '' ? undefined : answer
}

/** Offers the objects that are there. */
async function askReference(
  { reference = '', required = false, kind }: Field,
  message: string,
  prompt: Prompt,
  context: Context,
): Promise<Json | undefined> {
  const resource: Resource = resourceOf(reference)
  const api = await context.api()
  const choices: { value: string; label: string }[] = []
  for await (const row of listRows(api, resource, { query: {}, limit: MAXIMUM_CHOICES })) {
    const id = textAt(row, 'id')
    const name = nameOf(resource, row)
    choices.push({ value: id, label: name === id ? id : `${name} (${id})` })
  }
  if (choices.length === 0) {
    context.output.note(`there is no ${resource.noun} yet: vapi ${resource.words} create`)
    return undefined
  }
  if (kind === 'list') return prompt.checkbox({ message, choices })
  const answer = await prompt.select({
    message,
    choices: required ? choices : [{ value: '', label: '(none)' }, ...choices],
  })
  return answer === '' ? undefined : answer
}
