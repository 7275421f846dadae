import { expect, it } from 'vitest'
import { createListener } from '../../../src/call/caller/listening.ts'
import { createRealClock } from '../../../src/call/real-clock.ts'
import type { AudioInput, AudioInputListener } from '../../../src/engine/ports/audio-input.ts'
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'
import { vowel } from '../../audio/vad/sounds.ts'

it('[api-control-mute-customer] gives neither the transcriber nor the recording the sound of a muted customer', async () => {
  let microphone: AudioInputListener | null = null
  const input: AudioInput = {
    name: 'a microphone',
    start: async listener => {
      microphone = listener
    },
    close: async () => {},
  }
  const recorded: boolean[] = []
  const understood: boolean[] = []
  let all = () => {}
  const complete = new Promise<void>(resolve => {
    all = resolve
  })
  const isLoud = (samples: Int16Array) => samples.some(sample => Math.abs(sample) > 100)
  const transcriber: Transcriber = {
    name: 'a transcriber',
    capabilities: { endOfTurn: false, partials: false, languages: 'any' },
    start: async () => {},
    push: ({ samples }) => {
      understood.push(isLoud(samples))
      if (understood.length === 30) all()
    },
    speech: () => {},
    close: async () => {},
  }
  const customer = createListener({
    input,
    transcribers: [transcriber],
    origin: 'recognition',
    denoising: { smart: null, fourier: null },
    judgeTurns: false,
    hearsBeeps: false,
    clock: createRealClock(),
    tap: ({ samples }) => recorded.push(isLoud(samples)),
  })
  await customer.start({ input: () => {}, hangUp: () => {} })
  const sound = vowel('a', 600, 110)
  for (let frame = 0; frame < 30; frame++) {
    if (frame === 10) customer.mute?.(true)
    if (frame === 20) customer.mute?.(false)
    const samples = sound.slice(frame * 320, (frame + 1) * 320)
    ;(microphone as AudioInputListener | null)?.frame({ samples, audioMs: frame * 20 })
  }
  await complete
  await customer.close()
  const expected = Array.from({ length: 30 }, (_, frame) => frame < 10 || frame >= 20)
  expect(recorded).toEqual(expected)
  expect(understood).toEqual(expected)
})
