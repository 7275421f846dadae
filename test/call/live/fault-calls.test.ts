/**
 * Calls through servers like Deepgram's, OpenAI's and ElevenLabs' in which everything goes wrong at random. Bounded unless told
 * otherwise: VAPI_FAULT_TURNS=1000 VAPI_FAULT_SEED=1 npx vitest run test/call/live/fault-calls.test.ts
 */
import { describe, expect, it } from 'vitest'
import { faultsOf } from '../../support/fault-calls/checks.ts'
import { planCall } from '../../support/fault-calls/plan.ts'
import { type CallSeen, runFaultCall, speechSounds } from '../../support/fault-calls/run.ts'
import { temporaryFolder } from '../../support/program.ts'

const { VAPI_FAULT_TURNS, VAPI_FAULT_SEED, VAPI_FAULT_ONLY, VAPI_FAULT_TOLD } = process.env
const isFull = VAPI_FAULT_TURNS !== undefined || VAPI_FAULT_ONLY !== undefined
const TURNS = Number(VAPI_FAULT_TURNS ?? 60)
const SEED = Number(VAPI_FAULT_SEED ?? 1)
/** A call whose sound was heard later than this, in milliseconds, is not judged: the machine stood still, not a provider. */
const LATE_MS = 2000
/** At the same time. */
const CALLS = 12
const TURNS_OF_CALL = isFull ? 10 : 6

describe('calls whose providers fail at random', () => {
  it(`end with a documented reason, lose no word and say none twice, over ${TURNS} turns`, async () => {
    const sounds = await speechSounds()
    const folder = temporaryFolder()
    const wrong: string[] = []
    const reasons = new Map<string, number>()
    const totals = { calls: 0, late: 0, turns: 0, faults: 0, failures: 0, switched: 0, unanswered: 0 }
    let seed = SEED * 10_000
    const run = async (number: number) => {
      const seen = await runFaultCall(
        planCall(number, { turns: TURNS_OF_CALL, long: isFull }),
        sounds,
        folder,
      )
      totals.calls++
      if (seen.lateMs > LATE_MS) {
        totals.late++
        return seen
      }
      count(seen)
      for (const what of faultsOf(seen)) {
        wrong.push(`call ${number}: ${what}`)
        if (VAPI_FAULT_TOLD !== undefined) process.stderr.write(`call ${number}: ${what}\n`)
      }
      return seen
    }
    function count({ observations, faults, unanswered }: CallSeen): void {
      const number = (...types: string[]) => observations.filter(({ type }) => types.includes(type)).length
      totals.turns += number('turn.ended')
      totals.faults += faults.length
      totals.failures += number('transcriber.failed', 'model.failed', 'voice.failed')
      totals.switched += number('transcriber.switched', 'model.switched', 'voice.switched')
      totals.unanswered += unanswered
      for (const seen of observations)
        if (seen.type === 'call.ended')
          reasons.set(seen.endedReason, (reasons.get(seen.endedReason) ?? 0) + 1)
    }
    if (VAPI_FAULT_ONLY !== undefined) {
      const seen = await run(Number(VAPI_FAULT_ONLY))
      for (const observation of seen.observations) process.stderr.write(`${JSON.stringify(observation)}\n`)
      process.stderr.write(`${seen.faults.join('\n')}\n${seen.written.join('\n')}\n`)
    } else {
      const work = async () => {
        while (totals.turns < TURNS && totals.late < TURNS / 3) await run(seed++)
      }
      await Promise.all(Array.from({ length: CALLS }, work))
      expect(totals.late, 'the machine is too busy for this test').toBeLessThan(TURNS / 3)
      expect(totals.faults).toBeGreaterThan(TURNS / 10)
    }
    if (isFull)
      process.stderr.write(`${JSON.stringify({ ...totals, reasons: Object.fromEntries(reasons) })}\n`)
    expect(wrong).toEqual([])
  }, 3_600_000)
})
