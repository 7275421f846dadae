import type { ExitCode } from '../errors.ts'
import type { OutputFormat } from '../output/output.ts'
import type { Context } from './context.ts'

/** An option of a command: `--name` from its key. */
export type OptionDefinition = {
  summary: string
  short?: string
  /** Another name that is taken as well, and not shown. */
  also?: string
} & (
  | { type: 'boolean' }
  | { type: 'string'; placeholder: string; choices?: readonly string[]; default?: string }
  | { type: 'number'; placeholder: string; minimum?: number }
  /** May be given several times. */
  | { type: 'list'; placeholder: string }
)

export interface ArgumentDefinition {
  name: string
  summary: string
  required: boolean
  /** Takes all that follow. */
  variadic?: boolean
  /** The words that it may be. */
  choices?: readonly string[]
}

/** What a command is, as data: help, completion and documentation are computed from it. */
export interface CommandDefinition {
  /** Words after `vapi`: `call local`. */
  name: string
  summary: string
  /** Further paragraphs of its help. */
  description?: string
  args: readonly ArgumentDefinition[]
  options: Readonly<Record<string, OptionDefinition>>
  /** Forms of output that it can give. */
  formats: readonly OutputFormat[]
  examples: readonly { command: string; does: string }[]
  needsLogin: boolean
  destructive: boolean
  /** Ctrl-C is its usual end: its own exit code counts then, not that of an interruption. */
  endsOnSignal?: boolean
}

type OptionValue<Option extends OptionDefinition> = Option extends { type: 'boolean' }
  ? boolean
  : Option extends { type: 'list' }
    ? string[]
    : Option extends { type: 'number' }
      ? number | undefined
      : Option extends { default: string }
        ? string
        : string | undefined

/** The values of a command's options, by their names. */
export type OptionValues<Definition extends CommandDefinition> = {
  [Name in keyof Definition['options']]: OptionValue<Definition['options'][Name]>
}

export interface Invocation<Definition extends CommandDefinition> {
  args: string[]
  options: OptionValues<Definition>
}

/** A command: its definition and what it does. Returns the exit code where it is not 0. */
export interface Command<Definition extends CommandDefinition = CommandDefinition> {
  definition: Definition
  run(invocation: Invocation<Definition>, context: Context): Promise<ExitCode | undefined>
}

/** Ties a definition to its run function, so that option types follow from the definition. */
export function defineCommand<const Definition extends CommandDefinition>(
  definition: Definition,
  run: Command<Definition>['run'],
): Command<Definition> {
  return { definition, run }
}
