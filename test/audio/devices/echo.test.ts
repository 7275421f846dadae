import { describe, expect, it } from 'vitest'
import { parseMac, parsePulse } from '../../../src/audio/devices/device-lists.ts'
import { decideEcho, type EchoFacts, echoLine } from '../../../src/audio/devices/echo.ts'
import type { Device } from '../../../src/audio/devices/list.ts'

const device = (name: string, more: Partial<Device> = {}): Device => ({
  name,
  id: name,
  default: true,
  via: 'pactl',
  list: 'pulse',
  ...more,
})
const decide = (facts: Partial<EchoFacts>) =>
  decideEcho({
    choice: 'auto',
    headphones: false,
    microphones: [device('Built-in Microphone')],
    speakers: [device('Built-in Audio Analog Stereo')],
    microphone: null,
    speaker: null,
    ...facts,
  })

describe('whether the microphone rests while the assistant is heard', () => {
  it('does on speakers, and where nothing is known', () => {
    expect(decide({}).mode).toBe('half-duplex')
    expect(decide({ microphones: [], speakers: [] }).mode).toBe('half-duplex')
    expect(decide({ speakers: [device('MacBook Pro Speakers')] }).mode).toBe('half-duplex')
    expect(
      decide({
        speakers: [device('Speakers (Realtek)', { default: false }), device('x', { default: false })],
      }).mode,
    ).toBe('half-duplex')
  })

  it('does as it is told', () => {
    expect(decide({ choice: 'none' })).toMatchObject({ mode: 'open', why: '--echo none' })
    expect(decide({ headphones: true })).toMatchObject({ mode: 'open', why: '--headphones' })
    expect(decide({ choice: 'half-duplex', headphones: true }).mode).toBe('half-duplex')
  })

  it.each([
    'Headphones (Realtek High Definition Audio)',
    'Headset Earphone (Jabra Evolve 65)',
    'External Headphones',
    'Ann’s AirPods Pro',
    'AirPods Max',
    'Galaxy Buds2',
    'WH-1000XM4',
    'Bose QuietComfort 35',
    'Plantronics Headset, USB Audio',
    'Kopfhörer (Realtek)',
    'Hands-Free AG Audio (Phone)',
  ])('does not on %s', name => {
    expect(decide({ speakers: [device(name)] })).toMatchObject({
      mode: 'open',
      why: `${name} is worn on the ear`,
    })
    expect(
      decide({ speakers: [device('Speakers'), device(name, { default: false })], speaker: name }).mode,
    ).toBe('open')
    expect(decide({ speakers: [device('Speakers'), device(name, { default: false })] }).mode).toBe(
      'half-duplex',
    )
  })

  it.each([
    'HDMI / DisplayPort',
    'LG Monitor',
    'Studio Display Speakers',
    'JBL Charge',
    'Earthquake Sound Subwoofer',
    'Budscope DAC',
  ])('does on %s', name => {
    expect(decide({ speakers: [device(name)] }).mode).toBe('half-duplex')
  })

  it('takes a Bluetooth device for headphones unless it says that it is a loudspeaker, and waits longer for that', () => {
    expect(decide({ speakers: [device('Jane', { wireless: true })] }).mode).toBe('open')
    expect(decide({ speakers: [device('JBL', { wireless: true, form: 'loudspeaker' })] })).toMatchObject({
      mode: 'half-duplex',
      tailMs: 300,
    })
    expect(decide({ speakers: [device('UE Boom 3', { wireless: true })] }).mode).toBe('half-duplex')
    expect(decide({}).tailMs).toBe(80)
  })

  it('does not where an echo canceller hears what is played', () => {
    const canceller = device('Mic (echo cancelled with Speaker)', { cancelsEcho: true })
    const own = device('Speaker (echo cancelled with Mic)', { cancelsEcho: true })
    expect(decide({ microphones: [canceller], speakers: [own] }).mode).toBe('open')
    expect(decide({ microphones: [canceller] }).mode).toBe('open')
    expect(
      decide({ microphones: [canceller], speakers: [device('Plain'), { ...own, default: false }] }),
    ).toMatchObject({
      mode: 'half-duplex',
      why: expect.stringContaining('only of what is played on Speaker (echo cancelled with Mic)'),
    })
    expect(
      decide({ microphones: [{ ...canceller, default: false }, device('Plain')], speakers: [own] }).mode,
    ).toBe('half-duplex')
  })

  it('says in one line what was taken and why', () => {
    const line = echoLine(decide({}), true)
    expect(line).toMatch(/^echo: half-duplex, .*space interrupts.*Built-in Audio/)
    expect(line).not.toContain('\n')
    expect(echoLine(decide({}), false)).toContain('cannot be interrupted by voice')
    expect(echoLine(decide({ headphones: true }), true)).toMatch(
      /^echo: the microphone stays open .*--headphones/,
    )
  })
})

describe('what the systems tell of devices', () => {
  const sink = (rest: string) => parsePulse(`Sink #1\n\tName: a\n\tDescription: A\n${rest}`, '', 'speaker')[0]

  it('reads rate and channels', () => {
    expect(sink('\tSample Specification: s16le 2ch 44100Hz\n')?.format).toEqual({
      sampleRate: 44_100,
      channels: 2,
    })
    const mac = [{ _items: [{ _name: 'S', coreaudio_device_output: 2, coreaudio_device_srate: 48000 }] }]
    expect(parseMac(JSON.stringify({ SPAudioDataType: mac }), 'speaker')[0]?.format).toEqual({
      sampleRate: 48_000,
      channels: 2,
    })
  })

  it('reads what is worn from the form factor and from the port in use', () => {
    expect(sink('\tProperties:\n\t\tdevice.form_factor = "headset"\n')?.form).toBe('worn')
    expect(sink('\tProperties:\n\t\tdevice.form_factor = "portable"\n')?.form).toBe('loudspeaker')
    const ports =
      '\tPorts:\n\t\tanalog-output-speaker: Speakers (type: Speaker, priority: 10000, not available)\n\t\tanalog-output-headphones: Headphones (type: Headphones, priority: 9900, available)\n'
    expect(sink(`${ports}\tActive Port: analog-output-headphones\n`)?.form).toBe('worn')
    expect(sink(`${ports}\tActive Port: analog-output-speaker\n`)?.form).toBe('loudspeaker')
    expect(
      sink('\tPorts:\n\t\t[Out] Headphones: Headphones (type: Headphones)\n\tActive Port: [Out] Headphones\n')
        ?.form,
    ).toBe('worn')
  })

  it('reads monitors, Bluetooth and echo cancellers, of PulseAudio and of PipeWire', () => {
    expect(sink('\tProperties:\n\t\tdevice.class = "monitor"\n')?.monitor).toBe(true)
    expect(sink('\tProperties:\n\t\tdevice.bus = "bluetooth"\n')?.wireless).toBe(true)
    expect(sink('\tDriver: module-echo-cancel.c\n')?.cancelsEcho).toBe(true)
    expect(
      sink('\tDriver: PipeWire\n\tProperties:\n\t\tnode.name = "echo-cancel-source"\n')?.cancelsEcho,
    ).toBe(true)
    expect(
      sink('\tDriver: module-echo-cancel.c\n\tProperties:\n\t\tdevice.class = "monitor"\n')?.cancelsEcho,
    ).toBeUndefined()
    expect(sink('')).toEqual({ name: 'A', id: 'a', default: false })
  })
})
