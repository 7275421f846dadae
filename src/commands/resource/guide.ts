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
import { readDestinations, readJson } from './body.ts'

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
  const message = `${questionOf(field)}${required ? '' : ' (optional)'}`
  if (reference !== undefined) return askReference(field, message, prompt, context)
  if (choices !== undefined) return askChoice(choices, required, message, prompt)
  if (kind === 'boolean') return (await prompt.confirm({ message, default: false })) || undefined
  if (kind === 'secret') {
    let secret = await prompt.secret({ message })
    while (secret === '' && required) secret = await prompt.secret({ message: `${message} (it is needed)` })
    return secret || undefined
  }
  if (kind === 'json') return askJson(field, message, readJson, context)
  if (kind === 'destinations') return askJson(field, message, readDestinations, context)
  const text = await prompt.text({ message, validate: value => isValid(value, field) })
  if (text === '') return undefined
  if (kind === 'number') return Number(text)
  if (kind === 'telephone') return checkNumber(text, field.flag)
  if (kind === 'list') return text.split(',').map(part => part.trim())
  return text
}

/** What the field is, without what its flag alone can do. */
function questionOf({ summary }: Field): string {
  return summary.replace(/ \(- reads it from stdin\)$/, '').replace(/^its /, '')
}

/** JSON as it is typed, or the name of a file that has it, as with the field's flag. */
async function askJson(
  { flag, required }: Field,
  message: string,
  read: typeof readJson,
  context: Context,
): Promise<Json | undefined> {
  const prompt = await context.prompt()
  let value: Json | undefined
  await prompt.text({
    message,
    validate: async text => {
      value = undefined
      if (text.trim() === '') return required === true ? 'it is needed' : true
      try {
        value = await read(flag, text.trim(), context)
        return true
      } catch (error) {
        return messageOf(error)
      }
    },
  })
  return value
}

function isValid(text: string, { kind, required = false, form }: Field): true | string {
  if (text.trim() === '') return required ? 'it is needed' : true
  if (form?.pattern.test(text) === false) return `${form.words}, please`
  if (kind === 'number') return Number.isFinite(Number(text)) || 'a number, please'
  try {
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

/** The objects that are there, as choices; says so where there are too many to show. */
export async function choicesOf(
  resource: Resource,
  context: Context,
): Promise<{ value: string; label: string }[]> {
  const choices: { value: string; label: string }[] = []
  const onCut = () =>
    context.output.note(`the newest ${choices.length} ${resource.plural} are shown; others by their id`)
  const rows = listRows(await context.api(), resource, { query: {}, limit: MAXIMUM_CHOICES, onCut })
  for await (const row of rows) {
    const id = textAt(row, 'id')
    const name = nameOf(resource, row)
    choices.push({ value: id, label: name === id ? id : `${name} (${id})` })
  }
  return choices
}

/** Offers the objects that are there. */
async function askReference(
  { reference = '', required = false, kind }: Field,
  message: string,
  prompt: Prompt,
  context: Context,
): Promise<Json | undefined> {
  const resource: Resource = resourceOf(reference)
  const choices = await choicesOf(resource, context)
  if (choices.length === 0) {
    context.output.note(`there is no ${resource.noun} yet: vapi ${resource.words} create makes one`)
    return undefined
  }
  if (kind === 'list') return prompt.checkbox({ message, choices })
  const answer = await prompt.select({
    message,
    choices: required ? choices : [{ value: '', label: '(none)' }, ...choices],
  })
  return answer === '' ? undefined : answer
}
