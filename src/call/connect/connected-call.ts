import { levelDb } from '../../audio/level.ts'
import type { Cancel } from '../../engine/ports/clock.ts'
import type { VapiError } from '../../errors.ts'
import type { Socket, SocketEnd, SocketRequest } from '../../net/web-socket.ts'
import type { CallControls } from '../live/live-call.ts'
import { LONGEST_WAITING_MS, type SoundFigures } from './incoming.ts'
import { createOutgoing } from './outgoing.ts'
import { createPauses } from './pauses.ts'
import type { SoundEnds } from './sound-ends.ts'
import { endOf, HANG_UP, isActivity, parseMessage, type WireMessage } from './wire-messages.ts'
import { createWireDecoder, createWireEncoder, type WireFormat } from './wire-sound.ts'

/** What the network has not taken after so long is left out. */
const LONGEST_BACKLOG_MS = 2000
/** How long a peer has to close: after it was asked to end the call, and after it said that the call is over. */
const GOODBYE_MS = 2000
const CLOSE_MS = 3000
/** A call without a sound for so long is told. */
const NO_SOUND_MS = 10_000
/** Sound over this counts as the assistant's speech. */
const SPEECH_DB = -50
const LOOK_MS = 100
/** The level is told so often, in frames. */
const LEVEL_FRAMES = 5
/** The assistant's last words are played for so long after the connection is gone. */
const LAST_WORDS_MS = 5000

export interface ConnectedCallListener {
  /** The connection is open and sound goes both ways. */
  connected(controls: CallControls): void
  /** A message of the peer, as it came. */
  message(message: WireMessage, atMs: number): void
  warning(message: string): void
  /** Level of the customer's sound, about ten times a second, in dBFS. */
  level?(db: number): void
}

export interface Connection {
  url: string
  headers: Readonly<Record<string, string>>
  format: WireFormat
  openSocket(request: SocketRequest): Promise<Socket>
  /** After the customer's sound is over the call ends when the assistant has been silent for so long. */
  lingerMs: number
  maximumDurationMs: number | null
  /** The microphone counts only while a key says so. */
  pushToTalk: boolean
  /** Sends what the customer types; resolves when there is no more. Null where he speaks. */
  type: ((pause: TypingPause) => Promise<void>) | null
  listener: ConnectedCallListener
}

/** What one who types knows of the call. */
export interface TypingPause {
  /** Resolves when the assistant has answered and finished, or the call is over. */
  untilFinished(): Promise<void>
  /** Aborts when the call is over. */
  signal: AbortSignal
}

/** How the connection ended. */
export interface ConnectionResult {
  end: SocketEnd
  /** We asked for the end. */
  hungUp: boolean
  /** As the peer told it; null where it told none. */
  endedReason: string | null
  durationMs: number
  sound: SoundFigures
}

/**
 * Connects and speaks until the peer closes; `signal` hangs up. Throws VapiError: those of `openSocket`, of a device that
 * died, of a file that cannot be written; or the signal's reason where it was not connected yet.
 */
