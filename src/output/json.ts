/**
 * YAML whose text cannot steer a terminal. The library quotes texts with control characters as JSON does and escapes
 * some of them.
 */
export async function yamlText(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return escapeControls(stringify(value))
}

/**
 * JSON whose text cannot steer a terminal. `JSON.stringify` escapes the control characters below U+0020 alone; DEL and
 * those from U+0080 on, which terminals obey too, are escaped here. The value stays the same.
 */
export function jsonText(value: unknown, indent?: number): string {
  return escapeControls(JSON.stringify(value ?? null, null, indent))
}

/** Escapes what `jsonText` escapes, in text that is JSON already. */
export function escapeControls(json: string): string {
  return json.replace(/[\u007f-\u009f]/g, control => `\\u00${control.charCodeAt(0).toString(16)}`)
}
