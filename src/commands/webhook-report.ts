import type { Context } from '../cli/context.ts'
import { Exit, type ExitCode } from '../errors.ts'
import type { Delivered } from '../messages/deliver.ts'
import type { Finding } from '../messages/reply-findings.ts'
import { DEFAULT_TIMEOUT_SECONDS } from '../messages/send.ts'
import { maskUrl } from '../net/trace.ts'

/** What came of a request to a server. */
export interface TestReport {
  method: string
  url: string
  /** What was sent, in words: `tool-calls bookAppointment`. */
  sent: string
  limitSeconds: number
  delivered: Delivered
  /** What the reply amounts to, by name: `result`, `variables`; for people and machines. */
  outcome: Readonly<Record<string, unknown>>
  findings: readonly Finding[]
  /** People see the reply also where the server did not fail. */
  showsReply?: boolean
}

/** Prints a report and gives the exit code: 1 where the server failed, 3 where its reply has errors. */
export async function printReport(report: TestReport, { output }: Context): Promise<ExitCode> {
  const { method, url, sent, limitSeconds, delivered, outcome, findings, showsReply = false } = report
  const { status, statusText, durationMs } = delivered
  const failed = status < 200 || status >= 300
  const wrong = findings.some(({ level }) => level === 'error')
  if (output.isJson || output.options.format === 'yaml') {
    const reply = replyOf(delivered)
    await output.document({
      method,
      url: maskUrl(url),
      sent,
      status,
      durationMs: Math.round(durationMs),
      limitSeconds,
      ...outcome,
      findings,
      reply,
    })
  } else {
    const lines = [
      `${method} ${maskUrl(url)}: ${sent}`,
      `${statusText} in ${Math.round(durationMs)} ms (limit ${limitSeconds} s)`,
      ...redirectLine(delivered),
      ...Object.entries(outcome).map(([name, value]) => `${name}: ${textOf(value)}`),
      ...((failed || showsReply) && delivered.body.length > 0
        ? [`reply: ${textOf(replyOf(delivered))}`]
        : []),
      ...findings.map(findingLine),
      ...(failed || wrong ? [] : ['ok']),
    ]
    output.text(lines.map(line => `${clean(line)}\n`).join(''))
  }
  if (failed) return Exit.failed
  return wrong ? Exit.checkFailed : Exit.done
}

/** The server's time limit; `--timeout` goes before it. 0 is none. */
export function limitOf(
  context: Context,
  server: { readonly timeoutSeconds?: unknown },
  fixed?: number | null,
): number {
  const { timeoutSeconds } = context.flags
  if (timeoutSeconds !== undefined) return timeoutSeconds
  if (typeof fixed === 'number') return fixed
  return typeof server.timeoutSeconds === 'number' && server.timeoutSeconds > 0
    ? server.timeoutSeconds
    : DEFAULT_TIMEOUT_SECONDS
}

function redirectLine({ status, headers }: Delivered): string[] {
  return status >= 300 && status < 400 && headers.location !== undefined
    ? [`it moved to ${headers.location}: set that address`]
    : []
}

function findingLine({ level, path, message, fix }: Finding): string {
  return `${level}: ${path === '' ? '' : `${path}: `}${message}; ${fix}`
}

function replyOf({ body, headers }: Delivered): unknown {
  const type = headers['content-type'] ?? ''
  if (/audio|octet-stream/.test(type)) return `${body.length} bytes of ${type}`
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text
}

function clean(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ')
}
