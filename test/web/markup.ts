const VOID = new Set(['meta', 'link', 'br', 'hr', 'img', 'input'])
const RAW = new Set(['script', 'style'])
/** Elements that end an open paragraph when a browser reads them. */
const BLOCKS = new Set(
  'article details div dl figure footer h1 h2 h3 h4 header main ol p pre section table ul'.split(' '),
)
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  li: ['ol', 'ul'],
  dt: ['dl', 'div'],
  dd: ['dl', 'div'],
  tr: ['thead', 'tbody', 'tfoot'],
  td: ['tr'],
  th: ['tr'],
  summary: ['details'],
  rect: ['svg', 'a', 'g'],
}
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"<>]*")?)*)\s*(\/?)>/y
const ATTRIBUTE = /([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"]*)")?/g
const ENTITY = /&(amp|lt|gt|quot|#39);/y

/** What is wrong with a page's markup: stray signs, elements that are not closed or in the wrong place, doubled ids. */
export function markupProblems(page: string): string[] {
  const problems: string[] = []
  const open: string[] = []
  const ids = new Set<string>()
  const links: string[] = []
  let at = page.startsWith('<!DOCTYPE html>\n') ? 16 : 0
  if (at === 0) problems.push('no document type')
  while (at < page.length) {
    const sign = page[at]
    if (sign === '&') {
      ENTITY.lastIndex = at
      if (!ENTITY.test(page)) problems.push(`stray & in ${page.slice(at, at + 30)}`)
    }
    if (sign !== '<') {
      at++
      continue
    }
    TAG.lastIndex = at
    const tag = TAG.exec(page)
    if (tag === null) {
      problems.push(`stray < in ${page.slice(at, at + 60)}`)
      at++
      continue
    }
    at = TAG.lastIndex
    const [, slash, name = '', attributes = '', selfClosing] = tag
    if (slash === '/') {
      if (open.pop() !== name) problems.push(`</${name}> closes nothing`)
      continue
    }
    const seen = new Set<string>()
    for (const [, attribute = '', value = ''] of attributes.matchAll(ATTRIBUTE)) {
      if (seen.has(attribute)) problems.push(`${attribute} twice in <${name}>`)
      seen.add(attribute)
      if (attribute === 'style' || attribute.startsWith('on')) problems.push(`${attribute} in <${name}>`)
      if (attribute === 'href' && value.startsWith('#')) links.push(value.slice(1))
      if (/NaN|undefined|null|Infinity/.test(value) && attribute !== 'src')
        problems.push(`${attribute}="${value}"`)
      if (attribute !== 'id') continue
      if (ids.has(value)) problems.push(`id ${value} twice`)
      ids.add(value)
    }
    const parents = PARENTS[name]
    if (parents !== undefined && !parents.includes(open.at(-1) ?? ''))
      problems.push(`<${name}> in <${open.at(-1)}>`)
    if (BLOCKS.has(name) && open.includes('p')) problems.push(`<${name}> inside a paragraph`)
    if (name === 'a' && open.includes('a')) problems.push('a link inside a link')
    if (VOID.has(name)) continue
    if (selfClosing === '/') {
      if (!open.includes('svg')) problems.push(`<${name}/> outside of a drawing`)
      continue
    }
    if (RAW.has(name)) {
      const end = page.indexOf(`</${name}>`, at)
      if (end === -1) problems.push(`<${name}> is not closed`)
      else at = end
    }
    open.push(name)
  }
  if (open.length > 0) problems.push(`not closed: ${open.join(' ')}`)
  for (const link of links) if (!ids.has(link)) problems.push(`a link to #${link}, which is not there`)
  return problems
}
