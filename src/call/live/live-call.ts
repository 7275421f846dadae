import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { OutputDevice } from '../../audio/devices/output-device.ts'
import { levelDb } from '../../audio/level.ts'
import { createPlayback } from '../../audio/plane/playback.ts'
import { CallRecorder } from '../../audio/wav/recorder.ts'
import { WavWriter } from '../../audio/wav/writer.ts'
import type { Observation } from '../../engine/observations.ts'
import { type AudioFrame, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { createVirtualOutput } from '../../engine/ports/audio-output.virtual.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { LanguageModel } from '../../engine/ports/language-model.ts'
import type { ToolRunner } from '../../engine/ports/tool-runner.ts'
import type { Voice } from '../../engine/ports/voice.ts'
import { messageOf, VapiError } from '../../errors.ts'
import type { Customer } from '../ports.ts'
import { type CallParts, type CallRecord, RECORD_FORMAT } from '../record.ts'
import { renderReport } from '../report/report.ts'
import { type CallResult, CallRuntime } from '../runtime.ts'
import { createTextWork } from '../text-work.ts'
import type { CallFiles } from './folder.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000

/** Everything that a live call needs, chosen and ready to be opened. */
export interface LiveCall {
  id: string
  seed: number
  epochMs: number
  compiled: CompiledAssistant
  clock: Clock
  model: LanguageModel
  voices: Voice[]
  tools: ToolRunner
  /** Makes the customer; `tap` takes the customer's sound for the recording. */
  customer: (tap: (frame: AudioFrame) => void) => Customer
  /** Where the assistant is heard; null for a call without sound. */
  device: OutputDevice | null
  /** A file that gets the assistant's sound alone, or null. */
  assistantFile: string | null
  files: CallFiles
  parts: CallParts
  warnings: string[]
}

export interface LiveListener {
  observation(observation: Observation): void
  /** Level of the customer's sound, about ten times a second, in dBFS. */
  level?(db: number): void
}

export interface LiveResult {
  result: CallResult
  record: CallRecord
  /** Files that were written, by what they are. */
  written: Partial<Record<'recording' | 'artifact' | 'report' | 'events', string>>
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
  const { compiled, clock, files, device } = call
  const plan = { ...compiled.plan, warnings: [...call.warnings, ...compiled.plan.warnings] }
  const recorder = device === null ? null : await CallRecorder.create(files.recording)
  const assistantFile =
    call.assistantFile === null
      ? null
      : await WavWriter.create(call.assistantFile, { sampleRate: SAMPLE_RATE, channels: 1 })
  const events = createWriteStream(files.events)
  const disk = watchDisk(events)
  const observations: Observation[] = []
  const meter = createMeter(listener)
  let outputOpenedMs: number | null = null

  const runtime = new CallRuntime(
    { members: [plan] },
    {
      clock,
      customer: call.customer(frame => {
        disk.attempt(() => recorder?.customer(frame.samples, Math.round(frame.audioMs * SAMPLES_PER_MS)))
        meter(frame)
      }),
      output:
        device === null
          ? createVirtualOutput(clock)
          : createPlayback(device, (samples, atSample) => {
              outputOpenedMs ??= Math.max(0, clock.now() - Math.round(samples.length / SAMPLES_PER_MS))
              disk.attempt(() =>
                recorder?.assistant(samples, atSample + (outputOpenedMs ?? 0) * SAMPLES_PER_MS),
              )
              disk.attempt(() => assistantFile?.write(samples))
            }),
      tools: call.tools,
      members: [
        {
          model: call.model,
          voices: call.voices,
          voiceSettings: compiled.voiceSettings,
          toolOf: tool => {
            const found = plan.tools[tool]
            return {
              definition: found?.definition ?? {},
              server: found?.type === 'function' ? found.server : null,
            }
          },
          endOfTurn: null,
          text: createTextWork(compiled.rulePatterns, compiled.format),
        },
      ],
    },
    {
      observation: observation => {
        observations.push(observation)
        events.write(`${JSON.stringify(observation)}\n`)
        listener.observation(observation)
      },
    },
  )
  const hangUp = () => runtime.hangUp('customer-ended-call')
  signal.addEventListener('abort', hangUp)
  try {
    const running = runtime.run({
      seed: call.seed,
      epochMs: call.epochMs,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    })
    if (signal.aborted) hangUp()
    const result = await running
    return await store(call, result, observations, recorder === null ? null : files.recording, () =>
      closeFiles(recorder, assistantFile, events),
    )
  } catch (error) {
    await closeFiles(recorder, assistantFile, events)
    throw error
  } finally {
    signal.removeEventListener('abort', hangUp)
    disk.throwIfFailed()
  }
}

async function closeFiles(
  recorder: CallRecorder | null,
  assistantFile: WavWriter | null,
  events: ReturnType<typeof createWriteStream>,
): Promise<void> {
  await recorder?.close()
  await assistantFile?.close()
  await new Promise<void>(resolve => events.end(() => resolve()))
}

async function store(
  call: LiveCall,
  result: CallResult,
  observations: readonly Observation[],
  recording: string | null,
  closeStreams: () => Promise<void>,
): Promise<LiveResult> {
  const { files } = call
  const { ended } = result
  await closeStreams()
  const record: CallRecord = {
    format: RECORD_FORMAT,
    id: call.id,
    type: 'localCall',
    status: 'ended',
    startedAt: new Date(call.epochMs).toISOString(),
    endedAt: new Date(call.epochMs + ended.atMs).toISOString(),
    endedReason: ended.endedReason,
    ...(ended.endedMessage !== undefined && { endedMessage: ended.endedMessage }),
    assistant: { name: call.compiled.plan.assistantName },
    parts: call.parts,
    artifact: {
      ...ended.artifact,
      ...(recording !== null && { recording: { stereoUrl: pathToFileURL(recording).href } }),
    },
  }
  const reportedRecording = recording === null ? null : relativeUrl(dirname(files.report), recording)
  try {
    await writeFile(files.artifact, `${JSON.stringify(record, null, 2)}\n`)
    await writeFile(files.report, renderReport({ record, observations, recording: reportedRecording }))
  } catch (error) {
    throw new VapiError({
      code: 'file-not-written',
      message: `the call's files cannot be written: ${messageOf(error)}`,
    })
  }
  const { artifact, report, events } = files
  return { result, record, written: { ...(recording !== null && { recording }), artifact, report, events } }
}

/** The way from a folder to a file, as a page in the folder names it. */
function relativeUrl(folder: string, file: string): string {
  const path = relative(folder, file)
  if (isAbsolute(path)) return pathToFileURL(file).href
  return path.split(sep).map(encodeURIComponent).join('/')
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
