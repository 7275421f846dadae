import type { JsonObject } from '../api/types.ts'
import { type EchoDecision, echoLine } from '../audio/devices/echo.ts'
import type { ConnectedCallListener } from '../call/connect/connected-call.ts'
import type { Context } from '../cli/context.ts'
import { usageError } from '../errors.ts'
import type { LineSource } from '../output/line-editor.ts'
import { showClientMessage } from './call-connect-view.ts'
import { keyLine, openCallKeys } from './call-keys.ts'
import { CallView } from './call-view.ts'

/** What the user sees of a call on the platform. */
export interface CallScreen {
  readonly listener: ConnectedCallListener
  /** Aborts on Ctrl-C, and where nothing can be printed any more. */
  readonly signal: AbortSignal
  /** How the assistant is kept from hearing itself. */
  echo(decision: EchoDecision): void
  created(callId: string): void
  ended(atMs: number, why: string): void
  note(text: string): void
  /** For machines alone. */
  event(event: object): void
  /** Resolves when all is printed. Throws where that failed. */
  printed(): Promise<void>
  close(): void
}

/** `typed`: the keyboard, where the customer types. */
export async function createScreen(
  context: Context,
  typed: LineSource | null,
  isMicrophone: boolean,
  pushToTalk: boolean,
): Promise<CallScreen> {
  const { output } = context
  const view = await CallView.create(output, typed === null)
  const failing = new AbortController()
  let failure: unknown = null
  let printing: Promise<void> = Promise.resolve()
  const event = (value: object) => {
    if (!output.isJson) return
    printing = printing.then(() => output.event(value))
    printing.catch(error => {
      failure ??= error
      failing.abort()
    })
  }
  /** Shows something above the line that is being typed. */
  const show = (work: () => void) => {
    typed?.hide()
    output.status('')
    work()
    typed?.show()
  }
  const note = (text: string) => show(() => output.note(text))
  const keys =
    isMicrophone && context.interactive
      ? openCallKeys(output.streams, pushToTalk, mark => view.mark(mark))
      : null
  if (pushToTalk && keys === null) throw usageError('--push-to-talk: standard input has ended')
  const closeKeys = () => keys?.close()
  const closeInput = () => {
    closeKeys()
    typed?.hide()
    typed?.close()
  }
  // Before standard input is closed.
  context.signal.addEventListener('abort', closeKeys)
  return {
    listener: {
      connected: controls => {
        keys?.connect(controls)
        event({ type: 'call.connected', atMs: 0 })
        if (isMicrophone) note('Listening. Speak now; Ctrl-C ends the call.')
        if (keys !== null) note(keyLine(pushToTalk))
      },
      message: (message, atMs) => {
        event(message)
        if (!output.isJson) show(() => showClientMessage(view, message as JsonObject, atMs))
      },
      warning: message => show(() => output.warning(message)),
      ...(isMicrophone && !output.isJson && { level: (db: number) => view.level(db) }),
    },
    signal: AbortSignal.any([context.signal, failing.signal]),
    echo: decision => note(echoLine(decision, keys !== null)),
    created: callId => {
      event({ type: 'call.created', callId })
      note(`call ${callId}`)
    },
    ended: (atMs, why) => {
      closeInput()
      output.status('')
      if (!output.isJson) view.say(atMs, 'ended', why)
    },
    note,
    event,
    printed: async () => {
      await printing.catch(() => {})
      if (failure !== null) throw failure
      await output.flush()
    },
    close: () => {
      context.signal.removeEventListener('abort', closeKeys)
      closeInput()
    },
  }
}
