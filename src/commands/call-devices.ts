import { type Device, listDevices } from '../audio/devices/list.ts'
import { defineCommand } from '../cli/definition.ts'
import { SAMPLE_RATE } from '../engine/ports/audio-input.ts'

interface DeviceRow {
  kind: 'microphone' | 'speaker'
  name: string
  default: boolean
  via: string
  /** What the device runs at, where the system tells it; calls are 16 kHz mono and resample. */
  sampleRate?: number
  channels?: number
  /** Why the microphone may stay open while the assistant is heard on it, or with it. */
  note?: string
}

export default defineCommand(
  {
    name: 'call devices',
    summary: 'list microphones and speakers',
    args: [],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi call devices', does: 'names for --microphone and --speaker of vapi call local' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async (_invocation, { output, env }) => {
    const { microphones, speakers } = await listDevices(env)
    const rows = [...rowsOf('microphone', microphones), ...rowsOf('speaker', speakers)]
    await output.list(
      rows,
      [
        { heading: 'KIND', value: row => row.kind },
        { heading: 'DEFAULT', value: row => (row.default ? 'yes' : '') },
        { heading: 'NAME', value: row => row.name },
        { heading: 'FORMAT', value: formatOf },
        { heading: 'NOTE', value: row => row.note ?? '' },
        { heading: 'VIA', value: row => row.via },
      ],
      row => row.name,
    )
    if (rows.length === 0)
      output.note('no microphone and no speaker was found; calls run with --in FILE.wav or --in text')
    return undefined
  },
)

function rowsOf(kind: DeviceRow['kind'], devices: readonly Device[]): DeviceRow[] {
  return devices.map(device => {
    const note = noteOf(device)
    return {
      kind,
      name: device.name,
      default: device.default,
      via: device.via,
      ...device.format,
      ...(note !== null && { note }),
    }
  })
}

/** What matters to echo: `src/audio/devices/echo.ts` decides by it. */
function noteOf(device: Device): string | null {
  if (device.monitor) return 'what a speaker plays'
  if (device.cancelsEcho) return 'cancels echo'
  if (device.form === 'worn') return 'worn on the ear'
  return device.wireless ? 'Bluetooth' : null
}

function formatOf({ sampleRate, channels }: DeviceRow): string {
  if (sampleRate === undefined) return ''
  const ways =
    channels === 1
      ? ' mono'
      : channels === 2
        ? ' stereo'
        : channels === undefined
          ? ''
          : ` ${channels} channels`
  return `${sampleRate / 1000} kHz${ways}${sampleRate === SAMPLE_RATE && channels === 1 ? '' : ', resampled'}`
}
