import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Which list a device's `id` comes from, and so which programs and libraries understand it. */
export type DeviceList = 'pvrecorder' | 'pulse' | 'alsa' | 'coreaudio' | 'windows'

/** A command line that captures 16 kHz mono 16-bit sound to its stdout, or plays it from its stdin. */
export interface SoundProgram {
  engine: string
  command: string
  args: string[]
  /**
   * Of a recorder: how much later than it was heard a piece of sound arrives. Of a player: the time from its start
   * until its first sample is heard. Measured on a PulseAudio null sink; a real device adds its own.
   */
  delayMs: number
  /** The player tells on stderr how much it has played: `Time: 1.234 sec`, several times a second. */
  tellsTime: boolean
}

interface Row {
  engine: string
  platform: NodeJS.Platform
  /** The list whose ids the program takes; without it the program cannot choose a device. */
  devices?: DeviceList
  delayMs: number
  tellsTime?: boolean
  args(device?: string): string[]
}

const pulse = ['--raw', '--rate=16000', '--channels=1', '--format=s16le']
const alsa = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '16000', '-c', '1', '--period-time=10000']
const soxFormat = ['-t', 'raw', '-r', '16000', '-b', '16', '-e', 'signed', '-c', '1', '-']
/** Without the small buffer sox works in pieces of two seconds. */
const sox = ['-q', '--buffer', '640']
const soxDevice = (type: string, device?: string) => (device ? ['-t', type, device] : ['-d'])
const ffmpeg = (...input: string[]) => [
  ...['-nostdin', '-loglevel', 'error', ...input],
  ...['-ac', '1', '-ar', '16000', '-f', 's16le', '-flush_packets', '1', '-'],
]
const ffplay = ['-nodisp', '-autoexit', '-loglevel', 'error', '-fflags', 'nobuffer', '-probesize', '32']

/** In the order of preference. */
const recorders: Row[] = [
  {
    engine: 'parec',
    platform: 'linux',
    devices: 'pulse',
    delayMs: 0,
    args: device => [...pulse, '--latency-msec=20', ...(device ? [`--device=${device}`] : [])],
  },
  {
    engine: 'arecord',
    platform: 'linux',
    devices: 'alsa',
    delayMs: 0,
    args: device => [...alsa, '--buffer-time=200000', ...(device ? ['-D', device] : [])],
  },
  {
    engine: 'sox',
    platform: 'linux',
    devices: 'alsa',
    delayMs: 35,
    args: device => [...sox, ...soxDevice('alsa', device), ...soxFormat],
  },
  {
    engine: 'ffmpeg',
    platform: 'linux',
    devices: 'pulse',
    delayMs: 40,
    args: device => ffmpeg('-f', 'pulse', '-fragment_size', '640', '-i', device ?? 'default'),
  },
  {
    engine: 'sox',
    platform: 'darwin',
    devices: 'coreaudio',
    delayMs: 40,
    args: device => [...sox, ...soxDevice('coreaudio', device), ...soxFormat],
  },
  {
    engine: 'ffmpeg',
    platform: 'darwin',
    devices: 'coreaudio',
    delayMs: 40,
    args: device => ffmpeg('-f', 'avfoundation', '-i', `:${device ?? 'default'}`),
  },
  {
    engine: 'sox',
    platform: 'win32',
    devices: 'windows',
    delayMs: 40,
    args: device => [...sox, ...soxDevice('waveaudio', device), ...soxFormat],
  },
]

/** In the order of preference. */
const players: Row[] = [
  {
    engine: 'pacat',
    platform: 'linux',
    devices: 'pulse',
    delayMs: 0,
    tellsTime: true,
    args: device => [
      '--playback',
      '-v',
      ...pulse,
      '--latency-msec=80',
      ...(device ? [`--device=${device}`] : []),
    ],
  },
  {
    engine: 'aplay',
    platform: 'linux',
    devices: 'alsa',
    delayMs: 0,
    args: device => [...alsa, '--buffer-time=100000', ...(device ? ['-D', device] : [])],
  },
  {
    engine: 'sox',
    platform: 'linux',
    devices: 'alsa',
    delayMs: 10,
    args: device => [...sox, ...soxFormat, ...soxDevice('alsa', device)],
  },
  {
    engine: 'sox',
    platform: 'darwin',
    devices: 'coreaudio',
    delayMs: 10,
    args: device => [...sox, ...soxFormat, ...soxDevice('coreaudio', device)],
  },
  {
    engine: 'sox',
    platform: 'win32',
    devices: 'windows',
    delayMs: 10,
    args: device => [...sox, ...soxFormat, ...soxDevice('waveaudio', device)],
  },
  ...(['linux', 'darwin', 'win32'] as const).map(platform => ({
    engine: 'ffplay',
    platform,
    delayMs: 300,
    args: () => [...ffplay, '-f', 's16le', '-sample_rate', '16000', '-i', '-'],
  })),
]

/** What decides which programs can be used. */
export interface ProgramChoice {
  env: NodeJS.ProcessEnv
  platform?: NodeJS.Platform
  /** Only programs that take a device of this list, and this device for them. */
  device?: { id: string; list: DeviceList }
}

/** The installed programs that can capture here, the preferred one first. */
export function recordersHere(choice: ProgramChoice): SoundProgram[] {
  return usable(recorders, choice)
}

/** The installed programs that can play here, the preferred one first. */
export function playersHere(choice: ProgramChoice): SoundProgram[] {
  return usable(players, choice)
}

function usable(rows: Row[], { env, platform = process.platform, device }: ProgramChoice): SoundProgram[] {
  return rows.flatMap(row => {
    if (row.platform !== platform || (device && row.devices !== device.list)) return []
    const command = findProgram(row.engine, env, platform)
    const { engine, delayMs, tellsTime = false } = row
    return command ? [{ engine, command, args: row.args(device?.id), delayMs, tellsTime }] : []
  })
}

/** The full path of a program in the PATH of `env`. */
export function findProgram(
  name: string,
  env: NodeJS.ProcessEnv,
  platform = process.platform,
): string | undefined {
  const file = platform === 'win32' ? `${name}.exe` : name
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(folder => folder !== '')
  return folders.map(folder => join(folder, file)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
