import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageFile } from '../../src/package-root.ts'

/** What `scripts/sound-card.sh` and this file need; for `requires(...)`. */
export const soundCardPrograms = ['pulseaudio', 'pactl', 'parec', 'pacat', 'paplay'] as const

const FORMAT = ['--raw', '--rate=16000', '--channels=1', '--format=s16le']

/** Sound that was recorded, 16 kHz mono. */
export interface Recording {
  samples: Int16Array
  /** When a sample arrived, in milliseconds of `performance.now()`. */
  arrivedAt(index: number): number
}

/** A virtual sound card of its own, so that test files run in parallel. */
export interface SoundCard {
  /** The environment of every program that is to use the card. */
  env: NodeJS.ProcessEnv
  /** The process of the sound server. */
  serverPid: number
  /** Plays a WAV file into the microphone; resolves when it is over. */
  speak(wavPath: string): Promise<void>
  /** Plays 16 kHz mono samples into the microphone; resolves when they are over. */
  speakSamples(samples: Int16Array): Promise<void>
  /** Records what the default speaker plays, for some seconds or until something has happened. */
  record(until: number | Promise<unknown>): Promise<Int16Array>
  /** The same with start and stop: resolves when it records. `source`: another one than the speaker's monitor. */
  recorder(source?: string): Promise<{ stop(): Promise<Recording> }>
  stop(): Promise<void>
}

/** Starts a card; takes about 0.2 s. Call `stop` in the end. */
export async function startSoundCard(): Promise<SoundCard> {
  const script = packageFile('scripts', 'sound-card.sh')
  const folder = mkdtempSync(join(tmpdir(), 'vapi-sound-'))
  const stopped = () => execFileSync(script, ['stop', folder])
  execFileSync(script, ['start', folder])
  process.once('exit', stopped)
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, PULSE_SERVER: `unix:${folder}/pulse/native` }
  const children = new Set<ChildProcess>()
  const start = (command: string, ...args: string[]) => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    children.add(child)
    child.on('close', () => children.delete(child))
    return child
  }
  const played = async (child: ChildProcess) => {
    const [code] = await once(child, 'close')
    if (code !== 0 && code !== null) throw new Error(`the player ended with code ${code}`)
  }

  async function recorder(source = 'vspk.monitor') {
    const child = start('parec', `--device=${source}`, ...FORMAT, '--latency-msec=10')
    const pieces: { data: Buffer; atMs: number }[] = []
    child.stdout.on('data', (data: Buffer) => pieces.push({ data, atMs: performance.now() }))
    await once(child.stdout, 'data')
    return {
      async stop(): Promise<Recording> {
        child.kill()
        await once(child, 'close')
        const bytes = Buffer.concat(pieces.map(piece => piece.data))
        const samples = new Int16Array(bytes.length >> 1)
        Buffer.from(samples.buffer).set(bytes.subarray(0, samples.byteLength))
        return { samples, arrivedAt: index => arrival(pieces, index * 2) }
      },
    }
  }

  return {
    env,
    serverPid: Number(execFileSync('cat', [join(folder, 'pulse', 'pid')], { encoding: 'utf8' })),
    speak: wavPath => played(start('paplay', '--device=vmicsink', wavPath)),
    async speakSamples(samples) {
      const child = start('pacat', '--playback', '--device=vmicsink', ...FORMAT)
      child.stdin.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength))
      await played(child)
    },
    async record(until) {
      const recording = await recorder()
      await (typeof until === 'number' ? new Promise(resolve => setTimeout(resolve, until * 1000)) : until)
      return (await recording.stop()).samples
    },
    recorder,
    async stop() {
      for (const child of children) child.kill('SIGKILL')
      process.off('exit', stopped)
      stopped()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A piece's last sample had just been recorded when the piece arrived. */
function arrival(pieces: { data: Buffer; atMs: number }[], byte: number): number {
  let end = 0
  for (const { data, atMs } of pieces) {
    end += data.length
    if (byte < end) return atMs - (end - byte) / 32
  }
  return Number.NaN
}
