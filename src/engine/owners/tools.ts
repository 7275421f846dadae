import type { Command } from '../commands.ts'
import type { Fact, TurnTimes } from '../facts.ts'
import { type Owner, observe } from '../owner.ts'
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
      let answered = 0
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
          answered++
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
        const running = [
          ...next.running,
          { workId, call, tool: index, times: event.times, awaited: !tool.async },
        ]
        next = { ...next, nextWork: next.nextWork + 1, running }
        commands.push({ type: 'tool.run', workId, call, tool: index })
        if (tool.async) {
          // Nobody waits for it: the model goes on at once, and nothing is said about the wait.
          facts.push({ type: 'tool.finished', call, text: 'Success.' })
          answered++
          continue
        }
        const filler = pickFiller(next, tool.messages.start)
        next = { ...next, random: filler.random }
        // A reply with words of its own needs no filler.
        const text = tool.messages.start === null && event.text.trim() !== '' ? '' : filler.text
        if (text !== '') facts.push(say(text, null, event.times))
      }
      // With no tool to wait for, the model answers at once.
      if (answered === event.toolCalls.length) facts.push({ type: 'reply.wanted', times: event.times })
      else if (answered > 0) next = { ...next, answerDue: true }
      return { slice: next, commands, facts }
    },

    'tool.done': (slice, event, { plan, others, atMs }) => {
      const done = slice.running.find(candidate => candidate.workId === event.workId)
      if (done === undefined) return undefined
      const { call, times, awaited } = done
      const { outcome } = event
      const running = slice.running.filter(candidate => candidate !== done)
      const text = outcome.type === 'result' ? outcome.result : outcome.error
      const detail = outcome.type === 'result' ? { result: text } : { error: text }
      const commands = [
        observe(atMs, { type: 'tool.completed', name: call.name, toolCallId: call.id, ...detail }),
      ]
      if (!awaited) return { slice: { ...slice, running }, commands }
      const facts: Fact[] = [{ type: 'tool.finished', call, text }]
      const messages = plan.tools[done.tool]?.messages
      const spoken = outcome.type === 'result' ? messages?.complete : messages?.failed
      const ends = outcome.type === 'result' ? messages?.completeEndsCall : messages?.failedEndsCall
      const live = others.lifecycle.phase === 'live'
      if (spoken && live)
        facts.push(say(spoken, ends === true ? 'assistant-ended-call-after-message-spoken' : null, times))
      let answerDue = slice.answerDue || !spoken
      // The model answers once the last tool has ended, for all that had no words of their own.
      if (answerDue && !running.some(candidate => candidate.awaited)) {
        facts.push({ type: 'reply.wanted', times })
        answerDue = false
      }
      return { slice: { ...slice, running, answerDue }, commands, facts }
    },

    'call.closing': slice => ({
      slice: { ...slice, running: [], answerDue: false },
      commands: slice.running.map(({ workId }) => ({ type: 'cancel', workId })),
    }),
  },
}

function say(text: string, endsCall: string | null, times: TurnTimes): Fact {
  return { type: 'say', text, source: 'tool', interruptible: true, endsCall, times }
}

/** The configured message, or one of the usual phrases at random. */
function pickFiller(slice: ToolsState, configured: string | null) {
  if (configured !== null) return { text: configured, random: slice.random }
  const drawn = draw(slice.random)
  return { text: FILLERS[Math.floor(drawn.value * FILLERS.length)] ?? '', random: drawn.state }
}
