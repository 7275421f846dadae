import { Argument, CommanderError, InvalidArgumentError, Option, Command as Parser } from 'commander'
import { usageError } from '../errors.ts'
import type { CommandDefinition, OptionDefinition } from './definition.ts'
import { globalOptions } from './global-options.ts'

export interface Parsed {
  args: string[]
  options: Record<string, unknown>
  global: {
    [Name in keyof typeof globalOptions]: (typeof globalOptions)[Name] extends { type: 'boolean' }
      ? boolean
      : (typeof globalOptions)[Name] extends { type: 'number' }
        ? number | undefined
        : string | undefined
  }
}

/** Parses the words after a command's name. Throws a usage error that says what is wrong and how to see the help. */
export function parseArguments(definition: CommandDefinition, argv: readonly string[]): Parsed {
  const parser = createParser(definition)
  try {
    parser.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    throw usageError(
      error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)/s, '; did you mean $1?'),
      `vapi ${definition.name} --help`,
    )
  }
  const values = parser.opts<Record<string, unknown>>()
  const pick = (options: Readonly<Record<string, OptionDefinition>>) =>
    Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, values[camelCase(name)] ?? emptyValue(option)]),
    )
  return {
    args: parser.args,
    options: pick(definition.options),
    global: pick(globalOptions) as Parsed['global'],
  }
}

/** A commander parser for one command; also what its help is rendered from. */
export function createParser(definition: CommandDefinition): Parser {
  const parser = new Parser(`vapi ${definition.name}`)
  parser
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .helpOption(false)
  parser.description(
    definition.description === undefined
      ? definition.summary
      : `${definition.summary}\n\n${definition.description}`,
  )
  for (const { name, summary, required, variadic, choices } of definition.args) {
    const dots = variadic === true ? '...' : ''
    const argument = new Argument(required ? `<${name}${dots}>` : `[${name}${dots}]`, summary)
    parser.addArgument(choices === undefined ? argument : argument.choices(choices))
  }
  for (const [name, option] of Object.entries(definition.options)) {
    parser.addOption(createOption(name, option))
    if (option.also === undefined) continue
    const other = createOption(option.also, option).hideHelp()
    other.attributeName = () => camelCase(name)
    parser.addOption(other)
  }
  for (const [name, option] of Object.entries(globalOptions)) parser.addOption(createOption(name, option))
  return parser
}

function createOption(name: string, definition: OptionDefinition): Option {
  const short = definition.short === undefined ? '' : `-${definition.short}, `
  const value = definition.type === 'boolean' ? '' : ` <${definition.placeholder}>`
  const option = new Option(`${short}--${name}${value}`, definition.summary)
  // Names that begin with "no-" are plain switches here, not the negation of another option.
  option.negate = false
  option.attributeName = () => camelCase(name)
  if (definition.type === 'string' && definition.choices !== undefined)
    option.choices([...definition.choices])
  if (definition.type === 'string' && definition.default !== undefined) option.default(definition.default)
  if (definition.type === 'number') option.argParser(text => parseNumber(text, definition.minimum))
  if (definition.type === 'list')
    option.argParser((text, before: string[] | undefined) => [...(before ?? []), text])
  return option
}

function parseNumber(text: string, minimum = Number.NEGATIVE_INFINITY): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.')
  if (value < minimum) throw new InvalidArgumentError(`It must be at least ${minimum}.`)
  return value
}

function emptyValue(option: OptionDefinition): unknown {
  if (option.type === 'boolean') return false
  return option.type === 'list' ? [] : undefined
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
