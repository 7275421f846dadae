import { resolve } from 'node:path'
import { echoChoices, echoLine } from '../audio/devices/echo.ts'
import type { LiveCall, LiveResult } from '../call/live/live-call.ts'
import { runLiveCall } from '../call/live/live-call.ts'
import { type CallRequest, type OutputChoice, prepareCall } from '../call/live/prepare.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import type { Failure } from '../engine/inputs.ts'
import type { Observation } from '../engine/observations.ts'
import { Exit, type ExitCode, usageError, VapiError } from '../errors.ts'
import type { LineSource } from '../output/line-editor.ts'
import { createFliteEngine } from '../providers/embedded/flite-engine.ts'
import { keptKeysOf } from './call-kept-keys.ts'
import { keyLine, openCallKeys } from './call-keys.ts'
import { CallView } from './call-view.ts'

/** Options of every command that runs a call on this machine. */
export const soundOptions = {
  out: {
    type: 'string',
    placeholder: 'speaker|FILE.wav|none',
    summary: 'where the assistant is heard (default: speaker with a microphone, else none)',
  },
  microphone: {
    type: 'string',
    placeholder: 'NAME',
    summary: 'microphone by part of its name (vapi call devices)',
  },
  speaker: { type: 'string', placeholder: 'NAME', summary: 'speaker by part of its name' },
  headphones: {
    type: 'boolean',
    summary: 'you wear headphones: settings that do harm with them are warned about',
  },
  echo: {
    type: 'string',
    placeholder: 'MODE',
    choices: echoChoices,
    default: 'auto',
    summary:
      'the assistant in the microphone: half-duplex rests the microphone (for recognition, not for the recording) while the assistant speaks, none never does, auto is none only with headphones or an echo canceller',
  },
  'push-to-talk': {
    type: 'boolean',
    summary:
      'the microphone counts only between two presses of the space bar (terminals do not tell when a key comes up); the first one also stops the assistant',
  },
  denoiser: {
    type: 'string',
    placeholder: 'NAME',
    choices: ['gtcrn', 'rnnoise'],
    default: 'gtcrn',
    summary: 'what runs where smart denoising is on: gtcrn (better) or rnnoise (a fifth of its work)',
  },
  record: {
    type: 'string',
    placeholder: 'FILE.wav',
    summary: 'stereo recording: customer left, assistant right',
  },
  report: { type: 'string', placeholder: 'FILE.html', summary: 'report of the call' },
  events: { type: 'string', placeholder: 'FILE', summary: 'events of the call as JSON lines' },
  save: {
    type: 'string',
    placeholder: 'FILE.vapicall',
    summary: 'keep all that the call was made of, for vapi call replay',
  },
  'max-duration': {
    type: 'number',
    placeholder: 'SECONDS',
    minimum: 1,
    summary: 'end the call after so long',
  },
} as const satisfies Record<string, OptionDefinition>

/** The sound options as given. */
export interface SoundChoices {
  out: string | undefined
  microphone: string | undefined
  speaker: string | undefined
  headphones: boolean
  echo?: string
  'push-to-talk'?: boolean
  denoiser: string
  record: string | undefined
  report: string | undefined
  events: string | undefined
  save: string | undefined
  'max-duration': number | undefined
}

/** What the sound options say of a call. `withMicrophone`: the customer speaks into one. */
export function soundRequest(
  sound: SoundChoices,
  withMicrophone: boolean,
): Pick<
  CallRequest,
  'output' | 'headphones' | 'echo' | 'pushToTalk' | 'denoiser' | 'files' | 'save' | 'maximumDurationMs'
> {
  const seconds = sound['max-duration']
  const pushToTalk = sound['push-to-talk'] ?? false
  if (pushToTalk && !withMicrophone) throw usageError('--push-to-talk needs --in mic')
  return {
    output: outputChoice(sound, withMicrophone),
    headphones: sound.headphones,
    echo: echoChoices.find(choice => choice === sound.echo) ?? 'auto',
    pushToTalk,
    denoiser: sound.denoiser === 'rnnoise' ? 'rnnoise' : 'gtcrn',
    files: {
      ...(sound.record !== undefined && { recording: sound.record }),
      ...(sound.report !== undefined && { report: sound.report }),
      ...(sound.events !== undefined && { events: sound.events }),
    },
    save: sound.save ?? null,
    maximumDurationMs: seconds === undefined ? null : Math.round(seconds * 1000),
  }
}

/** Refuses files that would be written twice, or over something that is read. `read` are the command's input files. */
export function requireDistinctFiles(
  sound: SoundChoices,
  read: readonly string[],
  { workingDirectory }: Context,
): void {
  const taken = new Map(read.map(path => [resolve(workingDirectory, path), 'is read by this call']))
  const written = {
    '--out': sound.out,
    '--record': sound.record,
    '--report': sound.report,
    '--events': sound.events,
    '--save': sound.save,
  }
  for (const [option, path] of Object.entries(written)) {
    if (path === undefined || (option === '--out' && !isWav(path))) continue
    if (option === '--record' && !isWav(path)) throw usageError(`--record ${path} does not end in .wav`)
    const place = resolve(workingDirectory, path)
    const use = taken.get(place)
    if (use !== undefined) throw usageError(`${option} ${path}: that file ${use}`)
    taken.set(place, `is written by ${option}`)
  }
}

function isWav(path: string): boolean {
  return /\.wav$/i.test(path)
}

