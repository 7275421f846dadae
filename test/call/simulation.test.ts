import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseDocument } from '../../src/assistant/load.ts'
import { parseScenario } from '../../src/call/scenario.ts'
import { simulate } from '../../src/call/simulation/simulate.ts'
import { sharedFolder } from '../support/requires.ts'

const options = { semantics: 'documentation', variables: {}, epochMs: 0, seed: 1 } as const
const shared = sharedFolder()

describe.skipIf(shared === false)(
  `the seed’s worked timelines${shared ? '' : ' (../shared is not here)'}`,
  () => {
    it.each(['timeline-start.yaml', 'timeline-interruption.yaml'])(
      '%s comes out to the millisecond',
      async name => {
        const path = `${shared}/scenarios/${name}`
        const scenario = parseScenario(await parseDocument(readFileSync(path, 'utf8'), path), path)
        const outcome = await simulate(scenario, path, options)
        expect(outcome.failed).toEqual([])
        expect(outcome.result.endedReason).toBe('customer-ended-call')
      },
    )
  },
)
