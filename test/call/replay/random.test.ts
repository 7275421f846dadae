import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replayExactly } from '../../../src/call/replay/exact.ts'
import { outsideEvents } from '../../../src/call/replay/outside.ts'
import { observationsOf } from '../../../src/call/replay/read.ts'
import { recordedAssistants, restoreCall } from '../../../src/call/replay/restore.ts'
import { playAgain } from '../../../src/call/replay/run.ts'
import { parseScenario } from '../../../src/call/scenario.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { temporaryFolder } from '../../support/program.ts'
import { randomCalls } from '../../support/random-calls.ts'
import { saveCall } from '../../support/replay.ts'

/**
 * What is played again: not what is told of voices and servers beside the call, nor what comes with a hang-up, because nobody
 * knows what else would have been first at that moment.
 */
function played(observations: readonly Observation[], hangUpMs: number): Observation[] {
  return observations.filter(
    ({ type, atMs }) => type !== 'warning' && type !== 'message.sent' && atMs < hangUpMs,
  )
}

describe('any call, played again', () => {
  it('gives identical commands, and the same events on a clock of its own', async () => {
    const path = join(temporaryFolder(), 'call.vapicall')
    const seen = new Set<string>()
    let renewals = 0
    await fc.assert(
      fc.asyncProperty(randomCalls, async given => {
        const { log, lines } = await saveCall(parseScenario(given, 'random'), path)
        expect(lines.join('\n')).not.toContain('hidden-secret')
        const { difference } = await replayExactly(log)
        expect(difference).toBe(null)

        const restored = await restoreCall(log, log.recipe)
        const again = await playAgain(log, restored, {
          outside: outsideEvents(log),
          recorded: await recordedAssistants(log),
          judge: () => null,
        })
        expect(again.stopped).toBe(null)
        const hungUp = log.steps.find(({ input }) => input.type === 'call.hangup')
        const hangUpMs = hungUp?.input.atMs ?? Number.POSITIVE_INFINITY
        const before = observationsOf(log)
        expect(played(again.observations, hangUpMs)).toEqual(played(before, hangUpMs))
        expect(again.observations.at(-1)).toMatchObject({ type: 'call.ended' })
        for (const { type } of before) seen.add(type)
        renewals += log.renewals.length
      }),
      // One seed: by chance two events of one moment may come in the other order and change what follows.
      { numRuns: 40, seed: 2026 },
    )
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'voice.switched',
        'hook.triggered',
        'assistant.changed',
        'interruption',
        'tool.completed',
      ]),
    )
    expect(renewals).toBeGreaterThan(0)
  }, 300_000)
})
