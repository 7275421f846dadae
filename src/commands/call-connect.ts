import { resolve } from 'node:path'
import { assign } from '../api/body.ts'
import { addMessageBody, type ControlBody, postControl } from '../api/live-control.ts'
import type { JsonObject } from '../api/types.ts'
import {
  createWebSocketCall,
  explainRefusal,
  mayHaveKey,
  type WebSocketCall,
  webSocketBody,
} from '../api/websocket-call.ts'
import {
  type Connection,
  type ConnectionResult,
  runConnectedCall,
  type TypingPause,
} from '../call/connect/connected-call.ts'
import { openCallSound } from '../call/connect/open-sound.ts'
import type { SoundEnds } from '../call/connect/sound-ends.ts'
import { chooseEcho } from '../call/live/devices.ts'
import type { CustomerChoice } from '../call/live/prepare.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { concludeCall } from './call-connect-end.ts'
import { type CallScreen, createScreen } from './call-connect-screen.ts'
import { readAudioFormat, readCallTarget } from './call-connect-target.ts'
import { chooseCustomer } from './call-customer.ts'
import { publicKeyOf, publicKeyOptions } from './call-monitor.ts'
import { readVariables, withVariables } from './call-request.ts'
import { requireDistinctFiles, soundOptions, soundRequest } from './call-run.ts'
import { setAssignments } from './resource/body.ts'
import { callSetOption } from './resource/options.ts'

const { out, microphone, speaker, headphones, echo, record } = soundOptions
const DEFAULT_LINGER_SECONDS = 10
/** Limit of a control message, in milliseconds. */
const CONTROL_MS = 5000

