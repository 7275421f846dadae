import { decideEcho, type EchoChoice, type EchoDecision } from '../../audio/devices/echo.ts'
import { createLastingMicrophone } from '../../audio/devices/lasting-microphone.ts'
import { createLastingSpeaker } from '../../audio/devices/lasting-speaker.ts'
import { listSystemDevices } from '../../audio/devices/list.ts'
import { createMicrophone } from '../../audio/devices/microphone.ts'
import type { OutputDevice } from '../../audio/devices/output-device.ts'
import { deviceSystem } from '../../audio/devices/retrying.ts'
import { createSilentOutput } from '../../audio/devices/silent-output.ts'
import { createSpeaker } from '../../audio/devices/speaker.ts'
import type { AudioInput } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Environment } from './parts/choices.ts'
import type { CustomerChoice, OutputChoice } from './prepare.ts'

/** The microphone of this machine, by part of its name or the default one; one that goes in the middle of the call may come back. */
export function openMicrophone(device: string | null, clock: Clock, env: Environment): AudioInput {
  return createLastingMicrophone({
    clock,
    ...(device !== null && { deviceName: device }),
    open: deviceName => createMicrophone({ clock, env, ...(deviceName !== undefined && { deviceName }) }),
    system: deviceSystem('microphone', env),
  })
}

/**
 * What the assistant is heard with; a speaker that goes in the middle of the call may come back. `aheadMs`: how much speech waits in
 * its process, where that is not its own choice.
 */
export function openOutput(
  output: OutputChoice,
  clock: Clock,
  env: Environment,
  aheadMs?: number,
): OutputDevice {
  if (output.type !== 'speaker') return createSilentOutput({ clock })
  return createLastingSpeaker({
    clock,
    ...(output.device !== null && { deviceName: output.device }),
    open: deviceName =>
      createSpeaker({
        env,
        ...(aheadMs !== undefined && { aheadMs }),
        ...(deviceName !== undefined && { deviceName }),
      }),
    system: deviceSystem('speaker', env),
  })
}

/** Opens what the customer speaks into as the call would, and closes it. Throws VapiError (`no-microphone`, `usage`). */
export async function tryMicrophone(device: string | null, clock: Clock, env: Environment): Promise<void> {
  const microphone = createMicrophone({ clock, env, ...(device !== null && { deviceName: device }) })
  const nothing = () => {}
  try {
    await microphone.start({ frame: nothing, ended: nothing, warning: nothing, failed: nothing })
  } finally {
    await microphone.close()
  }
}

/** The same for what the assistant is heard with (`no-speaker`, `usage`). It plays silence. */
export async function trySpeaker(device: string | null, env: Environment): Promise<void> {
  const speaker = createSpeaker({ env, ...(device !== null && { deviceName: device }) })
  try {
    await speaker.open({ pull: samples => new Int16Array(samples), played: () => {}, failed: () => {} })
  } finally {
    await speaker.close()
  }
}

/** How a call keeps the assistant from hearing itself; null where no microphone can hear a speaker. */
export async function chooseEcho(
  {
    customer,
    output,
    echo,
    headphones,
  }: {
    customer: CustomerChoice
    output: OutputChoice
    echo?: EchoChoice
    headphones: boolean
  },
  env: Environment,
): Promise<EchoDecision | null> {
  if (customer.type !== 'microphone' || output.type !== 'speaker') return null
  const choice = echo ?? 'auto'
  const isKnown = choice === 'none' || (headphones && choice === 'auto')
  const [microphones, speakers] = await Promise.all(
    isKnown ? [[], []] : [listSystemDevices('microphone', env), listSystemDevices('speaker', env)],
  )
  return decideEcho({
    choice,
    headphones,
    microphones,
    speakers,
    microphone: customer.device,
    speaker: output.device,
  })
}
