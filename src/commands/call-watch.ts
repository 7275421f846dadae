import { setTimeout as wait } from 'node:timers/promises'
import { explainEndedReason } from '../api/ended-reason.ts'
import { type LiveCall, readCall, textOf } from '../api/live-call.ts'
import { type WatchEvent, watchCall } from '../api/monitor-watch.ts'
import { defineCommand } from '../cli/definition.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/table.ts'
import { monitorOpener, publicKeyOptions } from './call-monitor.ts'

export default defineCommand(
  {
    name: 'call watch',
    summary: 'show the conversation of a running call as it happens',
    description:
      'Reads the live stream of the call’s monitor where it has one, and asks the API every few seconds for the rest: status, ending, and all of it where there is no stream. Ends with the call and says why it ended.',
    args: [{ name: 'id', summary: 'the call’s id', required: true }],
    options: {
      interval: {
        type: 'number',
        placeholder: 'SECONDS',
        minimum: 0.1,
        summary: 'time between two looks at the call (default 2)',
      },
      'no-stream': { type: 'boolean', summary: 'ask the API alone' },
      ...publicKeyOptions,
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi call watch 0199a3d2-…', does: 'follow a call until it ends' },
      { command: 'vapi call watch 0199a3d2-… --json', does: 'every message as a JSON line' },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args: [id = ''], options }, context) => {
    const { output, signal } = context
    const api = await context.api()
    const openStream = await monitorOpener(context, options['public-key'], false)
    const view = createView(output)
    let startedAtMs: number | null = null
    // Lines are printed one after the other, also where a jq filter takes its time.
    let printed: Promise<void> = Promise.resolve()
    const show = (event: WatchEvent) => {
      if (event.kind === 'note') output.note(event.text)
      else if (!output.isJson) view(event, startedAtMs)
      else if (event.json !== null) {
        const { json } = event
        printed = printed.then(() => output.event(json))
        printed.catch(() => {})
      }
    }
    const ended = await watchCall(
      {
        readCall: async () => {
          const call = await readCall(api, id)
          startedAtMs = timeOf(call)
          if (options['no-stream']) return { ...call, monitor: {} }
          return call
        },
        openStream,
        sleep: (ms, until) => wait(ms, undefined, { signal: until }).catch(() => {}),
        now: () => Date.now(),
        intervalMs: (options.interval ?? 2) * 1000,
        signal,
      },
      show,
    )
    await printed
    const reason = textOf(ended.endedReason)
    const whose = { id, assistantId: textOf(ended.assistantId) }
    if (output.isJson) {
      await output.event({
        type: 'call-ended',
        callId: id,
        ...(reason !== undefined && { endedReason: reason, explanation: explainEndedReason(reason, whose) }),
      })
    } else if (reason !== undefined) {
      const { summary, nextStep } = explainEndedReason(reason, whose)
      output.text(`${printable(`ended: ${reason}: ${summary}`)}\n`)
      output.note(`next: ${nextStep}`)
    }
    return undefined
  },
)

function createView(output: Output): (event: WatchEvent, startedAtMs: number | null) => void {
  return (event, startedAtMs) => {
    if (event.kind === 'status') output.text(`${clock(null, null)}  status     ${printable(event.status)}\n`)
    if (event.kind !== 'line') return
    const { role, text, atMs } = event.line
    const who = role === 'user' ? 'customer' : role
    output.text(`${clock(atMs, startedAtMs)}  ${who.padEnd(9)}  ${printable(text)}\n`)
  }
}

/** Minutes and seconds since the call began; blank where that is not known. */
function clock(atMs: number | null, startedAtMs: number | null): string {
  if (atMs === null || startedAtMs === null || atMs < startedAtMs) return '     '
  const seconds = Math.floor((atMs - startedAtMs) / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`
}

function timeOf(call: LiveCall): number | null {
  const ms = Date.parse(textOf(call.startedAt) ?? '')
  return Number.isNaN(ms) ? null : ms
}
