import type { Rules } from './rules.mjs'

export function renderPage(rules: Rules, stateOf: (id: string) => string | undefined): string
export function statesOf(page: string): Map<string, string>
