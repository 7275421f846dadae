import { execFile } from 'node:child_process'
import { usageError } from '../../errors.ts'
import { type DeviceKind, type Found, parseAlsa, parseMac, parsePulse, parseWindows } from './device-lists.ts'
import { type DeviceProcess, forkDevice } from './device-process.ts'
import type { DeviceList } from './programs.ts'
import type { FromMicrophone, ToMicrophone } from './protocol.ts'

/** A microphone or speaker of this machine; `id` is what the programs and libraries of `list` call it. */
export interface Device extends Found {
  /** What told of it: `pvrecorder`, `pactl`, `aplay` … */
  via: string
  list: DeviceList
}

const LIMIT_MS = 3000
/** Without a sound server the library lists, between the cards, the plug-ins of ALSA, which are not devices. */
const ALSA_PLUGIN =
  /\bPlugin\b|^Discard all samples|^Open Sound System$|^JACK Audio Connection Kit$|^(PulseAudio|PipeWire) Sound Server$/

/**
 * The devices of this machine, with all that is known of them; empty lists where there are none. Takes at most 3 s and never
 * throws.
 */
export async function listDevices(
  env: NodeJS.ProcessEnv,
): Promise<{ microphones: Device[]; speakers: Device[] }> {
  const [found, system, speakers] = await Promise.all([
    listMicrophones(env),
    listBySystem('microphone', env, AbortSignal.timeout(LIMIT_MS)),
    listSpeakers(env),
  ])
  // The library gives names alone; the system may know the same device.
  const microphones = found.map(one => {
    const {
      id: _id,
      default: _default,
      via: _via,
      list: _list,
      ...known
    } = system.find(({ name }) => name === one.name) ?? one
    return { ...one, ...known }
  })
  return { microphones, speakers }
}

/** The devices of a kind as the system itself lists them, which knows most of them; as `listDevices` otherwise. */
export function listSystemDevices(kind: DeviceKind, env: NodeJS.ProcessEnv): Promise<Device[]> {
  return listBySystem(kind, env, AbortSignal.timeout(LIMIT_MS))
}

/** The microphones as the capture library lists them; without it, or where it cannot be loaded, the system's own list. */
export async function listMicrophones(env: NodeJS.ProcessEnv, library = true): Promise<Device[]> {
  const limit = AbortSignal.timeout(LIMIT_MS)
  const found = library ? await listByLibrary(env, limit) : []
  return found.length > 0 ? found : listBySystem('microphone', env, limit)
}

/** The speakers as the system lists them. */
export async function listSpeakers(env: NodeJS.ProcessEnv): Promise<Device[]> {
  return listBySystem('speaker', env, AbortSignal.timeout(LIMIT_MS))
}

/**
 * The one device whose name contains `wanted`, whatever the case; a whole name or id beats a part. None and several
 * are usage errors that list the names.
 */
export function pickDevice(devices: Device[], wanted: string, kind: DeviceKind): Device {
  const text = wanted.toLowerCase()
  const whole = devices.filter(({ name, id }) => name.toLowerCase() === text || id.toLowerCase() === text)
  const matches = whole.length > 0 ? whole : devices.filter(({ name }) => name.toLowerCase().includes(text))
  if (matches.length === 1) return matches[0]!
  const names = (some: Device[]) => some.map(({ name }) => `"${name}"`).join(', ')
  if (matches.length > 1) {
    throw usageError(
      `several ${kind}s match "${wanted}": ${names(matches)}`,
      'give more of the name of the one you mean',
    )
  }
  throw usageError(
    `no ${kind} matches "${wanted}"`,
    devices.length > 0
      ? `the ${kind}s here: ${names(devices)}`
      : `No ${kind} was found here; is a sound server running?`,
  )
}

async function listByLibrary(env: NodeJS.ProcessEnv, limit: AbortSignal): Promise<Device[]> {
  let child: DeviceProcess<ToMicrophone> | undefined
  const found = await new Promise<{ names: string[]; defaultName: string | undefined }>(resolve => {
    const nothing = () => resolve({ names: [], defaultName: undefined })
    limit.addEventListener('abort', nothing)
    child = forkDevice<ToMicrophone, FromMicrophone>('microphone', env, {
      message: message => (message.type === 'devices' ? resolve(message) : nothing()),
      died: nothing,
    })
    child.send({ type: 'list' })
  })
  await child?.close()
  return found.names
    .map((name, index) => ({
      name,
      default: name === found.defaultName,
      via: 'pvrecorder',
      id: String(index),
      list: 'pvrecorder' as const,
    }))
    .filter(({ name }) => !ALSA_PLUGIN.test(name))
}

async function listBySystem(kind: DeviceKind, env: NodeJS.ProcessEnv, limit: AbortSignal): Promise<Device[]> {
  const run = (command: string, ...args: string[]) => output(command, args, { ...env, LC_ALL: 'C' }, limit)
  const devices = (via: string, list: DeviceList, found: Found[]) => found.map(one => ({ ...one, via, list }))
  if (process.platform === 'darwin') {
    return devices(
      'system_profiler',
      'coreaudio',
      parseMac(await run('system_profiler', '-json', 'SPAudioDataType'), kind),
    )
  }
  if (process.platform === 'win32') {
    const query =
      'Get-PnpDevice -Class AudioEndpoint -Status OK | Select-Object FriendlyName, InstanceId | ConvertTo-Json'
    return devices(
      'powershell',
      'windows',
      parseWindows(await run('powershell', '-NoProfile', '-Command', query), kind),
    )
  }
  const [info, text] = await Promise.all([
    run('pactl', 'info'),
    run('pactl', 'list', kind === 'speaker' ? 'sinks' : 'sources'),
  ])
  const pulse = parsePulse(text, info, kind)
  if (pulse.length > 0) return devices('pactl', 'pulse', pulse)
  const program = kind === 'speaker' ? 'aplay' : 'arecord'
  return devices(program, 'alsa', parseAlsa(await run(program, '-L')))
}

/** What a program prints; nothing when it is not there, fails or takes too long. */
function output(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const options = { env, signal, killSignal: 'SIGKILL', maxBuffer: 2 ** 24, windowsHide: true } as const
  return new Promise(resolve =>
    execFile(command, args, options, (error, stdout) => resolve(error ? '' : stdout)),
  )
}
