import { expect, it } from 'vitest'
import { createSampleInput } from '../../../src/audio/plane/file-input.ts'
import { createListener } from '../../../src/call/caller/listening.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import type { Transcriber, TranscriberListener } from '../../../src/engine/ports/transcriber.ts'
import { initialState } from '../../../src/engine/state.ts'
import { join, silence, vowel } from '../../audio/vad/sounds.ts'
import { planOf } from '../../support/hooks.ts'

it('a file whose last words are told late is not over before they are, also where those before them were told in time', async () => {
  const clock = createRealClock()
  const log: string[] = []
  let tell: TranscriberListener | null = null
  const stops: number[] = []
  const transcriber: Transcriber = {
    name: 'a slow one',
    capabilities: { endOfTurn: false, partials: false, languages: 'any' },
    start: async listener => {
      tell = listener
    },
    push: () => {},
    speech: (edge, audioMs) => {
      if (edge === 'started') return
      stops.push(audioMs)
      const say = () => tell?.transcript({ transcriptType: 'final', text: `words ${stops.length}`, audioMs })
      // Longer than an end that is known to be one is waited for.
      if (stops.length === 1) say()
      else setTimeout(say, 1200)
    },
    close: async () => {},
  }
  const customer = createListener({
    input: createSampleInput(
      'a file',
      join(silence(400), vowel('a', 500, 110), silence(800), vowel('i', 500, 120), silence(200)),
      clock,
    ),
    transcribers: [transcriber],
    origin: 'recognition',
    denoising: { smart: null, fourier: null },
    hearsBeeps: false,
    clock,
    tap: () => {},
  })
  const start = initialState({ members: [await planOf({})] })
  const state = { ...start, lifecycle: { ...start.lifecycle, phase: 'live' as const } }
  customer.notice?.([], state)
  clock.start()
  await new Promise<void>(resolve => {
    void customer.start({
      input: input => {
        if (input.type === 'transcript') log.push(input.text)
        if (input.type === 'speech.stopped')
          customer.notice?.([], {
            ...state,
            customer: { ...state.customer, speechEndMs: input.audioMs },
          })
      },
      hangUp: () => {
        log.push('over')
        resolve()
      },
    })
  })
  await customer.close()
  expect(log).toEqual(['words 1', 'words 2', 'over'])
})
