import { setTimeout as wait } from 'node:timers/promises'
import { createApi } from '../api/client.ts'
import { explainEndedReason } from '../api/ended-reason.ts'
import { fieldOf, type LiveCall, textOf } from '../api/live-call.ts'
import { readEnded } from '../api/websocket-call.ts'
import { closeError, isGoodClose } from '../call/connect/close-codes.ts'
import type { ConnectionResult } from '../call/connect/connected-call.ts'
import type { Context } from '../cli/context.ts'
import { Exit, type ExitCode, VapiError } from '../errors.ts'
import type { CallScreen } from './call-connect-screen.ts'

/** How long the platform may take to write down why the call ended; after Ctrl-C less. */
const RECORD_MS = 8000
const HURRIED_RECORD_MS = 1500
const REQUEST_MS = 3000

/** Says how the call ended: 0, or 130 after Ctrl-C. Throws where it ended by a fault (exit 1). */
export async function concludeCall(
  call: LiveCall & { readonly id: string },
  result: ConnectionResult,
  screen: CallScreen,
  context: Context,
): Promise<ExitCode | undefined> {
  const { id } = call
  const { end, durationMs, sound } = result
  const record = await readRecord(id, context)
  const reason = textOf(record?.endedReason) ?? result.endedReason ?? undefined
  const assistantId = textOf(fieldOf(record ?? call, 'assistantId'))
  const explanation = reason === undefined ? null : explainEndedReason(reason, { id, assistantId })
  screen.event({
    type: 'call.ended',
    callId: id,
    atMs: durationMs,
    ...(reason !== undefined && { endedReason: reason, explanation }),
    close: { ...end },
    sound: { ...sound },
  })
  screen.ended(
    durationMs,
    explanation === null ? 'why is not known yet' : `${reason}: ${explanation.summary}`,
  )
  if (sound.gaps > 0)
    screen.note(
      `the sound ran dry ${sound.gaps === 1 ? 'once' : `${sound.gaps} times`}, by ${Math.round(sound.latestMs)} ms at most; in the end ${sound.marginMs} ms were held back`,
    )
  screen.note(`vapi call get ${id} shows the whole call`)
  await screen.printed()
  if (context.signal.aborted) return Exit.interrupted
  if (explanation?.outcome === 'fault')
    throw new VapiError({
      code: 'call-failed',
      message: `call ${id} failed: ${explanation.summary} (${reason})`,
      ...(reason !== undefined && { endedReason: reason }),
      hint: explanation.nextStep,
    })
  const isExpected = result.endedReason !== null || result.hungUp || isGoodClose(end)
  if (!isExpected) throw closeError(end)
  return undefined
}

async function readRecord(id: string, context: Context): Promise<LiveCall | null> {
  const key = await context.key()
  const { baseUrl } = await context.api()
  if (key === null) return null
  // Ctrl-C has ended all that the command's own connection to the API can do.
  const http = await context.http()
  const api = createApi({ http, baseUrl, key, timeoutMs: REQUEST_MS, retries: 0 })
  const limitMs = context.signal.aborted ? HURRIED_RECORD_MS : RECORD_MS
  return readEnded(api, id, limitMs, ms => wait(ms))
}
