import type { Command } from '../commands.ts'
import type { Fact } from '../facts.ts'
import { type Outcome, type Owner, observe } from '../owner.ts'
import type { ToolsState } from '../state.ts'
import { draw } from '../text/random.ts'

/** What is said while a tool runs and no `request-start` message is set (API: tool messages). */
const FILLERS = [
  'Hold on a sec.',
  'One moment.',
  'Just a sec.',
  'Give me a moment.',
  "This'll just take a sec.",
]

/** Runs the tools that the model calls and asks the model again when all of them have answered. */
export const tools: Owner<'tools'> = {
  name: 'tools',
  on: {
    'call.started': (slice, event) => ({ slice: { ...slice, random: event.seed | 0 } }),

    'reply.completed': (slice, event, { plan, atMs }) => {
      if (event.toolCalls.length === 0) return undefined
      let next: ToolsState = slice
      const commands: Command[] = []
      const facts: Fact[] = []
      let unknown = 0
      for (const call of event.toolCalls) {
        const index = plan.tools.findIndex(candidate => candidate.name === call.name)
        const tool = plan.tools[index]
        commands.push(
          observe(atMs, {
            type: 'tool.called',
            name: call.name,
            toolCallId: call.id,
            arguments: call.arguments,
          }),
        )
        facts.push({ type: 'tool.started', call })
        if (tool === undefined) {
          const error = `there is no tool named ${call.name}`
          commands.push(
            observe(atMs, { type: 'tool.completed', name: call.name, toolCallId: call.id, error }),
          )
          facts.push({ type: 'tool.finished', call, text: error })
          unknown++
          continue
        }
        if (tool.type === 'endCall') {
          const message = tool.messages.start ?? plan.endCallMessage
          commands.push(
            observe(atMs, { type: 'tool.completed', name: call.name, toolCallId: call.id, result: 'ended' }),
          )
          facts.push(
            { type: 'tool.finished', call, text: 'Success.' },
            { type: 'end.wanted', endedReason: 'assistant-ended-call', message, now: false, failure: null },
          )
          continue
        }
        const workId = `tool-${next.nextWork}`
        const filler = pickFiller(next, tool.messages.start)
        const running = { workId, call, tool: index, times: event.times, detached: tool.async }
        next = {
          nextWork: next.nextWork + 1,
          random: filler.random,
          running: [...next.running, running],
        }
        commands.push({ type: 'tool.run', workId, call, tool: index })
        // A reply with words of its own needs no filler.
        const text = tool.messages.start === null && event.text.trim() !== '' ? '' : filler.text
        if (text !== '')
          facts.push({
            type: 'say',
            text,
            source: 'tool',
            interruptible: true,
            endsCall: null,
            times: event.times,
          })
      }
      if (unknown === event.toolCalls.length) facts.push({ type: 'reply.wanted', times: event.times })
      return { slice: next, commands, facts }
    },

    'tool.done': (slice, event, { plan, atMs }) => {
      const done = slice.running.find(candidate => candidate.workId === event.workId)
      if (done === undefined) return undefined
      const { call, times, detached } = done
      const { outcome } = event
      const running = slice.running.filter(candidate => candidate !== done)
      const text = outcome.type === 'result' ? outcome.result : outcome.error
      const detail = outcome.type === 'result' ? { result: text } : { error: text }
      const facts: Fact[] = [{ type: 'tool.finished', call, text }]
      const messages = plan.tools[done.tool]?.messages
      const spoken = outcome.type === 'result' ? messages?.complete : messages?.failed
      const ends = outcome.type === 'result' ? messages?.completeEndsCall : messages?.failedEndsCall
      if (!detached && spoken) {
        const endsCall = ends === true ? 'assistant-ended-call-after-message-spoken' : null
        facts.push({ type: 'say', text: spoken, source: 'tool', interruptible: true, endsCall, times })
      } else if (!detached && running.every(candidate => candidate.detached)) {
        facts.push({ type: 'reply.wanted', times })
      }
      return {
        slice: { ...slice, running },
        commands: [
          observe(atMs, { type: 'tool.completed', name: call.name, toolCallId: call.id, ...detail }),
        ],
        facts,
      }
    },

    // The customer has moved on: a running tool still ends (it may have effects), but nobody waits for its answer.
    interrupted: slice => detach(slice),
    'turn.reopened': slice => detach(slice),
    'turn.ended': slice => detach(slice),

    'call.closing': slice => ({
      slice: { ...slice, running: [] },
      commands: slice.running.map(({ workId }) => ({ type: 'cancel', workId })),
    }),
  },
}

function detach(slice: ToolsState): Outcome<ToolsState> | undefined {
  if (slice.running.every(candidate => candidate.detached)) return undefined
  return { slice: { ...slice, running: slice.running.map(candidate => ({ ...candidate, detached: true })) } }
}

/** The configured message, or one of the usual phrases at random. */
function pickFiller(slice: ToolsState, configured: string | null) {
  if (configured !== null) return { text: configured, random: slice.random }
  const drawn = draw(slice.random)
  return { text: FILLERS[Math.floor(drawn.value * FILLERS.length)] ?? '', random: drawn.state }
}
