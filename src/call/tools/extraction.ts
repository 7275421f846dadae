import type { Json } from '../../assistant/overrides.ts'
import { createRenderer } from '../../assistant/variables.ts'
import type { ToolOutcome, ToolRunner } from '../../engine/ports/tool-runner.ts'
import { isObject } from '../../is-object.ts'
import { extractVariables, type MakeRender } from '../../messages/api-request.ts'

/**
 * Takes variables out of the results of tools (API: variableExtractionPlan). Of a hand-over, the arguments are taken: the model
 * was asked for them along with the destination.
 */
export function withExtraction(runner: ToolRunner, epochMs: number): ToolRunner {
  const makeRender: MakeRender = (texts, variables) => createRenderer(texts, { ...variables }, epochMs)
  return {
    async run(request, signal) {
      const outcome = await runner.run(request, signal)
      const { definition, call, variables = {} } = request
      if (outcome.type === 'error' || outcome.type === 'client') return outcome
      if (definition.type === 'handoff') {
        const { destination, ...given } = call.arguments
        return taken(
          outcome,
          await fromArguments(given, planOf(definition, destination), variables, makeRender),
        )
      }
      if (outcome.type !== 'result') return outcome
      const reply = outcome.reply ?? { body: outcome.result, headers: {} }
      const extraction = await extractVariables(definition.variableExtractionPlan, reply, (texts, scope) =>
        makeRender(texts, { ...variables, ...scope }),
      )
      if (extraction === null) return outcome
      const warnings = extraction.findings.map(
        ({ path, message }) => `variableExtractionPlan${path === '' ? '' : `.${path}`}: ${message}`,
      )
      return taken(outcome, { variables: extraction.variables, warnings })
    },
  }
}

function taken(outcome: ToolOutcome, found: { variables: Json; warnings: string[] }): ToolOutcome {
  return {
    ...outcome,
    ...(Object.keys(found.variables).length > 0 && {
      variables: { ...outcome.variables, ...found.variables },
    }),
    warnings: [...(outcome.warnings ?? []), ...found.warnings],
  }
}

/** The extraction plan of the destination that the model chose, else of the only one. */
function planOf(definition: Readonly<Record<string, unknown>>, name: unknown): Json {
  const destinations = Array.isArray(definition.destinations) ? definition.destinations.filter(isObject) : []
  const chosen =
    destinations.find(({ assistantName, assistantId }) => [assistantName, assistantId].includes(name)) ??
    (destinations.length === 1 ? destinations[0] : undefined)
  return isObject(chosen?.variableExtractionPlan) ? chosen.variableExtractionPlan : {}
}

async function fromArguments(
  given: Json,
  plan: Json,
  variables: Readonly<Json>,
  makeRender: MakeRender,
): Promise<{ variables: Json; warnings: string[] }> {
  const found: Json = { ...given }
  const warnings: string[] = []
  const aliases = Array.isArray(plan.aliases) ? plan.aliases.filter(isObject) : []
  for (const { key, value } of aliases) {
    const render = await makeRender([String(value)], { ...variables, ...found })
    try {
      found[String(key)] = render(String(value), `aliases.${String(key)}`)
    } catch {
      warnings.push(`variableExtractionPlan.aliases.${String(key)}: its template cannot be rendered`)
    }
  }
  return { variables: found, warnings }
}
