import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiServer, startApiServer } from '../support/api-server.ts'
import { jsonReply } from '../support/fake-openai.ts'
import { type MonitorServer, startMonitorServer } from '../support/monitor-server.ts'
import { temporaryFolder, vapi } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../support/sound-card.ts'
import { firstLoud } from '../support/speech.ts'

const missing = requires(...soundCardPrograms)

describe.skipIf(missing)(
  missing ? `call listen on a speaker (skipped: ${missing})` : 'call listen on a speaker',
  () => {
    let card: SoundCard
    let api: ApiServer
    let monitor: MonitorServer
    beforeAll(async () => {
      card = await startSoundCard()
      api = await startApiServer()
      monitor = await startMonitorServer()
    })
    afterAll(() => Promise.all([card.stop(), api.close(), monitor.close()]))

    it('plays both channels of the monitor, to the end', async () => {
      const { controlUrl, listenUrl } = monitor
      let status = 'in-progress'
      api.on('GET /call/c1', () => jsonReply({ id: 'c1', status, monitor: { controlUrl, listenUrl } }))
      monitor.onConnection(socket => {
        socket.send('{"type":"start","sampleRate":8000,"channels":2}')
        socket.send(tone(8000, 1))
        status = 'ended'
        socket.close()
      })
      const recording = await card.recorder()
      const run = await vapi(['call', 'listen', 'c1'], {
        cwd: temporaryFolder(),
        env: { ...card.env, HOME: temporaryFolder(), VAPI_API_KEY: 'key', VAPI_API_BASE_URL: api.url },
      })
      const { samples } = await recording.stop()
      expect(run).toMatchObject({ code: 0, stdout: '' })
      const from = firstLoud(samples, 0.1)
      expect(from).toBeGreaterThanOrEqual(0)
      const heard = samples.subarray(from, from + 14_000)
      expect(firstLoud(heard, 0.1)).toBe(0)
      // 440 Hz crosses zero upwards 440 times a second: the pitch is right, so the rate was.
      const perSecond = (crossings(heard) / heard.length) * 16_000
      expect(perSecond).toBeGreaterThan(430)
      expect(perSecond).toBeLessThan(450)
      expect(samples.length - from).toBeGreaterThanOrEqual(14_000)
      expect(firstLoud(samples.subarray(from + 12_000, from + 15_000), 0.1)).toBeGreaterThanOrEqual(0)
    })
  },
)

/** A tone of 440 Hz, louder left than right, as interleaved 16-bit samples. */
function tone(sampleRate: number, seconds: number): Buffer {
  const samples = Int16Array.from({ length: sampleRate * seconds * 2 }, (_, index) => {
    const loudness = index % 2 === 0 ? 16_000 : 8000
    return Math.round(loudness * Math.sin((2 * Math.PI * 440 * Math.floor(index / 2)) / sampleRate))
  })
  return Buffer.from(samples.buffer)
}

function crossings(samples: Int16Array): number {
  let count = 0
  for (let index = 1; index < samples.length; index++)
    if ((samples[index - 1] ?? 0) < 0 && (samples[index] ?? 0) >= 0) count++
  return count
}
