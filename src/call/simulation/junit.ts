/** One simulation file in a JUnit report. */
export interface JunitCase {
  name: string
  /** Length of the simulated call. */
  seconds: number
  /** Why it could not run, or null. */
  error: string | null
  failures: readonly string[]
}

/** Results as JUnit XML, one test case a file. */
export function renderJunit(cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ error, failures: lines }) => error === null && lines.length > 0).length
  const errors = cases.filter(({ error }) => error !== null).length
  const body = cases.map(renderCase).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="vapi call simulate" tests="${cases.length}" failures="${failures}" errors="${errors}">
${body}  </testsuite>
</testsuites>
`
}

function renderCase({ name, seconds, error, failures }: JunitCase): string {
  const open = `    <testcase name="${escapeXml(name)}" time="${seconds.toFixed(3)}"`
  if (error !== null) return `${open}>\n      <error message="${escapeXml(error)}"/>\n    </testcase>\n`
  if (failures.length === 0) return `${open}/>\n`
  const [first = ''] = failures
  return `${open}>\n      <failure message="${escapeXml(first)}">${escapeXml(failures.join('\n'))}</failure>\n    </testcase>\n`
}

/** Text for XML: the five special characters, and no control characters, which XML cannot hold. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  }
  return text
    .replace(/[&<>"']/g, character => entities[character] ?? character)
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
}
