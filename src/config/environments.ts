import { usageError } from '../errors.ts'
import { type EnvironmentName, environmentNames } from './types.ts'

export interface Environment {
  /** Further names that stand for it. */
  aliases: readonly string[]
  apiUrl: string
  dashboardUrl: string
}

/** Names and addresses as the platform's own command has them (cli-surface.md 2.5). */
export const environments: Readonly<Record<EnvironmentName, Environment>> = {
  production: {
    aliases: ['prod'],
    apiUrl: 'https://api.vapi.ai',
    dashboardUrl: 'https://dashboard.vapi.ai',
  },
  staging: {
    aliases: ['stage'],
    apiUrl: 'https://api.staging.vapi.ai',
    dashboardUrl: 'https://dashboard.staging.vapi.ai',
  },
  development: {
    aliases: ['dev', 'local'],
    apiUrl: 'http://localhost:3000',
    dashboardUrl: 'http://localhost:3001',
  },
}

/** The environment of a name or alias, in any case; null for anything else. */
export function findEnvironment(text: string): EnvironmentName | null {
  const wanted = text.trim().toLowerCase()
  return environmentNames.find(name => name === wanted || environments[name].aliases.includes(wanted)) ?? null
}

/** Like `findEnvironment`, but throws a usage error that lists the names. `source` says who gave the text. */
export function parseEnvironment(text: string, source?: string): EnvironmentName {
  const found = findEnvironment(text)
  if (found !== null) return found
  const prefix = source === undefined ? '' : `${source}: `
  throw usageError(`${prefix}there is no environment "${text.trim()}"`, environmentHint)
}

/** The line that lists the environments, for hints. */
export const environmentHint = `environments: ${environmentNames
  .map(name => `${name} (${environments[name].aliases.join(', ')})`)
  .join(', ')}`

/** True for the API or dashboard address of any environment: older tools write these without meaning a choice. */
export function isBuiltInUrl(url: string): boolean {
  return environmentNames.some(
    name => environments[name].apiUrl === url || environments[name].dashboardUrl === url,
  )
}
