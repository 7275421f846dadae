import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { createPlayQueue } from './play-queue.ts'
import { createPlayer } from './player-process.ts'
import type { FromSpeaker, ToSpeaker } from './protocol.ts'
import { serveParent } from './worker-process.ts'

/**
 * Milliseconds of sound that the library asks for at a time; up to twice as much waits in the device. Linux: keeps the
 * time from a drop to silence under 60 ms. Windows: the least that its wave devices bear. macOS: only the upper bound
 * of the system's own pieces of about 10 ms, and it must not be less than those.
 */
const STRETCH_MS: Partial<Record<NodeJS.Platform, number>> = { linux: 20, win32: 40, darwin: 100 }

serve()

function serve(): void {
  const queue = createPlayQueue()
  let drop = () => {
    queue.drop()
    return queue.taken()
  }
  let close = () => {}

  const parent = serveParent<ToSpeaker, FromSpeaker>({
    async handle(message) {
      if (message.type === 'sound') {
        if (queue.add(message.samples)) position(queue.heard())
      } else if (message.type === 'drop') parent.send({ type: 'dropped', played: drop() })
      else if (!message.program) await openLibrary()
      else {
        const player = createPlayer(message.program, queue, { opened, position, failed: parent.fail })
        drop = player.drop
        close = player.close
      }
    },
    cleanUp: () => close(),
  })
  const opened = (stretch: number) => parent.send({ type: 'opened', stretch })
  const position = (played: number) => parent.send({ type: 'position', taken: queue.taken(), played })

  async function openLibrary(): Promise<void> {
    const { createAudioOutput } = await import('@echogarden/audio-io')
    const bufferDuration = STRETCH_MS[process.platform] ?? 40
    let before = 0
    await createAudioOutput({ sampleRate: SAMPLE_RATE, channelCount: 1, bufferDuration }, stretch => {
      if (before === 0) opened(stretch.length)
      // The library asks again when about no more than the stretch before waits in the device.
      const played = queue.takenAt(queue.written() - before)
      before = stretch.length
      queue.fill(stretch)
      position(played)
    })
  }
}
