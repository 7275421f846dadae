/** How late the 20 ms frames of a call are while other programs take nearly all of the CPU. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { createSilentOutput } from '../../src/audio/devices/silent-output.ts'
import { createPipeInput } from '../../src/audio/plane/file-input.ts'
import { createPlayback } from '../../src/audio/plane/playback.ts'
import { createListener } from '../../src/call/caller/listening.ts'
import { createRealClock } from '../../src/call/real-clock.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { deepgram } from '../../src/providers/transcribers/deepgram.ts'
import { findVendor } from '../../src/providers/vendors.ts'
import { elevenLabs } from '../../src/providers/voices/elevenlabs.ts'
import { later } from './listening.ts'
import type { Peers } from './peers.ts'
import { nowMs } from './tap.ts'

const FRAME_MS = 20
const LATE_MS = 10
const BURN = `
const busyMs = Number(process.argv[1])
const sleeper = new Int32Array(new SharedArrayBuffer(4))
for (;;) {
  const endMs = performance.now() + busyMs
  while (performance.now() < endMs);
  Atomics.wait(sleeper, 0, 0, 20 - busyMs)
}`

/** A second of sound that is no speech: the frames count. */
const SECOND = new Uint8Array(Int16Array.from({ length: 16_000 }, (_, place) => (place * 7919) % 601).buffer)
/** A frame as the WebSocket carries it: its head and its mask, then the samples. */
const SENT_BYTES = 8 + 640

export interface Lateness {
  /** Of the frames on their way to the transcriber, and of those on their way to the device. */
  heard: Frames
  played: Frames
}

interface Frames {
  count: number
  late: number
  worstMs: number
}

/**
 * A customer speaks into a Deepgram-like server and the assistant speaks with an ElevenLabs-like one for `seconds`, while on every
 * core a process of its own burns `load` (0 to 1) of it.
 */
export async function lateness(peers: Peers, seconds: number, load: number): Promise<Lateness> {
  const burners = Array.from({ length: load === 0 ? 0 : availableParallelism() }, () =>
    spawn(process.execPath, ['-e', BURN, String(load * 20)], { stdio: 'ignore' }),
  )
  const ears = await peers.open('transcriber', 'deepgram', 0)
  const mouth = await peers.open('voice', '11labs', 0)
  const http = createHttpClient()
  const clock = createRealClock()
  const [vendor, voiceVendor] = [findVendor('deepgram'), findVendor('11labs')]
  if (vendor === undefined || voiceVendor === undefined) throw new Error('the vendors are not in the table')
  const playedMs: number[] = []
  const transcriber = deepgram.create({
    vendor,
    access: { baseUrl: ears.url, key: ears.key },
    http,
    name: 'deepgram',
    model: null,
    language: 'en',
    settings: {},
  })
  const voice = elevenLabs.create({
    vendor: voiceVendor,
    access: { baseUrl: mouth.url, key: mouth.key ?? '' },
    http,
    name: '11labs',
    voiceId: 'somebody',
    settings: {},
    language: null,
  })
  const device = createSilentOutput({ clock })
  const output = createPlayback(
    {
      ...device,
      open: source =>
        device.open({
          ...source,
          pull: count => {
            playedMs.push(nowMs())
            return source.pull(count)
          },
        }),
    },
    () => {},
  )
  let over = false
  async function* sound() {
    const beganMs = performance.now()
    for (let second = 0; !over; second++) {
      // It is there before it is due: the source is not what is measured.
      yield SECOND
      await later(Math.max(0, beganMs + (second - 1) * 1000 - performance.now()))
    }
  }
  const customer = createListener({
    input: createPipeInput(sound(), clock),
    transcribers: [transcriber],
    origin: 'recognition',
    denoising: { smart: null, fourier: null },
    hearsBeeps: false,
    clock,
    tap: () => {},
  })
  await output.open({ started: () => {}, drained: () => {}, cleared: () => {}, failed: () => {} })
  clock.attach(() => {})
  clock.start()
  await customer.start({ input: () => {}, hangUp: () => {} })
  // What starting costs is the start's.
  await later(2000)
  const sent = watchWrites(Number(new URL(ears.url).port))
  playedMs.length = 0
  const endMs = performance.now() + seconds * 1000
  for (let turn = 0; performance.now() < endMs; turn++) {
    const chunk = { utteranceId: `utterance-${turn}`, workId: 'chunk' }
    output.play(chunk.utteranceId)
    const request = { text: 'We open at nine in the morning, and we close at five.', settings: {} }
    for await (const { audio } of voice.speak(request, new AbortController().signal))
      output.append(chunk, audio)
    output.completeChunk(chunk)
    output.finish(chunk.utteranceId)
    await later(3000)
  }
  over = true
  const heardMs = framesIn(sent.end())
  await customer.close()
  await output.close()
  clock.stop()
  http.close()
  await Promise.all([ears.close(), mouth.close()])
  for (const burner of burners) {
    const gone = once(burner, 'exit')
    burner.kill('SIGKILL')
    await gone
  }
  return { heard: lateIn(heardMs), played: lateIn(playedMs) }
}

interface Write {
  atMs: number
  bytes: number
}

/** What this process hands over to be sent to `port`, and when: what the peer waits for its own turn on the CPU is not ours. */
function watchWrites(port: number): { end(): Write[] } {
  const writes: Write[] = []
  const { write } = Socket.prototype
  Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
    if (this.remotePort === port) writes.push({ atMs: nowMs(), bytes: args[0].length })
    return write.apply(this, args)
  } as Socket['write']
  return {
    end() {
      Socket.prototype.write = write
      return writes
    },
  }
}

/** When each frame was there whole. */
function framesIn(writes: readonly Write[]): number[] {
  const times: number[] = []
  let sum = 0
  for (const { atMs, bytes } of writes) {
    sum += bytes
    while (sum >= SENT_BYTES * (times.length + 1)) times.push(atMs)
  }
  if (sum !== SENT_BYTES * times.length) throw new Error('something else than frames was sent')
  return times
}

/** Each is due 20 ms after the one before; the earliest of all says when the first was due. */
function lateIn(times: readonly number[]): Frames {
  const delays = times.map((atMs, place) => atMs - place * FRAME_MS)
  const base = delays.reduce((least, delay) => Math.min(least, delay), Number.POSITIVE_INFINITY)
  const behind = delays.map(delay => delay - base)
  return {
    count: behind.length,
    late: behind.filter(delay => delay > LATE_MS).length,
    worstMs: behind.reduce((most, delay) => Math.max(most, delay), 0),
  }
}
