import { loadPrices } from '../call/costs/prices.ts'
import { parseScenario, type Scenario } from '../call/scenario.ts'
import { simulate } from '../call/simulation/simulate.ts'
import type { Context } from '../cli/context.ts'
import { Exit, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { textOfReply } from '../trigger/script.ts'
import type { SimulateStory, StoryAnswer } from '../trigger/story.ts'
import { storedLoader } from './call-options.ts'

type ScriptedTool = NonNullable<Scenario['tools']>[string]

export interface Story {
  simulate: SimulateStory
  /** What the simulation does not know of the call. */
  call: Record<string, unknown>
}

/**
 * Reads a story: a simulation file. Its assistant’s messages go to `url`, whatever its server is; what the target
 * answers to its tools takes the place of what is scripted. Throws VapiError.
 */
export function readStory(document: unknown, path: string, url: string, context: Context): Story {
  const scenario = parseScenario(document, path)
  const { customer, phoneNumber } = scenario
  const isByPhone = isObject(customer) && typeof customer.number === 'string'
  const id = isObject(phoneNumber) && typeof phoneNumber.id === 'string' ? phoneNumber.id : undefined
  return {
    simulate: async (answers, epochMs) => {
      const outcome = await simulate(withAnswers(scenario, answers, url), path, {
        semantics: 'documentation',
        variables: {},
        epochMs,
        seed: 1,
        loadStored: storedLoader(context),
        clientMessages: true,
        prices: await loadPrices(null, context.env),
      })
      const { failure } = outcome.result
      if (failure !== null)
        throw new VapiError({
          code: failure.code,
          message: `${path}: the call breaks: ${failure.message}`,
          exit: Exit.usage,
          hint: `vapi call simulate ${path} shows it`,
        })
      return outcome.messages.map(message => ({ ...message, body: asConfigured(message.body) }))
    },
    call: {
      ...(isByPhone && { type: 'inboundPhoneCall', phoneCallTransport: 'pstn' }),
      ...(id !== undefined && { phoneNumberId: id }),
    },
  }
}

/** So that the client is told of every call of a tool; servers are told by what runs the tool. */
const CLIENT_MESSAGES = ['tool-calls']

/** The message without what was set for the simulation alone. */
function asConfigured(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!isObject(body.assistant)) return body
  const { clientMessages: _clientMessages, ...assistant } = body.assistant
  return { ...body, assistant }
}

function withAnswers(scenario: Scenario, answers: readonly StoryAnswer[], url: string): Scenario {
  const overrides = { server: { url }, clientMessages: CLIENT_MESSAGES }
  return {
    ...scenario,
    assistantOverrides: { ...scenario.assistantOverrides, ...overrides },
    squadOverrides: { ...scenario.squadOverrides, ...overrides },
    tools: answeredTools(scenario.tools ?? {}, answers),
    ...(scenario.model !== undefined && {
      model: scenario.model.map(line =>
        line.reply === undefined ? line : { ...line, reply: filled(line.reply, scenario, answers) },
      ),
    }),
  }
}

/** A tool that is called twice answers twice: each look at its name takes the next answer, then what is scripted. */
function answeredTools(
  scripted: NonNullable<Scenario['tools']>,
  answers: readonly StoryAnswer[],
): NonNullable<Scenario['tools']> {
  const tools: NonNullable<Scenario['tools']> = { ...scripted }
  for (const name of new Set(answers.map(answer => answer.name))) {
    const waiting = answers.filter(answer => answer.name === name).map(scriptedAnswer)
    Object.defineProperty(tools, name, {
      enumerable: true,
      get: () => waiting.shift() ?? scripted[name],
    })
  }
  return tools
}

function scriptedAnswer({ reply, tookMs }: StoryAnswer): ScriptedTool {
  const message = reply.message === undefined ? {} : { message: { ...reply.message } }
  const outcome = reply.type === 'result' ? { result: reply.result } : { error: textOfReply(reply) }
  return { ...outcome, ...message, afterMs: Math.round(tookMs) }
}

/** `{{tools.NAME}}` in what the model says: the latest answer, else what is scripted. */
function filled(text: string, { tools }: Scenario, answers: readonly StoryAnswer[]): string {
  return text.replace(/\{\{\s*tools\.([\w-]+)\s*\}\}/g, (_, name: string) => {
    const answer = answers.findLast(each => each.name === name)
    if (answer !== undefined)
      return answer.reply.type === 'result' ? answer.reply.result : 'I am sorry, that did not work'
    const { result = '' } = tools?.[name] ?? {}
    return typeof result === 'string' ? result : JSON.stringify(result)
  })
}
