/** How late the 20 ms frames of a call are while other programs take nearly all of the CPU. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
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
import { DEEPGRAM_KEY, startDeepgram } from '../../test/support/providers/deepgram.ts'
import { ELEVENLABS_KEY, elevenLabsProtocol } from '../../test/support/providers/elevenlabs-voice.ts'
import { startSpeechServer } from '../../test/support/providers/speech-server.ts'
import { later } from './listening.ts'
import { openTap } from './tap.ts'

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
export async function lateness(seconds: number, load: number): Promise<Lateness> {
  const burners = Array.from({ length: load === 0 ? 0 : availableParallelism() }, () =>
    spawn(process.execPath, ['-e', BURN, String(load * 20)], { stdio: 'ignore' }),
  )
  const server = await startDeepgram()
  const speech = await startSpeechServer(elevenLabsProtocol())
  const tap = await openTap(server.url, 0)
  const http = createHttpClient()
  const clock = createRealClock()
  const [vendor, voiceVendor] = [findVendor('deepgram'), findVendor('11labs')]
  if (vendor === undefined || voiceVendor === undefined) throw new Error('the vendors are not in the table')
  const heardMs: number[] = []
  const playedMs: number[] = []
  const transcriber = deepgram.create({
    vendor,
    access: { baseUrl: tap.url, key: DEEPGRAM_KEY },
    http,
    name: 'deepgram',
    model: null,
    language: 'en',
    settings: {},
  })
  const voice = elevenLabs.create({
    vendor: voiceVendor,
    access: { baseUrl: speech.url, key: ELEVENLABS_KEY },
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
            playedMs.push(performance.now())
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
      // A sound that is no speech: the frames count. It is there before it is due: the source is not what is measured.
      yield new Uint8Array(Int16Array.from({ length: 16_000 }, (_, place) => (place * 7919) % 601).buffer)
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
  tap.onSent = () => void heardMs.push(performance.now())
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
  await customer.close()
  await output.close()
  clock.stop()
  http.close()
  tap.close()
  await Promise.all([server.close(), speech.close()])
  for (const burner of burners) {
    const gone = once(burner, 'exit')
    burner.kill('SIGKILL')
    await gone
  }
  return { heard: lateIn(heardMs), played: lateIn(playedMs) }
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
