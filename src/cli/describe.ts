import { aliasesOf } from './aliases.ts'
import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from './definition.ts'
import { globalOptions } from './global-options.ts'

/** An option as `vapi commands --json` shows it. */
export interface DescribedOption {
  name: string
  short?: string
  /** `list` may be given several times. */
  type: OptionDefinition['type']
  placeholder?: string
  choices?: readonly string[]
  default?: string
  minimum?: number
  summary: string
}

/** A command as `vapi commands --json` shows it. */
export interface DescribedCommand {
  /** Words after `vapi`. */
  name: string
  summary: string
  description?: string
  /** Other words for it. */
  aliases: readonly string[]
  args: readonly ArgumentDefinition[]
  options: readonly DescribedOption[]
  formats: readonly string[]
  needsLogin: boolean
  destructive: boolean
  examples: readonly { command: string; does: string }[]
}

/** The whole program as data. */
export interface DescribedProgram {
  format: 1
  version: string
  globalOptions: readonly DescribedOption[]
  commands: readonly DescribedCommand[]
}

/** All commands as data. Made at build time into dist/commands.json. */
export function describeProgram(
  definitions: readonly CommandDefinition[],
  version: string,
): DescribedProgram {
  return {
    format: 1,
    version,
    globalOptions: describeOptions(globalOptions),
    commands: definitions.map(({ options, ...definition }) => ({
      ...definition,
      aliases: aliasesOf(definition.name),
      options: describeOptions(options),
    })),
  }
}

function describeOptions(options: Readonly<Record<string, OptionDefinition>>): DescribedOption[] {
  return Object.entries(options).map(([name, option]) => ({ name, ...option }))
}
