import type { JsonObject } from './reply-findings.ts'

/**
 * What is wrong with arguments by a tool's JSON Schema, in words, each with its path. A schema that cannot be used is
 * said as well.
 */
export async function checkArguments(schema: JsonObject, values: unknown): Promise<string[]> {
  const [{ Ajv }, { default: formats }] = await Promise.all([import('ajv'), import('ajv-formats')])
  // Tools carry keywords of their own in their schemas (`value`, `title`).
  const ajv = new Ajv({ allErrors: true, strict: false, logger: false })
  // The package is CommonJS: bundled and unbundled it is found in different places.
  const addFormats =
    typeof formats === 'function' ? formats : (formats as { default: typeof formats }).default
  ;(addFormats as unknown as (target: typeof ajv) => void)(ajv)
  try {
    const validate = ajv.compile(schema as object)
    if (validate(values)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params, keyword }) => {
      const place = instancePath.slice(1).replaceAll('/', '.') || 'the arguments'
      const detail =
        keyword === 'additionalProperties'
          ? `: ${String(params.additionalProperty)}`
          : keyword === 'enum'
            ? ` (${JSON.stringify(params.allowedValues)})`
            : ''
      return `${place} ${message ?? 'is not right'}${detail}`
    })
  } catch (thrown) {
    return [
      `the schema of the arguments cannot be used: ${thrown instanceof Error ? thrown.message : thrown}`,
    ]
  }
}
