import type { Command } from '../../commands.ts'
import type { TurnTimes } from '../../facts.ts'
import { modelMessages, withExamples } from '../../messages.ts'
import { type Outcome, observe, type Surroundings } from '../../owner.ts'
import type { ModelMessage } from '../../ports/language-model.ts'
import type { ReplyState } from '../../state.ts'

/** Place of the model that the assistant which speaks uses now: the fast one in the first turns, if there is one. */
export function modelInUse({ plan, others }: Surroundings): number {
  const used = others.reply.models[others.squad.member] ?? 0
  const { fastTurns } = plan.model
  return fastTurns > 0 && others.customer.turn > fastTurns ? Math.max(1, used) : used
}

/** Name of one of its models. */
export function modelName({ plan }: Surroundings, place: number): string {
  return plan.model.models[place]?.name ?? 'none'
}

/** The conversation as the model of the assistant that speaks gets it. */
export function conversation({ plan, others }: Surroundings): ModelMessage[] {
  return withExamples(modelMessages(others.history), plan.model.examples)
}

/** Asks one of the assistant's models for the answer of this name. */
export function ask(
  slice: ReplyState,
  { replyId, times }: { replyId: string; times: TurnTimes },
  model: number,
  surroundings: Surroundings,
): Outcome<ReplyState> & { slice: ReplyState; commands: Command[] } {
  const { plan, atMs } = surroundings
  const workId = `model-${slice.nextWork}`
  const messages = conversation(surroundings)
  const active = { workId, replyId, model, text: '', times, requestedMs: atMs, firstTokenSeen: false }
  return {
    slice: { ...slice, nextWork: slice.nextWork + 1, active },
    commands: [
      observe(atMs, {
        type: 'model.requested',
        turn: times.turn,
        model: modelName(surroundings, model),
        messageCount: messages.length,
      }),
      { type: 'model.request', workId, model, messages, tools: plan.model.tools },
    ],
  }
}
