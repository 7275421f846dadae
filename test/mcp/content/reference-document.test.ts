import { brotliCompressSync, constants } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { apiDescription } from '../../../scripts/api-description.mjs'
import { type ApiDescription, fromOpenApi } from '../../../src/mcp/content/api-description.ts'
import { sdkNameOf } from '../../../src/mcp/content/operation-names.ts'
import { referencePages } from '../../../src/mcp/content/reference-pages.ts'
import { typeText } from '../../../src/mcp/content/reference-text.ts'
import { tidyDescription } from '../../../src/mcp/content/tidy-description.ts'
import type { Page } from '../../../src/mcp/index/page.ts'
import { documentAbsent, loadOpenApiDocument, type Schema } from '../../support/openapi/document.ts'
import { createStrictCheck } from '../../support/openapi/strict-schema.ts'

const document = loadOpenApiDocument()
const ifDocument = document === false ? ` (${documentAbsent})` : ''
const sdk = await apiDescription()

/** A field's line in the page of its type: what stands in its parentheses, by name. */
function linesOf(page: Page | undefined): Map<string, string> {
  const found = page?.text.matchAll(/^- `([^`]+)` \((.*?)\)(?:: .*)?$/gm) ?? []
  return new Map([...found].map(([, name = '', facts = '']) => [name, facts]))
}

function bodyIn(text: string): unknown {
  const quoted = /-d '([\s\S]*)'\n```/.exec(text)?.[1]
  return quoted === undefined ? undefined : JSON.parse(quoted.replaceAll(`'\\''`, "'"))
}

function brokenLinks(pages: readonly Page[]): string[] {
  const ids = new Set(pages.map(({ id }) => id))
  return pages.flatMap(({ id, text }) =>
    [...text.matchAll(/\]\((api\/[^)]*)\)/g)]
      .filter(([, to = '']) => !ids.has(to))
      .map(([, to]) => `${id} → ${to}`),
  )
}

const sources: [name: string, description: () => ApiDescription][] = [['of the SDK', () => sdk]]
if (document !== false) sources.push(['of the API’s document', () => fromOpenApi(document)])

describe.each(sources)('the reference %s', (_source, make) => {
  const description = make()
  const pages = referencePages(description)

  it('has a page for each operation, and no two of one id', () => {
    const titles = new Set(pages.map(({ title }) => title.split(' – ')[0]))
    const names = description.operations.map(({ method, path }) => `${method} ${path}`)
    expect(names.filter(name => !titles.has(name))).toEqual([])
    expect(new Set(pages.map(({ id }) => id)).size).toBe(pages.length)
  })

  it('has links that lead to its pages only', () => {
    expect(brokenLinks(pages)).toEqual([])
  })

  it('is small enough to be brought along', () => {
    const size = pages.reduce((sum, { text }) => sum + text.length, 0)
    expect(size).toBeLessThan(2_500_000)
    // The best quality, which the build takes, needs seconds.
    const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
    expect(brotliCompressSync(JSON.stringify(pages), { params }).length).toBeLessThan(450_000)
  })

  it('has the fields of what people send, two levels deep', () => {
    const text = (id: string) => pages.find(page => page.id === id)?.text ?? ''
    for (const [id, ...paths] of [
      ['api/post-assistant', 'startSpeakingPlan.waitSeconds', 'server.timeoutSeconds', 'model.temperature'],
      ['api/post-call', 'customer.number', 'assistantOverrides.variableValues', 'schedulePlan.earliestAt'],
      ['api/post-squad', 'members[].assistantId'],
      ['api/post-campaign', 'customers[].number', 'schedulePlan.earliestAt'],
      ['api/post-phone-number', 'fallbackDestination', 'twilioAccountSid'],
      ['api/post-tool', 'function.parameters', 'server.url', 'messages'],
    ] as const)
      for (const path of paths) expect(text(id), `${id} ${path}`).toContain(`\`${path}\``)
    expect(text('api/post-assistant')).toContain(
      '- `startSpeakingPlan.waitSeconds` (number, 0 to 5, default 0.4): This is',
    )
  })
})

