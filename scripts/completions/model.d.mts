import type { CommandDefinition, OptionDefinition } from '../../src/cli/definition.ts'

export interface ProgramDefinitions {
  definitions: readonly CommandDefinition[]
  globalOptions: Readonly<Record<string, OptionDefinition>>
  aliases: Readonly<Record<string, string>>
  topics: Readonly<Record<string, { summary: string }>>
  membersOf(
    group: string,
    definitions: readonly CommandDefinition[],
  ): readonly { name: string; summary: string }[]
}

export interface Model {
  nodes: readonly { path: string; options: readonly number[] }[]
  options: readonly { names: readonly string[]; spec: string | null; summary: string }[]
}

export function createModel(program: ProgramDefinitions): Model
