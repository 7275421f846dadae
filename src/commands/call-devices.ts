import { type Device, listDevices } from '../audio/devices/list.ts'
import { defineCommand } from '../cli/definition.ts'

interface DeviceRow {
  kind: 'microphone' | 'speaker'
  name: string
  default: boolean
  via: string
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
  return devices.map(({ name, default: isDefault, via }) => ({ kind, name, default: isDefault, via }))
}