describe.skipIf(document === false)(`the reference of the API’s document${ifDocument}`, () => {
  if (document === false) return
  const description = fromOpenApi(document)
  const pages = new Map(referencePages(description).map(page => [page.id, page]))
  const schemas = document.components?.schemas ?? {}

  it('has every method and path', () => {
    const known = new Set(description.operations.map(({ method, path }) => `${method} ${path}`))
    const asked = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(asked.filter(name => !known.has(name))).toEqual([])
    expect(asked.length).toBeGreaterThan(130)
  })

  it('documents every object that a body can hold, with each field, default and value', () => {
    const reached = new Set<string>()
    for (const methods of Object.values(document.paths))
      for (const { requestBody } of Object.values(methods)) reach(requestBody, schemas, reached)
    expect(reached.size).toBeGreaterThan(300)
    const faults: string[] = []
    for (const name of reached) {
      const { properties = {} } = schemas[name] ?? {}
      if (Object.keys(properties).length === 0) continue
      const lines = linesOf(pages.get(`api/types/${name}`))
      for (const [field, schema] of Object.entries(properties)) {
        const facts = lines.get(field)
        if (facts === undefined) faults.push(`${name}.${field} is missing`)
        else
          faults.push(
            ...missing(schema, facts, pages).map(fact => `${name}.${field} lacks ${fact}: ${facts}`),
          )
      }
    }
    expect(faults).toEqual([])
  })

  it('has examples that the API takes', () => {
    const check = createStrictCheck(document)
    const faults: string[] = []
    let bodies = 0
    for (const { method, path } of description.operations) {
      const page = [...pages.values()].find(({ title }) => title.startsWith(`${method} ${path} –`))
      const body = bodyIn(page?.text ?? '')
      const content = document.paths[path]?.[method.toLowerCase()]?.requestBody?.content
      const schema = content?.['application/json']?.schema
      if (schema === undefined) continue
      bodies++
      faults.push(...check(schema, body).map(fault => `${method} ${path}: ${JSON.stringify(fault)}`))
    }
    expect(bodies).toBeGreaterThan(40)
    expect(faults).toEqual([])
  })
})

/** Names of all schemas that are reached from a part of the document. */
function reach(node: unknown, schemas: Readonly<Record<string, Schema>>, reached: Set<string>): void {
  if (Array.isArray(node)) for (const item of node) reach(item, schemas, reached)
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return
  for (const [key, value] of Object.entries(node)) {
    if (key !== '$ref' || typeof value !== 'string') reach(value, schemas, reached)
    else {
      const name = value.slice('#/components/schemas/'.length)
      if (!reached.has(name)) {
        reached.add(name)
        reach(schemas[name], schemas, reached)
      }
    }
  }
}

/** What the document says of a field and its line does not. */
function missing(
  schema: Schema & { default?: unknown },
  facts: string,
  pages: ReadonlyMap<string, Page>,
): string[] {
  const said = (text: string) => {
    if (facts.includes(text)) return true
    const [, link = ''] = /\]\((api\/[^)]*)\)/.exec(facts) ?? []
    return pages.get(link)?.text.includes(text) === true
  }
  const wanted = (schema.enum ?? schema.items?.enum ?? []).map(value => `\`${JSON.stringify(value)}\``)
  if (schema.default !== undefined && schema.default !== null)
    wanted.push(`default ${JSON.stringify(schema.default).replace(/\s+/g, ' ').slice(0, 200)}`)
  if (schema.maximum !== undefined)
    wanted.push(` to ${schema.maximum}`.slice(schema.minimum === undefined ? 1 : 0))
  if (schema.nullable === true) wanted.push(' | null')
  return wanted.filter(text => !said(text))
}

