import type { FormatPlan, Replacement } from '../plan.ts'
import type { TrackedText } from '../tracked-text.ts'

/** Applies the user's replacements in their order, to all but kept tags, as `String.prototype.replace` would. */
export function applyReplacements(text: TrackedText, plan: FormatPlan): TrackedText {
  return plan.replacements.reduce(applyReplacement, text)
}

function applyReplacement(text: TrackedText, replacement: Replacement): TrackedText {
  if (replacement.type === 'regex') {
    const { source, flags } = replacement.pattern
    const pattern = new RegExp(source, flags.includes('g') ? flags : `${flags}g`)
    return text.replaceEverywhere(pattern, match => expanded(replacement.value, match))
  }
  if (replacement.key === '') return text
  const searched = text.replaceableText
  const edits = []
  let from = searched.indexOf(replacement.key)
  while (from >= 0) {
    const to = from + replacement.key.length
    edits.push({ from, to, text: replacement.value, protection: 'done' as const })
    from = replacement.replaceAllEnabled ? searched.indexOf(replacement.key, to) : -1
  }
  return text.edit(edits)
}

/** The replacement text of a match, with the patterns of `String.prototype.replace` (ECMA-262 GetSubstitution). */
function expanded(value: string, match: RegExpExecArray): string {
  if (!value.includes('$')) return value
  return value.replace(/\$(?:([$&`'])|(\d\d?)|<([^>]*)>)/g, (whole, sign, number, name) => {
    if (sign === '$') return '$'
    if (sign === '&') return match[0]
    if (sign === '`') return match.input.slice(0, match.index)
    if (sign === "'") return match.input.slice(match.index + match[0].length)
    if (name !== undefined) return match.groups === undefined ? whole : (match.groups[name] ?? '')
    return numberedGroup(number, match) ?? whole
  })
}

/** `$12` is group 12 if there is one, else group 1 followed by a 2. */
function numberedGroup(number: string, match: RegExpExecArray): string | undefined {
  const isGroup = (digits: string) => Number(digits) >= 1 && Number(digits) < match.length
  if (isGroup(number)) return match[Number(number)] ?? ''
  if (number.length === 2 && isGroup(number[0])) return (match[Number(number[0])] ?? '') + number[1]
  return undefined
}
