import type { Owner } from '../owner.ts'
import type { ToolCall } from '../ports/language-model.ts'
import { type HistoryEntry, type HistoryState, promptEntry } from '../state.ts'
import { handOverContext } from './history/context.ts'

/** What was said and done, as heard: an interrupted utterance keeps only the words that reached the customer. */
export const history: Owner<'history'> = {
  name: 'history',
  on: {
    'turn.ended': (slice, event, { atMs, others }) => {
      const last = slice.entries.at(-1)
      const startMs = others.customer.segmentStartMs ?? atMs
      const endMs = event.times.speechEndMs ?? atMs
      // A turn that goes on after its answer was taken back is one message (ruling 9).
      if (last?.role === 'user' && event.newText !== event.text && event.text.startsWith(last.message)) {
        return {
          slice: {
            ...slice,
            entries: [...slice.entries.slice(0, -1), { ...last, message: event.text, endMs }],
          },
        }
      }
      return append(slice, { role: 'user', message: event.newText, atMs: startMs, endMs })
    },

    acknowledged: (slice, event, { atMs, others }) =>
      append(slice, {
        role: 'user',
        message: event.text,
        atMs: others.customer.segmentStartMs ?? atMs,
        endMs: others.customer.speechEndMs ?? atMs,
      }),

    'message.added': (slice, event, { atMs }) => {
      const role = event.role === 'assistant' ? 'bot' : event.role
      return append(slice, { role, message: event.content, atMs, endMs: atMs })
    },

    'utterance.started': (slice, { text, utteranceId, latency }, { atMs, others }) => {
      const entry = { role: 'bot', message: text, atMs, endMs: atMs, utteranceId } as const
      const latencies = latency === null ? slice.latencies : [...slice.latencies, latency]
      const talkedOver = slice.talkedOver + (others.customer.talking ? 1 : 0)
      return { slice: { ...slice, latencies, talkedOver, entries: [...slice.entries, entry] } }
    },

    'utterance.extended': (slice, event, { atMs }) => rewrite(slice, event.utteranceId, event.text, atMs),

    // With the model's own text in the history, what was not heard stays.
    'reply.completed': (slice, event, { plan, others }) => {
      if (!plan.modelOutputInMessages) return undefined
      const spoken = others.speaking.queue.find(({ replyId }) => replyId === event.replyId)
      const entry = slice.entries.findLast(
        candidate => candidate.role === 'bot' && candidate.utteranceId === spoken?.id,
      )
      return spoken === undefined || entry?.role !== 'bot'
        ? undefined
        : rewrite(slice, spoken.id, event.text.trim(), entry.endMs)
    },

    'utterance.finished': (slice, event, { atMs, plan }) => {
      const keeps = plan.modelOutputInMessages && event.source === 'model' && event.heard
      return rewrite(slice, event.utteranceId, keeps ? null : event.spokenText, atMs)
    },

    // Words that no turn has taken yet were said all the same.
    'call.closing': (slice, _event, { atMs, others }) => {
      const { finals, unanswered, segmentStartMs, speechEndMs } = others.customer
      const message = finals.slice(unanswered?.finals.length ?? 0).join(' ')
      if (message === '') return undefined
      return append(slice, {
        role: 'user',
        message,
        atMs: segmentStartMs ?? atMs,
        endMs: speechEndMs ?? atMs,
      })
    },

    interrupted: slice => ({ slice: { ...slice, interruptions: slice.interruptions + 1 } }),

    'tool.started': (slice, event, { atMs }) => {
      const last = slice.entries.at(-1)
      if (last?.role !== 'tool_calls' || last.atMs !== atMs) {
        return append(slice, { role: 'tool_calls', atMs, calls: [event.call] })
      }
      const grown: HistoryEntry = { ...last, calls: [...last.calls, event.call] }
      return { slice: { ...slice, entries: [...slice.entries.slice(0, -1), grown] } }
    },

    'tool.finished': (slice, event, { atMs }) =>
      append(slice, {
        ...result(event.call, event.text, atMs),
        ...(event.dryRun === true && { dryRun: true as const }),
      }),

    'assistant.changed': (slice, event, { plan, atMs }) => {
      const prompts = plan.model.systemMessages.map(text => promptEntry(text, atMs))
      const context = handOverContext(slice, event.context, event.toolCallId, prompts.length)
      return { slice: { ...slice, context, entries: [...slice.entries, ...prompts] } }
    },
  },
}

function append(slice: HistoryState, entry: HistoryEntry) {
  return { slice: { ...slice, entries: [...slice.entries, entry] } }
}

function result(call: ToolCall, text: string, atMs: number): HistoryEntry {
  return { role: 'tool_call_result', atMs, toolCallId: call.id, name: call.name, result: text }
}

/** Gives an utterance's entry its text (null: the one it has) and its end. */
function rewrite(slice: HistoryState, utteranceId: string, message: string | null, endMs: number) {
  const place = slice.entries.findLastIndex(
    entry => entry.role === 'bot' && entry.utteranceId === utteranceId,
  )
  const entry = slice.entries[place]
  if (entry?.role !== 'bot') return undefined
  const entries = slice.entries.toSpliced(place, 1, { ...entry, message: message ?? entry.message, endMs })
  return { slice: { ...slice, entries } }
}
