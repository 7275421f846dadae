import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { createPlayQueue } from './play-queue.ts'
import { createPlayer } from './player-process.ts'
import type { FromSpeaker, ToSpeaker } from './protocol.ts'
import { serveParent } from './worker-process.ts'

/**
 * Milliseconds of sound that the library asks for at a time; up to twice as much waits in the device. Linux: what keeps
 * the time from a drop to silence under 60 ms. Windows: the least that its wave devices bear. macOS: only the upper bound of the
 * system's own pieces of about 10 ms, and it must not be less than those.
 */
const STRETCH_MS: Partial<Record<NodeJS.Platform, number>> = { linux: 20, win32: 40, darwin: 100 }

const queue = createPlayQueue()
let drop = () => 0
let close = () => {}

const parent = serveParent<ToSpeaker, FromSpeaker>({
  async handle(message) {
    if (message.type === 'sound') queue.add(message.samples)
    else if (message.type === 'drop') parent.send({ type: 'dropped', played: drop() })
    else if (message.program) openProgram(message.program)
    else await openLibrary()
  },
  cleanUp: () => close(),
})

function openProgram(program: Parameters<typeof createPlayer>[0]): void {
  const player = createPlayer(program, queue, {
    opened: stretch => parent.send({ type: 'opened', stretch }),
    position: played => parent.send({ type: 'position', taken: queue.taken(), played }),
    failed: parent.fail,
  })
  drop = player.drop
  close = player.close
}

async function openLibrary(): Promise<void> {
  const { createAudioOutput } = await import('@echogarden/audio-io')
  let opened = false
  drop = () => {
    queue.drop()
    return queue.taken()
  }
  const config = {
    sampleRate: SAMPLE_RATE,
    channelCount: 1,
    bufferDuration: STRETCH_MS[process.platform] ?? 40,
  }
  let previousStretch = 0
  await createAudioOutput(config, stretch => {
    if (!opened) parent.send({ type: 'opened', stretch: stretch.length })
    opened = true
    // The library asks again when no more than the stretch before waits in the device.
    const played = queue.takenAt(queue.written() - previousStretch)
    previousStretch = stretch.length
    queue.fill(stretch)
    parent.send({ type: 'position', taken: queue.taken(), played })
  })
}
