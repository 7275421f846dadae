import { setMaxListeners } from 'node:events'
import type { Context } from '../cli/context.ts'
import { asVapiError, Exit, type ExitCode, usageError } from '../errors.ts'
import type { Delivered } from '../messages/deliver.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { maskUrl } from '../net/trace.ts'
import { fireVolley, type VolleySummary } from '../trigger/volley.ts'
import type { TriggerTarget } from './trigger-target.ts'

export interface Volley {
  count: number
  perSecond: number | null
  concurrency: number
}

const MAXIMUM_CONCURRENCY = 1000
/** With a rate, slow answers must not hold up those that are due. */
const CONCURRENCY_BY_RATE = 100

/** What the options say of sending many; null: one is sent. Throws a usage error. */
export function readVolley(options: {
  count: number | undefined
  rate: number | undefined
  concurrency: number | undefined
}): Volley | null {
  const count = options.count
  const rate = options.rate
  const concurrency = options.concurrency
  if (count === undefined) {
    if (rate === undefined && concurrency === undefined) return null
    throw usageError(`--${rate === undefined ? 'concurrency' : 'rate'} needs --count`, '--count 100')
  }
  if (!Number.isInteger(count)) throw usageError('--count is a whole number')
  if (concurrency !== undefined && (!Number.isInteger(concurrency) || concurrency > MAXIMUM_CONCURRENCY))
    throw usageError(`--concurrency is a whole number up to ${MAXIMUM_CONCURRENCY}`)
  return {
    count,
    perSecond: rate ?? null,
    concurrency: concurrency ?? (rate === undefined ? 1 : CONCURRENCY_BY_RATE),
  }
}

interface Sending {
  type: string
  target: TriggerTarget
  volley: Volley
  limitSeconds: number
  send: () => Promise<{ delivered: Delivered; findings: readonly Finding[] }>
}

/** Sends many and prints what came of them. 1 where any failed, 3 where replies were wrong. */
export async function sendVolley(sending: Sending, context: Context): Promise<ExitCode> {
  const { type, target, volley, limitSeconds, send } = sending
  const { output, signal } = context
  const { count, perSecond } = volley
  // Each request under way listens for Ctrl-C.
  setMaxListeners(volley.concurrency + 20, signal)
  const line = output.progress(`sending ${type}`)
  const summary = await fireVolley(
    { ...volley, signal },
    async () => {
      try {
        const { delivered, findings } = await send()
        const { status, durationMs } = delivered
        const failure = status >= 200 && status < 300 ? null : String(status)
        const errors = findings.filter(({ level }) => level === 'error')
        // A failing status is counted, and is no finding besides.
        const wrong = failure === null ? errors.map(({ path, message }) => sentence(path, message)) : []
        return { durationMs, failure, errors: wrong }
      } catch (thrown) {
        const error = asVapiError(thrown)
        return { durationMs: null, failure: error.code, errors: [] }
      }
    },
    done => line.update({ done, total: count }),
  ).finally(() => line.stop())
  if (output.isJson || output.options.format === 'yaml')
    await output.document({
      url: maskUrl(target.url),
      sent: type,
      count,
      limitSeconds,
      ...(perSecond !== null && { rate: perSecond }),
      summary: rounded(summary),
    })
  else output.text(textOf(sending, summary))
  if (target.isListener && summary.failures['connection-refused'] === summary.sent)
    output.note('no listener runs there: vapi listen --forward-to localhost:3000/webhook, or --to')
  if (summary.failed > 0) return Exit.failed
  return summary.wrong > 0 ? Exit.checkFailed : Exit.done
}

function sentence(path: string, message: string): string {
  // Ids differ from message to message; what is wrong with them does not.
  return `${path === '' ? '' : `${path}: `}${message}`.replace(/call_[0-9a-f]{24}/g, 'call_…')
}

function textOf({ type, target, volley }: Sending, summary: VolleySummary): string {
  const { sent, failed, wrong, elapsedMs, perSecond, failures, findings } = summary
  const wanted = volley.perSecond
  // Within a tenth a rate counts as held: the last one is not waited for.
  const missed = wanted !== null && sent > 1 && perSecond < wanted * 0.9 ? `, and not ${wanted}` : ''
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} (${count})`)
      .join(', ')
  const lines = [
    `POST ${maskUrl(target.url)}: ${sent} of ${volley.count} ${type}`,
    `${sent} in ${(elapsedMs / 1000).toFixed(1)} s: ${perSecond.toFixed(1)} a second${missed}`,
    ...(summary.medianMs === null
      ? []
      : [
          `median ${ms(summary.medianMs)}, 95 % within ${ms(summary.p95Ms)}, 99 % within ${ms(summary.p99Ms)}, longest ${ms(summary.maximumMs)}`,
        ]),
    failed === 0 ? 'none failed' : `failed ${failed}: ${counted(failures)}`,
    ...(wrong === 0 ? [] : [`wrong replies ${wrong}: ${counted(findings)}`]),
  ]
  return lines.map(line => `${line.replace(/\p{Cc}/gu, ' ')}\n`).join('')
}

function ms(value: number | null): string {
  const time = value ?? 0
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`
}

function rounded(summary: VolleySummary): VolleySummary {
  return Object.fromEntries(
    Object.entries(summary).map(([name, value]) => [
      name,
      typeof value === 'number' ? Math.round(value * 100) / 100 : value,
    ]),
  ) as unknown as VolleySummary
}
