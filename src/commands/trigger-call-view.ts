import { describeEvent } from '../listen/describe.ts'
import type { Finding } from '../messages/reply-findings.ts'
import type { Output } from '../output/output.ts'
import type { JsonObject } from '../trigger/script.ts'

/** A message of a call and what came back. */
export interface PlayedEvent {
  /** Since the begin of the call. */
  atMs: number
  type: string
  message: JsonObject
  /** Null where nothing was answered. */
  status: number | null
  durationMs: number | null
  findings: readonly Finding[]
  reply: string | null
  /** Why nothing was answered. */
  error: string | null
}

export interface CallTotals {
  callId: string | null
  sent: number
  failed: number
  wrong: number
  /** Which the listener passed on to nobody, by its --events or --call-id. */
  leftOut: number
}

const TYPE_COLUMNS = 20

/** Shows a call that is played: a line for each message, or JSON lines (`sent`, at the end `summary`). */
export async function createCallView(
  output: Output,
): Promise<{ show(event: PlayedEvent): Promise<void>; end(totals: CallTotals): Promise<void> }> {
  const { Chalk } = await import('chalk')
  const paint = new Chalk({ level: output.options.colour.stdout ? 1 : 0 })

  function linesOf({ atMs, type, message, status, durationMs, findings, reply, error }: PlayedEvent): string {
    const seconds = paint.dim(`${(atMs / 1000).toFixed(1)} s`.padStart(7))
    const failed = status === null || status < 200 || status >= 300
    const outcome = status === null ? 'failed' : `${status} in ${Math.round(durationMs ?? 0)} ms`
    const summary = describeEvent({ type, callId: null, fields: message })
    const line = [
      seconds,
      paint.cyan(type.padEnd(TYPE_COLUMNS)),
      (failed ? paint.red : paint.green)(outcome),
      clean(summary),
    ]
    const more = [
      ...(error === null ? [] : [paint.red(clean(error))]),
      ...(failed && reply ? [clean(reply.slice(0, 500))] : []),
      ...findings.map(({ level, path, message: words, fix }) => {
        const colour = level === 'error' ? paint.red : paint.yellow
        return `${colour(level)}: ${clean(`${path === '' ? '' : `${path}: `}${words}; ${fix}`)}`
      }),
    ]
    return `${[line.join(' ').trimEnd(), ...more.map(each => `          ${each}`)].join('\n')}\n`
  }

  return {
    async show(event) {
      if (!output.isJson) {
        if (!output.options.quiet || event.error !== null || event.findings.length > 0)
          output.text(linesOf(event))
        return
      }
      const { message, durationMs, reply, error, ...rest } = event
      await output.event({
        ...rest,
        type: 'sent',
        event: event.type,
        durationMs: durationMs === null ? null : Math.round(durationMs * 10) / 10,
        message,
        reply: parsed(reply),
        ...(error !== null && { error }),
      })
    },
    async end(totals) {
      if (output.isJson) return output.event({ type: 'summary', ...totals })
      const { sent, failed, wrong, leftOut } = totals
      const outcome = [
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(wrong > 0 ? [`${wrong} wrong replies`] : []),
        ...(leftOut > 0 ? [`${leftOut} left out by the listener`] : []),
      ]
      output.note(`${sent} messages: ${outcome.join(', ') || 'all taken'}`)
    },
  }
}

function parsed(reply: string | null): unknown {
  try {
    return reply === null ? null : JSON.parse(reply)
  } catch {
    return reply
  }
}

/** Nothing that comes over the wire steers the terminal. */
function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
