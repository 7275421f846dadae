import { createWriteStream } from 'node:fs'
import type { CallMembers } from '../../assistant/call-members.ts'
import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { Background } from '../../audio/background/office.ts'
import type { EchoDecision } from '../../audio/devices/echo.ts'
import type { OutputDevice } from '../../audio/devices/output-device.ts'
import { levelDb } from '../../audio/level.ts'
import { type AssistantSound, createAssistantSound } from '../../audio/plane/assistant-sound.ts'
import { createEchoGuard } from '../../audio/plane/echo-guard.ts'
import { createEchoLikeness, type EchoLikeness } from '../../audio/plane/echo-likeness.ts'
import { createPlayback } from '../../audio/plane/playback.ts'
import { CallRecorder } from '../../audio/wav/recorder.ts'
import { WavWriter } from '../../audio/wav/writer.ts'
import type { Observation } from '../../engine/observations.ts'
import type { AssistantPlan, AssistantRequestPlan } from '../../engine/plan.ts'
import { type AudioFrame, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { createVirtualOutput } from '../../engine/ports/audio-output.virtual.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { ToolRunner } from '../../engine/ports/tool-runner.ts'
import type { VoiceAudio } from '../../engine/ports/voice.ts'
import { messageOf, VapiError } from '../../errors.ts'
import { joinSinks } from '../../messages/client-sink.ts'
import { createAssistants } from '../assistants.ts'
import { type MonitorUrls, openControlPort } from '../control/port.ts'
import { createMeter as createUsageMeter } from '../costs/meter.ts'
import { Messenger } from '../messenger.ts'
import type { Customer } from '../ports.ts'
import type { CallParts, CallRecord } from '../record.ts'
import { type CallResult, CallRuntime } from '../runtime.ts'
import type { CallFiles } from './folder.ts'
import type { LiveMember } from './members.ts'
import type { LiveOutcome } from './outcome.ts'
import type { RealtimeCall } from './parts/realtime.ts'
import { type SaveRequest, saveLiveCall } from './save.ts'
import type { TurnParts } from './turns.ts'
import { windUp } from './wind-up.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000

/** Everything that a live call needs, chosen and ready to be opened. */
export interface LiveCall {
  id: string
  seed: number
  epochMs: number
  /** The first one opens the call. */
  members: readonly LiveMember[]
  /** The same, and how they change while the call runs. */
  assistants: CallMembers
  /** What an assistant thinks and speaks with that joins the call later. Throws VapiError. */
  partsOf: (compiled: CompiledAssistant) => Omit<LiveMember, 'compiled'>
  /** Who says when a turn of the customer is over. */
  turns: TurnParts
  /** Ends what tools keep open. */
  closeTools: () => void
  /** The sessions of assistants that listen and speak in one. */
  realtime: RealtimeCall
  /** What came of asking a server who takes the call; null where nobody was asked. */
  request: AssistantRequestPlan | null
  /** Sound files that are played in place of words, by their addresses. */
  sounds: ReadonlyMap<string, VoiceAudio>
  clock: Clock
  tools: ToolRunner
  customer: (taps: CustomerTaps) => Customer
  /** What keeps the assistant from hearing itself; null without a microphone beside a speaker. */
  echo: EchoDecision | null
  /** The microphone counts only while a key says so. */
  pushToTalk: boolean
  /** What is heard under the assistant's speech, or null. */
  background: Background | null
  /** Opens the control port, at this port or (0) at any; null: there is none. */
  control: { port: number } | null
  /** Where the assistant is heard; null for a call without sound. */
  device: OutputDevice | null
  /** A file that gets the assistant's sound alone, or null. */
  assistantFile: string | null
  files: CallFiles
  /** Keeps the call for replay, or null. */
  save: SaveRequest | null
  /** What is made of it while it runs and after its end. */
  outcome: LiveOutcome
  parts: CallParts
  warnings: string[]
}

/** What the customer is made with. */
export interface CustomerTaps {
  /** Takes the customer's sound for the recording. */
  tap: (frame: AudioFrame) => void
  /** What of a frame counts: silence while the microphone rests. */
  guard: (frame: AudioFrame) => AudioFrame
  /** Takes what counts. */
  counted: (frame: AudioFrame) => void
  assistantDuring: AssistantSound['during']
  /** Where the microphone may hear the assistant. */
  likeness: EchoLikeness | null
}

/** What the person at this machine can do but speak. */
export interface CallControls {
  /** Stops the assistant. */
  interrupt(): void
  mute(muted: boolean): void
  /** Push to talk: the microphone counts, or rests. */
  talk(on: boolean): void
  hangUp(): void
}

export interface LiveListener {
  /** The call runs and can be steered. */
  controls?(controls: CallControls): void
  observation(observation: Observation): void
  /** The call can be steered and heard there. */
  monitor?(urls: Partial<MonitorUrls>): void
  /** Level of the customer's sound, about ten times a second, in dBFS. */
  level?(db: number): void
}

export interface LiveResult {
  result: CallResult
  record: CallRecord
  /** Files that were written, by what they are. */
  written: Partial<Record<'recording' | 'artifact' | 'report' | 'events' | 'saved', string>>
}

/**
 * Runs a call on the wall clock. However it ends, also by `signal`, the recording, the artifact, the events and the
 * report are whole. Throws VapiError where a part cannot be opened; files of what happened until then remain.
 */
export async function runLiveCall(
  call: LiveCall,
  listener: LiveListener,
  signal: AbortSignal,
): Promise<LiveResult> {
  const { clock, files, device, outcome } = call
  const [opening, ...others] = call.members.map(({ compiled }) => compiled.plan)
  if (opening === undefined) throw new Error('a call has at least one assistant')
  const first = { ...opening, warnings: [...call.warnings, ...opening.warnings] }
  const saved = call.save === null ? null : saveLiveCall(call.save, call)
  const records = device !== null && outcome.recording
  const recorder = records ? await CallRecorder.create(files.recording) : null
  const assistantFile =
    call.assistantFile === null
      ? null
      : await WavWriter.create(call.assistantFile, { sampleRate: SAMPLE_RATE, channels: 1 })
  const events = createWriteStream(files.events)
  const disk = watchDisk(events)
  const observations: Observation[] = []
  const meter = createMeter(listener)
  const assistantSound = createAssistantSound()
  let outputOpenedMs: number | null = null
  const usage = createUsageMeter()
  const guard =
    call.echo?.mode === 'half-duplex' ? createEchoGuard(() => clock.now(), call.echo.tailMs) : null
  const likeness = call.echo === null ? null : createEchoLikeness(() => clock.now())
  const talking = createTalkKey(call.pushToTalk)
  const observe = (observation: Observation): void => {
    observations.push(observation)
    events.write(`${JSON.stringify(observation)}\n`)
    listener.observation(observation)
  }
  /** The call is over: what servers answer is told beside the engine. */
  let over = false
  const port = call.control === null ? null : await openControlPort(call.control.port)
  const urls = port === null ? null : allowedUrls(port.urls, [first, ...others])
  if (urls !== null) listener.monitor?.(urls)
  const sink = outcome.openSink({
    delivered: (messageType, status) => {
      if (over) observe({ type: 'message.sent', messageType, status, atMs: clock.now() })
      else runtime.delivered(messageType, status)
    },
    warn: message => {
      if (over) observe({ type: 'warning', message, atMs: clock.now() })
      else runtime.warn(message)
    },
  })
  const messenger = new Messenger(
    { ...outcome.identity, ...(urls !== null && { monitor: { ...urls } }) },
    outcome.configurations,
    port === null ? sink : joinSinks([sink, port.messages]),
  )
  outcome.current.envelope = () => messenger.currentEnvelope()

  const made = createAssistants(
    call.assistants,
    (compiled, place) => ({
      ...call.turns.of(compiled),
      ...(call.members[place] ?? call.partsOf(compiled)),
    }),
    ports => usage.measure(ports),
  )
  const runtime = new CallRuntime(
    { members: [first, ...others], ...(call.request !== null && { request: call.request }) },
    {
      clock,
      customer: call.customer({
        tap: captured => {
          const frame = talking.apply(captured)
          const atSample = Math.round(frame.audioMs * SAMPLES_PER_MS)
          disk.attempt(() => recorder?.customer(frame.samples, atSample))
          port?.sound('customer', frame.samples, atSample)
          meter(frame)
        },
        guard: frame => {
          const spoken = talking.apply(frame)
          return guard?.apply(spoken) ?? spoken
        },
        // A replay hears what the call has heard.
        counted: frame => saved?.sound(frame),
        assistantDuring: assistantSound.during,
        likeness,
      }),
      output: call.realtime.follow(
        device === null
          ? createVirtualOutput(clock)
          : createPlayback(
              device,
              (samples, atSample) => {
                outputOpenedMs ??= Math.max(0, clock.now() - Math.round(samples.length / SAMPLES_PER_MS))
                const inCall = atSample + outputOpenedMs * SAMPLES_PER_MS
                assistantSound.played(samples, inCall)
                likeness?.assistant(samples, inCall / SAMPLES_PER_MS)
                disk.attempt(() => recorder?.assistant(samples, inCall))
                port?.sound('assistant', samples, inCall)
                disk.attempt(() => assistantFile?.write(samples))
              },
              call.background,
              guard,
            ),
      ),
      tools: call.tools,
      sounds: call.sounds,
      members: made.members,
      assistants: saved?.follow(made.assistants) ?? made.assistants,
    },
    {
      observation: observe,
      input: input => saved?.listener.input(input),
      decided: (commands, plan) => saved?.listener.decided(commands, plan),
      stepped: (input, step, state, plan) => messenger.stepped(input, step, state, plan),
    },
  )
  listener.controls?.({
    interrupt: () => runtime.interrupt(),
    mute: muted => runtime.control({ type: 'control', control: muted ? 'mute-customer' : 'unmute-customer' }),
    talk: talking.set,
    hangUp: () => runtime.hangUp('customer-ended-call'),
  })
  call.realtime.tellWarnings(message => runtime.warn(message))
  port?.connect(() => ({ ...runtime.standing(), control: message => runtime.control(message) }))
  const hangUp = () => runtime.hangUp('customer-ended-call')
  signal.addEventListener('abort', hangUp)
  try {
    const running = runtime.run({
      seed: call.seed,
      epochMs: call.epochMs,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    })
    if (signal.aborted) hangUp()
    const result = await running.finally(() => disk.attempt(() => saved?.finish()))
    over = true
    port?.ended(result.endedReason)
    await closeSound(recorder, assistantFile)
    const recording = recorder === null ? null : files.recording
    const ending = { call, result, observations, observe, usage: usage.usage(), messenger, recording }
    const record = await windUp(ending, laterThan(signal))
    await closeEvents(events)
    const { artifact, report, events: log } = files
    const written = {
      ...(recording !== null && { recording }),
      ...(saved !== null && { saved: saved.path }),
      artifact,
      report,
      events: log,
    }
    return { result, record, written }
  } catch (error) {
    over = true
    await closeSound(recorder, assistantFile)
    await closeEvents(events)
    throw error
  } finally {
    call.closeTools()
    call.realtime.close()
    call.turns.close()
    signal.removeEventListener('abort', hangUp)
    await port?.close()
    disk.throwIfFailed()
  }
}

/** The addresses that some assistant of the call lets others use. */
function allowedUrls(
  { controlUrl, listenUrl }: MonitorUrls,
  plans: readonly AssistantPlan[],
): Partial<MonitorUrls> {
  return {
    ...(plans.some(({ monitor }) => monitor.controlEnabled) && { controlUrl }),
    ...(plans.some(({ monitor }) => monitor.listenEnabled) && { listenUrl }),
  }
}

/** A signal of what comes after now: what ended the call does not skip its analysis. */
function laterThan(signal: AbortSignal): AbortSignal {
  return signal.aborted ? new AbortController().signal : signal
}

async function closeSound(recorder: CallRecorder | null, assistantFile: WavWriter | null): Promise<void> {
  await recorder?.close()
  await assistantFile?.close()
}

function closeEvents(events: ReturnType<typeof createWriteStream>): Promise<void> {
  return new Promise(resolve => events.end(() => resolve()))
}

/** Push to talk: frames are silent, in the recording too, unless the key is on. Without it all of them count. */
function createTalkKey(pushToTalk: boolean) {
  let isOn = !pushToTalk
  return {
    set: (on: boolean) => {
      isOn = on || !pushToTalk
    },
    apply: (frame: AudioFrame): AudioFrame =>
      isOn ? frame : { ...frame, samples: new Int16Array(frame.samples.length) },
  }
}

/** Tells the customer's level about ten times a second. */
function createMeter(listener: LiveListener): (frame: AudioFrame) => void {
  let frames = 0
  let loudest = Number.NEGATIVE_INFINITY
  return frame => {
    loudest = Math.max(loudest, levelDb(frame.samples))
    if (++frames % 5 !== 0) return
    listener.level?.(loudest)
    loudest = Number.NEGATIVE_INFINITY
  }
}

/** A full disk must not end the conversation; it is told when the call is over. */
function watchDisk(events: ReturnType<typeof createWriteStream>) {
  let failure: unknown = null
  events.on('error', error => {
    failure ??= error
  })
  return {
    attempt: (work: () => void) => {
      try {
        work()
      } catch (error) {
        failure ??= error
      }
    },
    throwIfFailed: () => {
      if (failure === null) return
      if (failure instanceof VapiError) throw failure
      throw new VapiError({
        code: 'file-not-written',
        message: `the call's files cannot be written: ${messageOf(failure)}`,
      })
    },
  }
}