export async function runConnectedCall(
  ends: SoundEnds,
  connection: Connection,
  signal: AbortSignal,
): Promise<ConnectionResult> {
  const { clock, incoming } = ends
  const { format, listener, lingerMs } = connection
  const [encoder, decoder] = await Promise.all([createWireEncoder(format), createWireDecoder(format)])
  const bytesAMs = (format.sampleRate * (format.format === 'mulaw' ? 1 : 2)) / 1000
  const over = new AbortController()
  const timers: Cancel[] = []
  const told = new Set<string>()
  const pauses = createPauses(clock)
  let socket: Socket | null = null
  let failure: VapiError | null = null
  let endedReason: string | null = null
  let hungUp = false

  const after = (ms: number, action: () => void) => void timers.push(clock.at(clock.now() + ms, action))
  const warnOnce = (what: string, message: string) => {
    if (!told.has(what)) listener.warning(message)
    told.add(what)
  }
  const meter = createMeter(listener)
  const outgoing = createOutgoing(clock, (samples, captured) => {
    ends.sent(captured)
    meter(captured)
    for (const message of encoder.encode(samples)) {
      if (socket !== null && socket.waitingBytes < LONGEST_BACKLOG_MS * bytesAMs) socket.send(message)
      else warnOnce('backlog', 'the network does not take the sound: some of it is left out')
    }
  })

  const listening = { muted: false, talking: !connection.pushToTalk }
  function listen(change: Partial<typeof listening>): void {
    Object.assign(listening, change)
    outgoing.mute(listening.muted || !listening.talking || hungUp)
  }

  function hear(bytes: Uint8Array): void {
    const samples = decoder.decode(bytes.subarray(0, LONGEST_WAITING_MS * bytesAMs))
    const before = incoming.waitingMs()
    incoming.take(samples)
    if (before + bytes.length / bytesAMs > LONGEST_WAITING_MS)
      warnOnce('too-much', 'more sound came than can wait to be played: some of it is left out')
    if (levelDb(samples) > SPEECH_DB) pauses.heard(incoming.waitingMs())
  }

  function read(text: string): void {
    const message = parseMessage(text)
    if (message === null) {
      const shown = text.length > 80 ? `${text.slice(0, 80)} …` : text
      warnOnce('unreadable', `a message of the call is no JSON object and is passed over: ${shown}`)
      return
    }
    if (message.type === 'user-interrupted') incoming.interrupt()
    if (isActivity(message)) pauses.heard()
    const reason = endOf(message)
    if (reason !== undefined) {
      endedReason = reason ?? endedReason
      after(CLOSE_MS, () => socket?.close())
    }
    listener.message(message, clock.now())
  }

  function hangUp(): void {
    if (hungUp || socket === null) return
    hungUp = true
    listen({})
    socket.send(HANG_UP)
    after(GOODBYE_MS, () => socket?.close())
  }

  function fail(error: VapiError): void {
    failure ??= error
    hangUp()
  }

  /** After the customer's last word. */
  async function goOnInSilence(): Promise<void> {
    pauses.heard()
    while (!over.signal.aborted && pauses.quietMs() < lingerMs) await clock.sleep(LOOK_MS, over.signal)
    hangUp()
  }

  const opening = new AbortController()
  const abort = () => (socket === null ? opening.abort(signal.reason) : hangUp())
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    const ended = withResolve<SocketEnd>()
    const { url, headers } = connection
    // What comes together with the handshake is taken when the call has begun here too.
    let early: (() => void)[] | null = []
    const inTime = <Data>(take: (data: Data) => void) => {
      return (data: Data) => (early === null ? take(data) : void early.push(() => take(data)))
    }
    socket = await connection.openSocket({
      url,
      headers,
      signal: opening.signal,
      listener: { text: inTime(read), binary: inTime(hear), closed: ended.resolve },
    })
    await ends.attach({
      frame: outgoing.take,
      ended: () => void goOnInSilence(),
      failed: fail,
      warning: listener.warning,
    })
    outgoing.start()
    listen({})
    listener.connected({
      interrupt: () => incoming.hush(),
      mute: on => listen({ muted: on }),
      talk: on => listen({ talking: on }),
      hangUp,
    })
    for (const take of early) take()
    early = null
    after(NO_SOUND_MS, () => {
      if (incoming.figures().receivedMs > 0) return
      listener.warning(`no sound has come in the ${NO_SOUND_MS / 1000} s since the call was connected`)
    })
    if (connection.maximumDurationMs !== null) after(connection.maximumDurationMs, hangUp)
    connection
      .type?.({
        untilFinished: () => pauses.untilFinished(lingerMs, over.signal),
        signal: over.signal,
      })
      .then(goOnInSilence, fail)
    if (signal.aborted) hangUp()
    const end = await ended.promise
    const durationMs = clock.now()
    over.abort()
    // What came before the end is heard, unless we left.
    const leftMs = Math.min(LAST_WORDS_MS, incoming.waitingMs() + ends.aheadMs)
    if (!hungUp && failure === null) await clock.sleep(leftMs, signal)
    if (failure !== null) throw failure
    return { end, hungUp, endedReason, durationMs, sound: incoming.figures() }
  } finally {
    over.abort()
    signal.removeEventListener('abort', abort)
    outgoing.stop()
    for (const cancel of timers) cancel()
    socket?.close()
    encoder.close()
    decoder.close()
  }
}

/** Tells the customer's level about ten times a second. */
function createMeter(listener: ConnectedCallListener): (samples: Int16Array) => void {
  let frames = 0
  let loudest = Number.NEGATIVE_INFINITY
  return samples => {
    loudest = Math.max(loudest, levelDb(samples))
    if (++frames % LEVEL_FRAMES !== 0) return
    listener.level?.(loudest)
    loudest = Number.NEGATIVE_INFINITY
  }
}

function withResolve<Value>() {
  let resolve = (_value: Value) => {}
  const promise = new Promise<Value>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}
