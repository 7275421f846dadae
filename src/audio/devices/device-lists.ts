/** Reads what the systems' own tools print about sound devices. */

export type DeviceKind = 'microphone' | 'speaker'

/** What a device itself runs at; the program resamples at its edge. */
export interface DeviceFormat {
  sampleRate: number
  channels: number
}

/** A device as a system lists it: `id` is what programs call it. */
export interface Found {
  name: string
  id: string
  default: boolean
  /** Absent where the system does not tell it. */
  format?: DeviceFormat
  /** A source that gives what a speaker plays, and no room. */
  monitor?: true
  /** An echo canceller stands before it. */
  cancelsEcho?: true
  /** What it is by its form or its port, where the system tells that. */
  form?: 'worn' | 'loudspeaker'
  /** It is reached by Bluetooth. */
  wireless?: true
}

/** `pactl list sinks` or `pactl list sources`, and `pactl info` for the default one (both in English). */
export function parsePulse(list: string, info: string, kind: DeviceKind): Found[] {
  const title = kind === 'speaker' ? 'Default Sink' : 'Default Source'
  const defaultId = new RegExp(`^${title}: (.+)$`, 'm').exec(info)?.[1]
  return list.split(/^(?=(?:Sink|Source) #)/m).flatMap(block => {
    const [, id, name] = /^\tName: (.+)\n\tDescription: (.+)$/m.exec(block) ?? []
    if (id === undefined || name === undefined) return []
    return [{ name, id, default: id === defaultId, ...pulseTraits(block) }]
  })
}

const WORN = /head-?(?:phone|set)|ear-?(?:phone|piece)|hands-?free/i

/** What the rest of a device's entry says of it: its driver, its active port and its properties. PipeWire prints the same. */
function pulseTraits(block: string): Omit<Found, 'name' | 'id' | 'default'> {
  const textOf = (line: RegExp) => line.exec(block)?.[1]
  const property = (name: string) => textOf(new RegExp(`^\\t\\t${name.replace(/\./g, '\\.')} = "(.*)"$`, 'm'))
  const [, channels, rate] = /^\tSample Specification: \S+ (\d+)ch (\d+)Hz$/m.exec(block) ?? []
  const id = textOf(/^\tName: (.+)$/m) ?? ''
  const names = [id, textOf(/^\tDescription: (.+)$/m), textOf(/^\tDriver: (.+)$/m), property('node.name')]
  const isMonitor = property('device.class') === 'monitor' || id.endsWith('.monitor')
  const port = textOf(/^\tActive Port: (.+)$/m)
  // The port's own line has its type behind its name: "analog-output: Headphones (type: Headphones, …)".
  const portLine =
    port === undefined ? '' : (block.split('\n').find(line => line.startsWith(`\t\t${port}: `)) ?? port)
  const form = property('device.form_factor')
  const wireless = property('device.bus') === 'bluetooth' || /^bluez_/.test(id)
  const worn = WORN.test(form ?? '') || WORN.test(portLine)
  const loud = /^(?:speaker|portable|internal|tv|hifi|car)$/.test(form ?? '') || /speaker/i.test(portLine)
  return {
    ...(channels !== undefined && { format: { sampleRate: Number(rate), channels: Number(channels) } }),
    ...(isMonitor && { monitor: true }),
    ...(!isMonitor && names.some(name => /echo[-_. ]?cancel/i.test(name ?? '')) && { cancelsEcho: true }),
    ...(worn ? { form: 'worn' } : loud && { form: 'loudspeaker' }),
    ...(wireless && { wireless: true }),
  }
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
      ...(Number(item.coreaudio_device_srate) > 0 && {
        format: {
          sampleRate: Number(item.coreaudio_device_srate),
          channels: Number(item[`coreaudio_device_${direction}`]),
        },
      }),
      ...(item.coreaudio_device_transport === 'coreaudio_device_type_builtin' &&
        /speaker/i.test(String(item._name)) && { form: 'loudspeaker' as const }),
      ...(item.coreaudio_device_transport === 'coreaudio_device_type_bluetooth' && {
        wireless: true as const,
      }),
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
