import type { ModelTool } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'

/** What becomes of checks that tools with `strict: true` may not have (API: OpenAIModel.toolStrictCompatibilityMode). */
export type StrictMode = 'strip-unsupported-validation' | 'strip-parameters-with-unsupported-validation'

/** Unsupported with `strict` by Azure OpenAI (page "Structured outputs", unsupported type-specific keywords). */
const UNSUPPORTED = new Set(
  'minLength maxLength pattern format minimum maximum multipleOf patternProperties unevaluatedProperties propertyNames minProperties maxProperties unevaluatedItems contains minContains maxContains minItems maxItems uniqueItems'.split(
    ' ',
  ),
)

/** The tools with parameters that a strict model takes; tools that are not strict stay as they are. */
export function strictTools(tools: readonly ModelTool[], mode: StrictMode): ModelTool[] {
  return tools.map(tool => {
    const { parameters, strict } = tool.function
    if (strict !== true || !isObject(parameters)) return tool
    return { ...tool, function: { ...tool.function, parameters: stripped(parameters, mode) } }
  })
}

/** Below these the names are those of the user, not keywords. */
const NAMED = new Set(['properties', '$defs', 'definitions'])
const VALUES = new Set(['enum', 'const', 'default', 'examples', 'required'])

function stripped(schema: Record<string, unknown>, mode: StrictMode): Record<string, unknown> {
  const result = Object.entries(schema)
    .filter(([keyword]) => !UNSUPPORTED.has(keyword))
    .map(([keyword, value]): [string, unknown] => {
      if (VALUES.has(keyword)) return [keyword, value]
      if (!NAMED.has(keyword) || !isObject(value)) return [keyword, strippedValue(value, mode)]
      const kept = Object.entries(value).filter(
        ([, property]) =>
          keyword !== 'properties' || mode === 'strip-unsupported-validation' || !isChecked(property),
      )
      return [
        keyword,
        Object.fromEntries(kept.map(([name, property]) => [name, strippedValue(property, mode)])),
      ]
    })
  const { properties, required, ...others } = Object.fromEntries(result)
  if (!isObject(properties)) return Object.fromEntries(result)
  return {
    ...others,
    properties,
    ...(Array.isArray(required) && { required: required.filter(name => name in properties) }),
  }
}

function strippedValue(value: unknown, mode: StrictMode): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => strippedValue(entry, mode))
  return isObject(value) ? stripped(value, mode) : value
}

/** The parameter itself has a check that is not supported. */
function isChecked(schema: unknown): boolean {
  return isObject(schema) && Object.keys(schema).some(keyword => UNSUPPORTED.has(keyword))
}