function outputChoice(sound: SoundChoices, withMicrophone: boolean): OutputChoice {
  const { out } = sound
  const speaker = sound.speaker ?? null
  const choice = out ?? (withMicrophone || speaker !== null ? 'speaker' : 'none')
  if (choice === 'speaker') return { type: 'speaker', device: speaker }
  if (speaker !== null) throw usageError('--speaker needs --out speaker')
  if (choice === 'none') return { type: 'none' }
  if (!/\.wav$/i.test(choice))
    throw usageError(`--out ${choice} is not speaker, none or a file ending in .wav`)
  return { type: 'file', path: choice }
}

/** Runs a call in view of the user and says where its files are. `typed` is the keyboard, if the customer types. */
export async function runCall(
  request: CallRequest,
  context: Context,
  typed: LineSource | null,
): Promise<ExitCode | undefined> {
  const { output, env, workingDirectory } = context
  // Output that cannot be printed ends the call too; what was said until then is kept.
  const failing = new AbortController()
  let printFailure: unknown = null
  const print = (event: object) => {
    output.event(event).catch(error => {
      printFailure ??= error
      failing.abort()
    })
  }
  const signal = AbortSignal.any([context.signal, failing.signal])
  const pushToTalk = request.pushToTalk ?? false
  if (pushToTalk && !context.interactive)
    throw usageError('--push-to-talk needs a terminal: standard input and standard error must be one')
  let keys: ReturnType<typeof openCallKeys> = null
  const closeKeys = () => keys?.close()
  const flite = createFliteEngine()
  const http = await context.http()
  try {
    const findKeptKey = keptKeysOf(context)
    const call = await prepareCall(request, { http, flite, env, findKeptKey, workingDirectory, signal })
    const view = await CallView.create(output, request.customer.type !== 'typed')
    let lastFailed: PartFailed | null = null
    const showLevel = request.customer.type === 'microphone' && !output.isJson
    if (request.customer.type === 'microphone' && context.interactive) {
      keys = openCallKeys(output.streams, pushToTalk, mark => view.mark(mark))
      // Before standard input is closed.
      context.signal.addEventListener('abort', closeKeys)
    }
    if (pushToTalk && keys === null) throw usageError('--push-to-talk: standard input has ended')
    if (call.echo !== null) output.note(echoLine(call.echo, keys !== null))
    if (keys !== null) output.note(keyLine(pushToTalk))
    const outcome = await runLiveCall(
      call,
      {
        observation: observation => {
          typed?.hide()
          if (isPartFailed(observation)) lastFailed = observation
          if (observation.type === 'customer.joined' && request.customer.type === 'microphone') {
            const how = pushToTalk ? 'Press space to speak' : 'Speak now'
            output.note(`Listening. ${how}; Ctrl-C ends the call.`)
          }
          if (output.isJson) print(observation)
          else view.show(observation)
          typed?.show()
        },
        controls: controls => keys?.connect(controls),
        monitor: urls => {
          if (output.isJson) print({ type: 'monitor.opened', atMs: 0, ...urls })
          for (const [name, url] of Object.entries(urls)) output.note(`${name.padEnd(10)}  ${url}`)
          if (Object.keys(urls).length === 0)
            output.warning('monitorPlan of the assistant forbids both control and listening')
        },
        ...(showLevel && { level: (db: number) => view.level(db) }),
      },
      signal,
    )
    typed?.hide()
    typed?.close()
    closeKeys()
    await output.flush()
    tellFiles(outcome, context)
    if (printFailure !== null) throw printFailure
    if (outcome.result.failure !== null) {
      const { failure, member } = outcome.result
      throw failureError(failure, fallbackAdvice(call.members, member, failure, lastFailed))
    }
    return context.signal.aborted ? Exit.interrupted : undefined
  } finally {
    context.signal.removeEventListener('abort', closeKeys)
    closeKeys()
    typed?.hide()
    typed?.close()
    http.close()
    await flite.close()
  }
}

function tellFiles({ written }: LiveResult, { output }: Context): void {
  for (const [what, path] of Object.entries(written)) output.note(`${what.padEnd(9)}  ${path}`)
}

/** What ended the call against its will, as the command's error. */
function failureError(
  { code, message, hint: own, exit, endedReason }: Failure,
  advice: string | null,
): VapiError {
  const hint = [own, advice].filter(text => text !== null).join('; ') || null
  return new VapiError({
    code,
    message,
    exit,
    ...(hint !== null && { hint }),
    ...(endedReason !== null && { endedReason }),
  })
}

/** Where an assistant names who takes over. */
const FALLBACKS = {
  'transcriber.failed': 'transcriber.fallbackPlan.transcribers',
  'model.failed': 'model.fallbackModels',
  'voice.failed': 'voice.fallbackPlan.voices',
} as const

type PartFailed = Extract<Observation, { type: keyof typeof FALLBACKS }>

function isPartFailed(observation: Observation): observation is PartFailed {
  return Object.hasOwn(FALLBACKS, observation.type)
}

/**
 * What could have taken over, where it was a part that ended the call; null where others of its kind are named already, or
 * nothing can. The first assistant's transcriber listens all along.
 */
function fallbackAdvice(
  members: LiveCall['members'],
  member: number,
  failure: Failure,
  failed: PartFailed | null,
): string | null {
  if (failed === null || failed.code !== failure.code) return null
  const compiled = members[failed.type === 'transcriber.failed' ? 0 : member]?.compiled
  if (compiled === undefined || compiled.realtime !== null) return null
  const { transcribers, model, voice } = compiled.plan
  const all = {
    'transcriber.failed': transcribers,
    'model.failed': model.models,
    'voice.failed': voice.voices,
  }
  return all[failed.type].length > 1 ? null : `${FALLBACKS[failed.type]} can name another one that takes over`
}