/** Where the SDK departs from the API's document in what is there at all. */
const ONLY_IN_SDK = [
  'POST /assistant/background-sound/validate',
  'POST /eval/simulation/suite/{id}/duplicate',
]
const FIELDS_ONLY_IN_SDK = [
  'fallbacksonioxtranscriber.endpointlatencyadjustmentlevel',
  'fallbacksonioxtranscriber.endpointsensitivity',
  'sonioxtranscriber.endpointlatencyadjustmentlevel',
  'sonioxtranscriber.endpointsensitivity',
  'subscription.name',
  'transferdestinationassistant.name',
  'transferdestinationnumber.name',
  'transferdestinationsip.name',
  'vapiwebcalltransport.calltoken',
]
const FIELDS_ONLY_IN_DOCUMENT = ['subscription.slackchannelid', 'subscription.slacksupportenabled']

describe.skipIf(document === false)(`the SDK beside the API’s document${ifDocument}`, () => {
  if (document === false) return
  const official = fromOpenApi(document)
  const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`
  const fields = (description: ApiDescription) =>
    new Map(
      [...tidyDescription(description).types.values()].flatMap(({ name: owner, type }) =>
        type.kind === 'object'
          ? type.fields.map(field => [`${owner}.${field.name}`.toLowerCase(), { owner, field }] as const)
          : [],
      ),
    )
  const ours = fields(sdk)
  const theirs = fields(official)
  const owners = (list: typeof ours) => new Set([...list.values()].map(({ owner }) => owner.toLowerCase()))

  it('has the same operations, by the same names', () => {
    const known = new Map(sdk.operations.map(operation => [name(operation), operation]))
    for (const operation of official.operations)
      expect(sdkNameOf(operation), name(operation)).toBe(known.get(name(operation))?.sdk)
    const documented = new Set(official.operations.map(name))
    expect([...known.keys()].filter(operation => !documented.has(operation))).toEqual(ONLY_IN_SDK)
  })

  it('takes the same parameters and bodies', () => {
    const known = new Map(sdk.operations.map(operation => [name(operation), operation]))
    for (const operation of official.operations) {
      const other = known.get(name(operation))
      const namesOf = (list: readonly { name: string }[] = []) => list.map(field => field.name).sort()
      expect(namesOf(other?.pathParameters), name(operation)).toEqual(namesOf(operation.pathParameters))
      expect(namesOf(other?.queryParameters), name(operation)).toEqual(namesOf(operation.queryParameters))
      expect(other?.body?.format, name(operation)).toBe(operation.body?.format)
    }
  })

  it('has the same fields in types of the same name, but for those that are listed', () => {
    const [known, documented] = [owners(ours), owners(theirs)]
    const only = (one: typeof ours, other: typeof ours, both: ReadonlySet<string>) =>
      [...one.keys()].filter(path => !other.has(path) && both.has(path.split('.')[0] ?? '')).sort()
    expect(only(ours, theirs, documented)).toEqual(FIELDS_ONLY_IN_SDK)
    expect(only(theirs, ours, known)).toEqual(FIELDS_ONLY_IN_DOCUMENT)
  })

  it('allows the same values, and states no other defaults', () => {
    const faults: string[] = []
    for (const [path, { field }] of ours) {
      const other = theirs.get(path)?.field
      if (other === undefined) continue
      if (
        field.type.kind === 'choice' &&
        other.type.kind === 'choice' &&
        typeText(field.type) !== typeText(other.type)
      )
        faults.push(`${path}: ${typeText(field.type)} is ${typeText(other.type)}`)
      if (field.default !== null && other.default !== null && plain(field.default) !== plain(other.default))
        faults.push(`${path}: default ${field.default} is ${other.default}`)
    }
    expect(faults).toEqual([])
  })
})

/** A default without quotes and without what is explained behind it; numbers in one form. */
function plain(value: string): string {
  const bare = value.replace(/["'`]/g, '').replace(/ \(.*$/, '')
  return Number.isNaN(Number(bare)) ? bare : String(Number(bare))
}
