import type { TurnTimes } from '../facts.ts'
import type { Owner, Surroundings } from '../owner.ts'
import type { ToolsState } from '../tools-state.ts'
import { begin, proceed, runNow, takeBack } from './tools/begin.ts'
import { reject, settle, take } from './tools/finish.ts'
import { fittingMessages, pickVariant } from './tools/messages.ts'
import {
  beginProgress,
  delayTimer,
  keep,
  outcomeOf,
  type Progress,
  sayMessage,
  toolOf,
  warn,
} from './tools/progress.ts'
import { arrive } from './tools/transfer.ts'

/** Runs the tools that the model calls and asks the model again when all of them have answered. */
export const tools: Owner<'tools'> = {
  name: 'tools',
  on: {
    'call.started': (slice, event, { call, atMs }) => {
      const destination = call.request?.destination ?? null
      const forwarded =
        destination === null
          ? []
          : [
              {
                destination,
                mode: 'blind-transfer',
                atMs,
                status: 'completed' as const,
                dryRun: true as const,
              },
            ]
      return { slice: { ...slice, random: event.seed | 0, transfers: [...slice.transfers, ...forwarded] } }
    },

    'reply.completed': (slice, event, surroundings) => {
      if (event.toolCalls.length === 0) return undefined
      const progress = beginProgress(slice, surroundings)
      const { times } = event
      const hasWords = event.text.trim() !== ''
      for (const call of event.toolCalls) {
        const tool = surroundings.plan.tools.findIndex(candidate => candidate.name === call.name)
        begin(progress, { call, tool, times, quiet: false, hasWords })
      }
      // With no tool to wait for, the model answers at once.
      settle(progress, times)
      return outcomeOf(progress)
    },

    'transfer.recorded': (slice, { record }) => ({
      slice: { ...slice, transfers: [...slice.transfers, record] },
    }),

    'tool.wanted': (slice, { call, tool }, surroundings) => {
      const progress = beginProgress(slice, surroundings)
      begin(progress, { call, tool, times: unasked(surroundings), quiet: true, hasWords: true })
      return outcomeOf(progress)
    },

    'judge.done': (slice, event, surroundings) =>
      advance(slice, event.workId, 'judging', surroundings, (progress, run) => {
        if (event.timedOut)
          warn(progress, `tool ${run.call.name}: its rejectionPlan took over 50 ms and was left out`)
        if (event.rejected) reject(progress, run)
        else {
          // What the reply said is in the queue of speech, or was said.
          proceed(progress, run, hasOwnWords(surroundings, run.times.turn))
          settle(progress, run.times)
        }
      }),

    'tool.done': (slice, event, surroundings) =>
      advance(slice, event.workId, ['running', 'transferring'], surroundings, (progress, run) =>
        take(progress, run, event.outcome),
      ),

    // What had to be heard first was heard, as far as the customer let it.
    'utterance.finished': (slice, event, surroundings) => {
      const [what, workId = ''] = (event.tag ?? '').split('/')
      if (what === 'start') return advance(slice, workId, 'announcing', surroundings, runNow)
      if (what === 'leave') return advance(slice, workId, 'leaving', surroundings, arrive)
      return undefined
    },

    'utterance.dropped': (slice, event, surroundings) => {
      const [, workId = ''] = (event.tag ?? '').split('/')
      return advance(slice, workId, ['announcing', 'leaving'], surroundings, takeBack)
    },

    timer: (slice, event, surroundings) => {
      for (const run of slice.running) {
        const delayMs = run.delays.find(delay => delayTimer(run.workId, delay) === event.timerId)
        if (delayMs === undefined || run.stage !== 'running') continue
        const progress = beginProgress(slice, surroundings)
        keep(progress, { ...run, delays: run.delays.filter(delay => delay !== delayMs) })
        const all = toolOf(run, progress)?.messages ?? []
        const due = fittingMessages(all, 'request-response-delayed', run.call)
        const variants = due.filter(message => message.delayMs === delayMs)
        const { picked, random } = pickVariant(variants, slice.random)
        progress.slice = { ...progress.slice, random }
        if (picked !== null) sayMessage(progress, run, { ...picked, endsCall: false })
        return outcomeOf(progress)
      }
      return undefined
    },

    'call.closing': slice => ({
      slice: { ...slice, running: [], answerDue: false },
      commands: slice.running.flatMap(({ workId, delays }) => [
        { type: 'cancel', workId } as const,
        ...delays.map(delay => ({ type: 'timer.clear', timerId: delayTimer(workId, delay) }) as const),
      ]),
    }),
  },
}

/** Goes on with the run of a name, if it is in that stage. */
function advance(
  slice: ToolsState,
  workId: string,
  stages: ToolsState['running'][number]['stage'] | readonly ToolsState['running'][number]['stage'][],
  surroundings: Surroundings,
  go: (progress: Progress, run: ToolsState['running'][number]) => void,
) {
  const run = slice.running.find(candidate => candidate.workId === workId)
  if (run === undefined || ![stages].flat().includes(run.stage)) return undefined
  const progress = beginProgress(slice, surroundings)
  go(progress, run)
  return outcomeOf(progress)
}

/** Times of what no speech of the customer asked for. */
function unasked({ atMs, others }: Surroundings): TurnTimes {
  return { turn: others.customer.turn, speechEndMs: null, turnEndedMs: atMs }
}

function hasOwnWords({ others }: Surroundings, turn: number): boolean {
  return others.speaking.queue.some(({ source, times }) => source === 'model' && times?.turn === turn)
}
