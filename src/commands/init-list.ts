import { FRAMEWORKS } from '../init/frameworks/table.ts'
import { allTemplates } from '../init/template/find.ts'
import { partsOf } from '../init/template/parts.ts'
import type { Output } from '../output/output.ts'

/** Every framework that is known: what can be added to it, and whether that was proven with the framework itself. */
export async function listFrameworks(output: Output): Promise<undefined> {
  const templates = await allTemplates()
  const rows = FRAMEWORKS.map(({ id, label, kind, language, variants = [] }) => {
    const own = templates.filter(({ framework }) => framework === id)
    const reasons = own.flatMap(({ unproven }) => (unproven === undefined ? [] : [unproven]))
    return {
      id,
      label,
      kind,
      language: language === 'script' ? ['typescript', 'javascript'] : [language],
      variants,
      parts: [...new Set(own.flatMap(template => partsOf(template)))],
      status: statusOf(own.length, reasons.length),
      ...(reasons.length > 0 && { unproven: reasons.join('; ') }),
    }
  })
  await output.list(
    rows,
    [
      { heading: 'ID', value: row => row.id },
      { heading: 'FRAMEWORK', value: row => row.label },
      { heading: 'KIND', value: row => row.kind },
      { heading: 'LANGUAGE', value: row => row.language.join(', ') },
      { heading: 'WHAT CAN BE ADDED', value: row => row.parts.join(', ') || 'nothing yet' },
      { heading: 'STATUS', value: row => row.status },
    ],
    row => row.id,
  )
  return undefined
}

/** `detected`: there is no template; `partly`: some of its variants were never built with the framework itself. */
function statusOf(templates: number, unproven: number): 'detected' | 'proven' | 'partly' | 'unproven' {
  if (templates === 0) return 'detected'
  if (unproven === 0) return 'proven'
  return unproven < templates ? 'partly' : 'unproven'
}
