import type { ProgramDefinitions } from './completions/model.mjs'

/** The scripts by file name: vapi.bash, _vapi, vapi.fish, vapi.ps1. */
export function renderCompletions(program: ProgramDefinitions): Record<string, string>
