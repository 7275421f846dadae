import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Device, listDevices, pickDevice } from '../../../src/audio/devices/list.ts'
import { requires } from '../../support/requires.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../../support/sound-card.ts'
import { nowhere, until, workersOf } from './processes.ts'

const missing = requires(...soundCardPrograms)

describe.skipIf(missing)(`the list of devices${missing ? ` (${missing})` : ''}`, () => {
  let card: SoundCard
  beforeAll(async () => {
    card = await startSoundCard()
  })
  afterAll(() => card.stop())

  it('names microphones and speakers, what told of them, and the default ones', async () => {
    const { microphones, speakers } = await listDevices(card.env)
    expect(microphones).toMatchObject([
      { name: 'Monitor of Virtual-Speaker', default: false, via: 'pvrecorder' },
      { name: 'Monitor of Voice-Into-Microphone', default: false, via: 'pvrecorder' },
      { name: 'Virtual-Microphone', default: true, via: 'pvrecorder' },
    ])
    expect(speakers).toMatchObject([
      { name: 'Virtual-Speaker', default: true, via: 'pactl' },
      { name: 'Voice-Into-Microphone', default: false, via: 'pactl' },
    ])
    await until('the end of the child', () => workersOf(process.pid, 'microphone').length === 0)
  })

  it('names the microphones of the sound server where the library cannot be loaded', async () => {
    const env = { ...card.env, NODE_OPTIONS: '--require /nonexistent/anything.cjs' }
    const { microphones } = await listDevices(env)
    expect(microphones.find(device => device.default)).toMatchObject({
      name: 'Virtual-Microphone',
      via: 'pactl',
    })
  })

  it('is empty on a machine without sound, or without any of the programs', async () => {
    const nothing = { microphones: [], speakers: [] }
    expect(await listDevices(nowhere)).toEqual(nothing)
    expect(await listDevices({ ...nowhere, PATH: '/nonexistent' })).toEqual(nothing)
  })

  it('is empty after three seconds when the sound server hangs', async () => {
    const own = await startSoundCard()
    try {
      process.kill(own.serverPid, 'SIGSTOP')
      const begin = performance.now()
      expect(await listDevices(own.env)).toEqual({ microphones: [], speakers: [] })
      expect(performance.now() - begin).toBeLessThan(4500)
    } finally {
      process.kill(own.serverPid, 'SIGCONT')
      await own.stop()
    }
  })
})

describe('picking a device by name', () => {
  const device = (name: string, id = name): Device => ({
    name,
    id,
    default: false,
    via: 'pactl',
    list: 'pulse',
  })
  const devices = [device('USB Headset', 'alsa_input.usb'), device('Headset'), device('Built-in Audio')]

  it('takes a part of the name in any case', () => {
    expect(pickDevice(devices, 'built-IN', 'microphone').name).toBe('Built-in Audio')
  })

  it('takes a whole name or id before a part', () => {
    expect(pickDevice(devices, 'headset', 'microphone').name).toBe('Headset')
    expect(pickDevice(devices, 'alsa_input.usb', 'microphone').name).toBe('USB Headset')
  })

  it('refuses several and none, and says what there is', () => {
    expect(() => pickDevice(devices, 'head', 'microphone')).toThrow(
      'several microphones match "head": "USB Headset", "Headset"',
    )
    expect(() => pickDevice(devices, 'HDMI', 'speaker')).toThrow('no speaker matches "HDMI"')
    expect(() => pickDevice([], 'HDMI', 'speaker')).toThrow(
      expect.objectContaining({ exit: 2, hint: 'No speaker was found here; is a sound server running?' }),
    )
  })
})
