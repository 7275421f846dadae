import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VapiError } from '../../errors.ts'
import { prepareFolder } from './folder.ts'
import { createMark, MARK } from './leftovers.ts'
import { type Program, startProgram } from './program.ts'
import { findProgram, missingTool, tunnelTools } from './tools.ts'
import type { Environment, Reading, Trouble, TunnelEvent, TunnelId, TunnelTool } from './types.ts'
import { shownWords } from './words.ts'

/** Times in milliseconds. */
export interface TunnelTimes {
  /** For a tool to give an address. */
  startMs: number
  /** The same, after it told of a trouble that it may come over. */
  troubleMs: number
  /** Before a tool that died is started again; doubled with each failure. */
  firstPauseMs: number
  longestPauseMs: number
  /** A tunnel that stood so long makes the failures before it forgotten. */
  steadyMs: number
  /** Between asking a tool to end and ending it. */
  graceMs: number
}

const times: TunnelTimes = {
  startMs: 30_000,
  troubleMs: 8000,
  firstPauseMs: 1000,
  longestPauseMs: 30_000,
  steadyMs: 60_000,
  graceMs: 2000,
}

export interface TunnelOptions {
  tool: TunnelId
  port: number
  /** Where the listener listens; the loopback unless given. Addresses that mean all are reached by the loopback. */
  host?: string
  /** `.vapi/listen` of the working directory: the note that lets the next listener find a tool that was left behind. */
  folder: string
  env: Environment
  /** Ends the wait for the first address, with its reason; from then on `close` alone ends the tunnel. */
  signal: AbortSignal
  /** Hears what happens after the tunnel stood for the first time. */
  tell(event: TunnelEvent): void
  times?: Partial<TunnelTimes>
}

export interface Tunnel {
  /** Where it is reached, without a slash at its end; null while it is down. */
  readonly url: string | null
  /** Ends the tool and what it started. Resolves when it is gone. */
  close(): Promise<void>
}

/**
 * Runs a tunnel's tool and resolves with the first address under which it can be reached. From then on a tool that dies is
 * started again, after growing pauses; `tell` hears of it, also that the address has changed. Rejects where it does not come
 * up: `tunnel-missing`, `tunnel-login`, `tunnel-network`, `tunnel-limit`, `tunnel-refused`, `tunnel-died`, `tunnel-silent`,
 * each with what to do, and the signal's reason; nothing is left running then. Should this process exit without `close`,
 * the tool is ended all the same.
 */
export async function startTunnel(options: TunnelOptions): Promise<Tunnel> {
  const supervisor = new Supervisor(options)
  await supervisor.begin(options.signal)
  return supervisor
}

interface Run {
  /** Undefined where the run gave none. */
  url: string | undefined
  stoodMs: number
  error: VapiError
}

class Supervisor implements Tunnel {
  url: string | null = null
  private last: string | null = null
  private readonly options: TunnelOptions
  private readonly tool: TunnelTool
  private readonly times: TunnelTimes
  private readonly closing = new AbortController()
  private readonly closed: Promise<void>
  private work: Promise<void> = Promise.resolve()

  constructor(options: TunnelOptions) {
    this.options = options
    this.tool = tunnelTools[options.tool]
    this.times = { ...times, ...options.times }
    this.closed = aborted(this.closing.signal)
  }

  /** Resolves when the tunnel stands. */
  async begin(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const abort = () => this.closing.abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await new Promise<void>((resolve, reject) => {
        this.work = this.supervise(resolve, reject)
      })
    } catch (error) {
      await this.work
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', abort)
    }
    if (!signal.aborted) return
    await this.close()
    throw signal.reason
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.work
  }

  private async supervise(stands: () => void, fails: (error: unknown) => void): Promise<void> {
    const { tell } = this.options
    const { firstPauseMs, longestPauseMs, steadyMs } = this.times
    const closing = this.closing.signal
    for (let failures = 0; ; failures++) {
      let run: Run
      try {
        run = await this.run(url => {
          const previous = this.last
          this.url = url
          this.last = url
          if (previous === null) stands()
          else tell({ type: 'url', url, previous })
        })
      } catch (error) {
        run = { url: undefined, stoodMs: 0, error: error as VapiError }
      }
      this.url = null
      if (this.last === null || closing.aborted) return fails(run.error)
      if (run.error.code === 'tunnel-missing' || run.error.code === 'tunnel-login')
        return tell({ type: 'failed', error: run.error })
      if (run.stoodMs >= steadyMs) failures = 0
      const retryMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures)
      tell({ type: 'lost', message: run.error.message, retryMs })
      await pause(retryMs, closing)
      if (closing.aborted) return
    }
  }

  /** One run of the tool, to its end. */
  private async run(stands: (url: string) => void): Promise<Run> {
    const { tool, options } = this
    const { env, folder } = options
    const file = findProgram(tool.program, env)
    if (file === null) throw missingTool(tool, env)
    const args = tool.args({ host: reachable(options.host), port: options.port, folder })
    prepareFolder(folder)
    for (const [name, text] of Object.entries(tool.files)) writeFileSync(join(folder, name), text)
    const watch = new Watch(tool, this.times, stands)
    const mark = createMark(folder)
    const program = startProgram(file, args, { ...tool.environment(env), [MARK]: mark.word }, line =>
      watch.line(line),
    )
    if (program.pid !== undefined) mark.set(tool.id, program.pid)
    const onExit = () => program.kill()
    process.once('exit', onExit)
    try {
      return await this.follow(program, watch)
    } finally {
      process.off('exit', onExit)
      mark.clear()
    }
  }

  private async follow(program: Program, watch: Watch): Promise<Run> {
    const giveUp = Promise.race([watch.enough, this.closed])
    const words = await Promise.race([program.ended, giveUp.then(() => null)])
    // What it started goes with it, also where it died by itself.
    await program.end(this.times.graceMs)
    watch.stop()
    return { url: watch.url, stoodMs: watch.stoodMs(), error: watch.error(words) }
  }
}

