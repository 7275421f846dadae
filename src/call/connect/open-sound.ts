import { resolve } from 'node:path'
import { createPipeInput, createSampleInput, readSoundFile } from '../../audio/plane/file-input.ts'
import { giveHeapRoom } from '../../audio/plane/heap-room.ts'
import type { AudioInput } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { openMicrophone, openOutput } from '../live/devices.ts'
import type { CustomerChoice, OutputChoice } from '../live/prepare.ts'
import { createRealClock } from '../real-clock.ts'
import { openSoundEnds, type SoundEnds } from './sound-ends.ts'

/** Speech that waits in the speaker's process, in milliseconds: a network brings no more of it than is due. */
const SPEAKER_AHEAD_MS = 60

export interface CallSound {
  customer: CustomerChoice
  output: OutputChoice
  /** A file for the stereo recording, or null. */
  recording: string | null
  /** The microphone rests while the assistant is heard, and so much longer, in milliseconds; null: it never does. */
  echoTailMs: number | null
  env: Readonly<Record<string, string | undefined>>
  workingDirectory: string
}

/** Opens what a call on the platform is spoken and heard with on this machine. Throws VapiError. */
export async function openCallSound(sound: CallSound): Promise<SoundEnds> {
  const { customer, output, workingDirectory } = sound
  giveHeapRoom()
  const clock = createRealClock()
  return openSoundEnds({
    clock,
    input: await inputOf(customer, clock, sound),
    inputRunsAhead: customer.type === 'microphone',
    device: openOutput(output, clock, sound.env, SPEAKER_AHEAD_MS),
    aheadMs: output.type === 'speaker' ? SPEAKER_AHEAD_MS : 0,
    recording: sound.recording,
    assistantFile: output.type === 'file' ? resolve(workingDirectory, output.path) : null,
    echoTailMs: sound.echoTailMs,
  })
}

async function inputOf(
  customer: CustomerChoice,
  clock: Clock,
  { env, workingDirectory }: CallSound,
): Promise<AudioInput | null> {
  switch (customer.type) {
    case 'microphone': {
      // It runs before the call does.
      const own = createRealClock()
      own.start()
      return openMicrophone(customer.device, own, env)
    }
    case 'file': {
      const path = resolve(workingDirectory, customer.path)
      return createSampleInput(customer.path, await readSoundFile(path), clock)
    }
    case 'pipe':
      return createPipeInput(customer.stream, clock)
    case 'typed':
    case 'scripted':
      return null
  }
}
