import { describe, expect, it } from 'vitest'
import { parseAlsa, parseMac, parsePulse, parseWindows } from '../../../src/audio/devices/device-lists.ts'

describe('the lists that systems print', () => {
  it('reads the sinks and sources of PulseAudio', () => {
    const sinks = `Sink #0
\tState: SUSPENDED
\tName: alsa_output.pci-0000_00_1f.3.analog-stereo
\tDescription: Built-in Audio Analog Stereo
\tDriver: module-alsa-card.c
\tProperties:
\t\tdevice.description = "Built-in Audio Analog Stereo"

Sink #1
\tName: bluez_output.AC_12
\tDescription: Headphones: Über
`
    const info = 'Server Name: pulseaudio\nDefault Sink: bluez_output.AC_12\nDefault Source: nothing\n'
    expect(parsePulse(sinks, info, 'speaker')).toEqual([
      {
        name: 'Built-in Audio Analog Stereo',
        id: 'alsa_output.pci-0000_00_1f.3.analog-stereo',
        default: false,
      },
      { name: 'Headphones: Über', id: 'bluez_output.AC_12', default: true, wireless: true },
    ])
    expect(parsePulse(sinks, info, 'microphone').some(device => device.default)).toBe(false)
    expect(parsePulse('', '', 'speaker')).toEqual([])
  })

  it('reads one entry for each card of ALSA', () => {
    const list = `null
    Discard all samples (playback) or generate zero samples (capture)
pulse
    PulseAudio Sound Server
hw:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
    Direct hardware device without any conversions
sysdefault:CARD=PCH
    HDA Intel PCH, ALC257 Analog
    Default Audio Device
sysdefault:CARD=Headset
    Plantronics Headset, USB Audio
    Default Audio Device
`
    expect(parseAlsa(list)).toEqual([
      { name: 'HDA Intel PCH, ALC257 Analog', id: 'sysdefault:CARD=PCH', default: true },
      { name: 'Plantronics Headset, USB Audio', id: 'sysdefault:CARD=Headset', default: false },
    ])
  })

  it('reads the devices of macOS', () => {
    const json = JSON.stringify({
      SPAudioDataType: [
        {
          _items: [
            {
              _name: 'MacBook Pro Microphone',
              coreaudio_device_input: 1,
              coreaudio_default_audio_input_device: 'spaudio_yes',
            },
            {
              _name: 'MacBook Pro Speakers',
              coreaudio_device_output: 2,
              coreaudio_default_audio_output_device: 'spaudio_yes',
            },
            { _name: 'Headset', coreaudio_device_input: 1, coreaudio_device_output: 2 },
          ],
        },
      ],
    })
    expect(parseMac(json, 'speaker')).toEqual([
      { name: 'MacBook Pro Speakers', id: 'MacBook Pro Speakers', default: true },
      { name: 'Headset', id: 'Headset', default: false },
    ])
    expect(parseMac(json, 'microphone').map(device => device.name)).toEqual([
      'MacBook Pro Microphone',
      'Headset',
    ])
    expect(parseMac('', 'speaker')).toEqual([])
  })

  it('reads the devices of Windows, one or several', () => {
    const speakers = { FriendlyName: 'Speakers (Realtek)', InstanceId: 'SWD\\MMDEVAPI\\{0.0.0.00000000}.{1}' }
    const microphone = {
      FriendlyName: 'Microphone (Realtek)',
      InstanceId: 'SWD\\MMDEVAPI\\{0.0.1.00000000}.{2}',
    }
    expect(parseWindows(JSON.stringify([speakers, microphone]), 'microphone')).toEqual([
      { name: 'Microphone (Realtek)', id: 'Microphone (Realtek)', default: false },
    ])
    expect(parseWindows(JSON.stringify(speakers), 'speaker')).toHaveLength(1)
    expect(parseWindows('', 'speaker')).toEqual([])
  })
})