export default defineCommand(
  {
    name: 'call connect',
    summary: 'talk to an assistant that runs on the platform, from this terminal',
    description:
      'Makes a call of the transport vapi.websocket and speaks in it: costs are those of any call. Shows the messages that clients get (assistant.clientMessages chooses them). Typed lines go through the call’s control URL. Ctrl-C hangs up, a second one leaves at once. A connection that breaks cannot be taken up again.',
    args: [
      {
        name: 'assistant',
        summary:
          'id or name of a stored assistant or squad, or a file with an assistant, a squad or the body of a call (JSON or YAML, - is standard input)',
        required: true,
      },
    ],
    options: {
      in: {
        type: 'string',
        placeholder: 'mic|FILE.wav|text|-',
        default: 'mic',
        summary: 'who the customer is; - is sound on standard input (WAV, or 16 kHz mono 16-bit)',
      },
      out,
      microphone,
      speaker,
      headphones,
      echo,
      'push-to-talk': soundOptions['push-to-talk'],
      record,
      'audio-format': {
        type: 'string',
        placeholder: 'FORMAT[/HERTZ]',
        summary: 'of the connection: pcm (default, 16000), mulaw (8000)',
      },
      linger: {
        type: 'number',
        placeholder: 'SECONDS',
        minimum: 0,
        summary: `hang up when a file or standard input is over and the assistant was silent so long (default ${DEFAULT_LINGER_SECONDS})`,
      },
      'max-duration': {
        type: 'number',
        placeholder: 'SECONDS',
        minimum: 1,
        summary: 'hang up after so long',
      },
      var: { type: 'list', placeholder: 'NAME=VALUE', summary: 'variable of the assistant' },
      set: callSetOption,
      ...publicKeyOptions,
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi call connect Reception', does: 'through microphone and speaker' },
      { command: 'vapi call connect assistant.json --in text', does: 'type; its answers are shown' },
      {
        command: 'vapi call connect Reception --in caller.wav --record call.wav --json',
        does: 'a recorded caller; messages as JSON lines',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args: [target = ''], options }, context) => {
    if (target === '-' && (options.in === '-' || options.in === 'text'))
      throw usageError('standard input cannot be both the assistant and the customer')
    const { env, workingDirectory, interactive } = context
    const isMicrophone = options.in === 'mic'
    const given = { ...options, denoiser: '', report: undefined, events: undefined, save: undefined }
    requireDistinctFiles(given, [target, options.in], context)
    const sound = soundRequest(given, isMicrophone)
    if (sound.pushToTalk && !interactive)
      throw usageError('--push-to-talk needs a terminal: standard input and standard error must be one')
    const audioFormat = readAudioFormat(options['audio-format'])
    const variables = readVariables(options.var)
    const spoken = withVariables(await readCallTarget(target, context, await context.api()), variables)
    const assignments = await setAssignments({ set: options.set }, () => undefined, context)
    const { body, format } = webSocketBody(assign(spoken, assignments), audioFormat)
    const { choice, typed } = chooseCustomer(options.in, options.microphone ?? null, context)
    const screen = await createScreen(context, typed, isMicrophone, sound.pushToTalk ?? false)
    let ends: SoundEnds | null = null
    try {
      const decision = await chooseEcho({ ...sound, customer: choice }, env)
      if (decision !== null) screen.echo(decision)
      const { recording } = sound.files
      ends = await openCallSound({
        customer: choice,
        output: sound.output,
        recording: recording === undefined ? null : resolve(workingDirectory, recording),
        echoTailMs: decision?.mode === 'half-duplex' ? decision.tailMs : null,
        env,
        workingDirectory,
      })
      const manner: Manner = {
        format,
        lingerMs: (options.linger ?? DEFAULT_LINGER_SECONDS) * 1000,
        maximumDurationMs: sound.maximumDurationMs,
        pushToTalk: sound.pushToTalk ?? false,
        typing: choice.type === 'typed' ? choice : null,
        publicKey: publicKeyOf(options['public-key'], env),
      }
      const { call, result } = await speak(ends, body, manner, screen, context)
      await ends.close()
      return await concludeCall(call, result, screen, context)
    } finally {
      screen.close()
      await ends?.close()
    }
  },
)

/** How the call is held. */
interface Manner extends Pick<Connection, 'format' | 'lingerMs' | 'maximumDurationMs' | 'pushToTalk'> {
  /** What is typed, where the customer types. */
  typing: Typing | null
  publicKey: string | null
}

type Typing = Extract<CustomerChoice, { type: 'typed' }>

/** Makes the call and speaks in it until it ends. */
async function speak(
  ends: SoundEnds,
  body: JsonObject,
  { typing, publicKey, ...manner }: Manner,
  screen: CallScreen,
  context: Context,
): Promise<{ call: WebSocketCall['call']; result: ConnectionResult }> {
  const api = await context.api()
  const { call, url } = await createWebSocketCall(api, body)
  screen.created(call.id)
  const [http, privateKey] = [await context.http(), await context.key()]
  const hasKey = privateKey !== null && mayHaveKey(api.baseUrl, url)
  // Also after Ctrl-C.
  const { signal } = new AbortController()
  const control = (body: ControlBody) =>
    postControl(http, { call, body, publicKey, privateKey, timeoutMs: CONTROL_MS, signal })
  const connection: Connection = {
    ...manner,
    url,
    headers: hasKey ? { authorization: `Bearer ${privateKey}` } : {},
    openSocket: http.openSocket,
    type:
      typing === null
        ? null
        : pause => typeLines(typing, pause, line => control(addMessageBody('user', line, true))),
    listener: screen.listener,
  }
  try {
    return { call, result: await runConnectedCall(ends, connection, screen.signal) }
  } catch (error) {
    // Nobody is in it: the platform need not wait until it notices that.
    await control({ type: 'end-call' }).catch(() => {})
    throw explainRefusal(error, call.id, hasKey)
  }
}

/** Sends typed lines one after the other; those of a pipe wait for their turn. */
async function typeLines(
  { lines, takeTurns }: Typing,
  { untilFinished, signal }: TypingPause,
  send: (line: string) => Promise<unknown>,
): Promise<void> {
  for await (const line of lines) {
    if (signal.aborted) return
    if (line.trim() === '') continue
    if (takeTurns) await untilFinished()
    if (!signal.aborted) await send(line.trim())
  }
}