/** A trouble that was told so long before the end of a tunnel that stood has to do with it; older ones were overcome. */
const RECENT_MS = 5000

/** Reads what one run says. */
class Watch {
  url: string | undefined
  /** Resolves when the run is of no use any more, though it goes on. */
  readonly enough: Promise<void>
  private give: () => void = () => {}
  private readonly read: (line: string) => Reading | null
  private trouble: Trouble | null = null
  private gone: string | null = null
  private lastLine = ''
  private stoodSince: number | null = null
  private timer: NodeJS.Timeout
  /** The wait was cut because of a trouble. */
  private isLimited = false
  private troubleAt = 0
  private readonly tool: TunnelTool
  private readonly times: TunnelTimes
  private readonly stands: (url: string) => void

  constructor(tool: TunnelTool, times: TunnelTimes, stands: (url: string) => void) {
    this.tool = tool
    this.times = times
    this.stands = stands
    this.read = tool.reader()
    this.enough = new Promise(resolve => {
      this.give = resolve
    })
    this.timer = setTimeout(() => this.give(), times.startMs)
  }

  line(line: string): void {
    const reading = this.read(line)
    if (reading === null) {
      if (!/^\s*$|^\s+at |^\s*\^|^Node\.js v/.test(line)) this.lastLine = line
      return
    }
    switch (reading.type) {
      case 'url':
        clearTimeout(this.timer)
        this.trouble = null
        this.stoodSince ??= performance.now()
        if (reading.url === this.url) return
        this.url = reading.url
        this.stands(reading.url)
        return
      case 'trouble':
        this.take(reading.trouble)
        return
      case 'gone':
        this.gone = reading.reason
        this.give()
    }
  }

  private take(trouble: Trouble): void {
    // The first final one is the cause of those that follow.
    if (this.trouble?.final !== true) this.trouble = trouble
    this.troubleAt = performance.now()
    if (this.url !== undefined) return
    if (trouble.final) this.give()
    else if (!this.isLimited) {
      this.isLimited = true
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.give(), Math.min(this.times.troubleMs, this.times.startMs))
    }
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  stoodMs(): number {
    return this.stoodSince === null ? 0 : performance.now() - this.stoodSince
  }

  /** Why the run is over; `ended` says how the tool ended by itself, null where it was ended. */
  error(ended: string | null): VapiError {
    const { tool, trouble, gone } = this
    const isCause = this.url === undefined || performance.now() - this.troubleAt < RECENT_MS
    if (trouble !== null && isCause) {
      const { code, message, hint } = trouble
      return new VapiError({ code, message, hint, retryable: !trouble.final })
    }
    const by = `${tool.program} by hand shows more`
    if (gone !== null) return new VapiError({ code: 'tunnel-gone', message: gone, retryable: true })
    if (ended === null)
      return new VapiError({
        code: 'tunnel-silent',
        message: `${tool.id} gave no address within ${Math.round(this.times.startMs / 1000)} s`,
        retryable: true,
        hint: `try again; ${by}`,
      })
    const last = shownWords(this.lastLine)
    return new VapiError({
      code: 'tunnel-died',
      message: `${tool.id} went away: ${ended}${last === '' ? '' : `; its last words: ${last}`}`,
      retryable: true,
      hint: `${by}: is it the right program, and of a present version?`,
    })
  }
}

/** An address at which a listener on this machine is reached. */
function reachable(host = '127.0.0.1'): string {
  if (host === '' || host === '0.0.0.0' || host === 'localhost') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}
