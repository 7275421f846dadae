/** Reads what the systems' own tools print about sound devices. */

export type DeviceKind = 'microphone' | 'speaker'

/** A device as a system lists it: `id` is what programs call it. */
export interface Found {
  name: string
  id: string
  default: boolean
}

/** `pactl list sinks` or `pactl list sources`, and `pactl info` for the default one (both in English). */
export function parsePulse(list: string, info: string, kind: DeviceKind): Found[] {
  const title = kind === 'speaker' ? 'Default Sink' : 'Default Source'
  const defaultId = new RegExp(`^${title}: (.+)$`, 'm').exec(info)?.[1]
  return [...list.matchAll(/^\tName: (.+)\n\tDescription: (.+)$/gm)].map(([, id = '', name = '']) => ({
    name,
    id,
    default: id === defaultId,
  }))
}

/**
 * `aplay -L` or `arecord -L`. Of each card only the entry that shares the card with other programs; the others are
 * variants of it, or plug-ins without a device.
 */
export function parseAlsa(list: string): Found[] {
  return [...list.matchAll(/^(sysdefault:CARD=.+)\n {4}(.+)$/gm)].map(([, id = '', name = ''], index) => ({
    name,
    id,
    default: index === 0,
  }))
}

/** `system_profiler -json SPAudioDataType`. */
export function parseMac(json: string, kind: DeviceKind): Found[] {
  const direction = kind === 'speaker' ? 'output' : 'input'
  return parseJson(json)
    .flatMap(top => (isRecord(top) && Array.isArray(top.SPAudioDataType) ? top.SPAudioDataType : []))
    .flatMap(group => (isRecord(group) && Array.isArray(group._items) ? group._items : []))
    .filter(isRecord)
    .filter(item => item[`coreaudio_device_${direction}`] !== undefined)
    .map(item => ({
      name: String(item._name),
      id: String(item._name),
      default: item[`coreaudio_default_audio_${direction}_device`] === 'spaudio_yes',
    }))
}

/** `Get-PnpDevice -Class AudioEndpoint` as JSON; Windows does not say there which one is the default. */
export function parseWindows(json: string, kind: DeviceKind): Found[] {
  const flow = kind === 'speaker' ? '{0.0.0.' : '{0.0.1.'
  return parseJson(json)
    .filter(isRecord)
    .filter(item => String(item.InstanceId).includes(flow))
    .map(item => ({ name: String(item.FriendlyName), id: String(item.FriendlyName), default: false }))
}

/** The list, or the one thing, that a tool printed as JSON; nothing where it printed no JSON. */
function parseJson(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : [value]
  } catch {
    return []
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
