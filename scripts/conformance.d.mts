import type { Rules } from './conformance/rules.mjs'
import type { SourceIds } from './conformance/tests.mjs'

/** What does not fit together; `page` is the page's text, null where there is none. */
export function findFaults(rules: Rules, ids: SourceIds, page?: string | null): string[]
