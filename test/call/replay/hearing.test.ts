import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assign, parseAssignment } from '../../../src/api/body.ts'
import type { JsonObject } from '../../../src/api/types.ts'
import { hearAgain } from '../../../src/call/replay/hearing.ts'
import { type CallLog, readCallLog } from '../../../src/call/replay/read.ts'
import { recordCall } from '../../../src/call/replay/recording.ts'
import { restoreCall } from '../../../src/call/replay/restore.ts'
import { whatIf } from '../../../src/call/replay/what-if.ts'
import type { Input } from '../../../src/engine/inputs.ts'
import { temporaryFolder } from '../../support/program.ts'
import { saveYaml } from '../../support/replay.ts'
import { firstLoud, synthesise } from '../../support/speech.ts'

const yaml = `
caller: [{ at: 1, say: "A table for two, please.", lasts: 1.4 }]
model: [{ reply: Good. }]
`

/** The call of the scenario with real speech, one second after its begin, as its customer's sound. */
async function saveWithSound(): Promise<{ log: CallLog; onsetMs: number; endMs: number }> {
  const { log } = await saveYaml(yaml)
  const speech = await synthesise('A table for two, please.')
  const sound = new Int16Array(16_000 + speech.length + 32_000)
  sound.set(speech, 16_000)
  const path = join(temporaryFolder(), 'call.vapicall')
  const recording = recordCall(path, log.header)
  for (const { input, commands } of log.steps) {
    recording.listener.input(input)
    recording.listener.decided(commands, {} as never)
  }
  for (let from = 0; from + 320 <= sound.length; from += 320)
    recording.sound({ audioMs: from / 16, samples: sound.slice(from, from + 320) })
  recording.finish()
  return {
    log: await readCallLog(path),
    onsetMs: firstLoud(sound, 0.02) / 16,
    endMs: (16_000 + speech.length) / 16,
  }
}

const edgesOf = (inputs: readonly { input: Input }[]) =>
  inputs.flatMap(({ input }) =>
    input.type === 'speech.started' || input.type === 'speech.stopped' ? [input] : [],
  )

describe('the sound of a saved call', () => {
  it('is heard again: edges of speech are found in it, words stay', async () => {
    const { log, onsetMs, endMs } = await saveWithSound()
    const { members } = await restoreCall(log, log.recipe)
    const inputs = await hearAgain(log, members.compiled)
    const [started, stopped, ...others] = edgesOf(inputs)
    expect(others).toEqual([])
    expect(started?.type).toBe('speech.started')
    expect(Math.abs((started?.audioMs ?? 0) - onsetMs)).toBeLessThan(120)
    expect(Math.abs((stopped?.audioMs ?? 0) - endMs)).toBeLessThan(300)
    // They are learned after they happened.
    expect(started?.atMs).toBeGreaterThan(started?.audioMs ?? 0)
    const words = inputs.filter(({ input }) => input.type === 'transcript')
    expect(words).toHaveLength(log.steps.filter(({ input }) => input.type === 'transcript').length)
  })

  it('goes through other denoising: the edges shift, and the turn with them', async () => {
    const { log } = await saveWithSound()
    const { turns, warnings, diverged } = await whatIf(log, document =>
      assign(document as JsonObject, [
        parseAssignment('backgroundSpeechDenoisingPlan={"smartDenoisingPlan":{"enabled":true}}'),
      ]),
    )
    expect({ diverged, warnings }).toEqual({ diverged: null, warnings: [] })
    expect(turns[0]?.before?.customer).toBe('A table for two, please.')
    expect(Math.abs(turns[0]?.difference?.endpointingMs ?? 1000)).toBeLessThan(200)
    expect(turns[0]?.after?.latency).not.toBe(null)
  }, 30_000)

  it('is missed where it was not saved', async () => {
    const { log } = await saveYaml(yaml)
    const { warnings, differs } = await whatIf(log, document =>
      assign(document as JsonObject, [
        parseAssignment('backgroundSpeechDenoisingPlan={"smartDenoisingPlan":{"enabled":true}}'),
        parseAssignment('transcriber={"provider":"deepgram","model":"nova-3"}'),
      ]),
    )
    expect(differs).toBe(false)
    expect(warnings).toEqual([
      'the transcriber is not asked again: the words are those of the recorded call',
      'the saved call has no sound: how that is heard and judged changes nothing',
    ])
  })
})
