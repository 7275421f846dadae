import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type CallLog, readCallLog } from '../../src/call/replay/read.ts'
import { parseScenario, type Scenario } from '../../src/call/scenario.ts'
import { simulate } from '../../src/call/simulation/simulate.ts'
import { temporaryFolder } from './program.ts'
import { base } from './simulation.ts'

export const START_MS = Date.UTC(2026, 0, 5, 9)

export interface SavedCall {
  path: string
  log: CallLog
  /** The lines of the file as they stand. */
  lines: string[]
}

/** Runs a scenario and saves its call. */
export async function saveCall(scenario: Scenario, path = join(temporaryFolder(), 'call.vapicall')) {
  await simulate(scenario, '/nowhere/test.yaml', {
    semantics: 'documentation',
    variables: {},
    epochMs: START_MS,
    seed: 7,
    save: path,
  })
  const log = await readCallLog(path)
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return { path, log, lines } satisfies SavedCall
}

/** The same of a scenario given as YAML; `assistant` fields are laid over the base's, one level deep. */
export function saveYaml(yaml: string): Promise<SavedCall> {
  const given: { assistant?: Record<string, unknown>; squad?: unknown } = parse(yaml) ?? {}
  const { assistant: _assistant, ...others } = base
  const scenario =
    given.squad === undefined
      ? { ...base, ...given, assistant: { ...base.assistant, ...given.assistant } }
      : { ...others, ...given }
  return saveCall(parseScenario(scenario, 'test.yaml'))
}
