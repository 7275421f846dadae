// Makes dist/data/schema.json.br: one JSON Schema of everything that the API takes, from the types of the official SDK
// (a development dependency). Roots are the bodies of the endpoints; their names are those of `loadSchema`.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { mergeEqualDefinitions } from './schema-merge.mjs'

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))
const sdk = join(modules, '@vapi-ai/server-sdk')

/** Root → type of the SDK. Fields of the path and the query, which the SDK mixes into the body, are taken out below. */
const roots = {
  'assistant.create': 'CreateAssistantDto',
  'assistant.update': 'UpdateAssistantDto',
  'assistant.overrides': 'AssistantOverrides',
  'squad.create': 'CreateSquadDto',
  'squad.update': 'UpdateSquadDto',
  'call.create': 'CreateCallDto',
  'call.update': 'UpdateCallDto',
  'chat.create': 'CreateChatDto',
  'chat.respond': 'OpenAiResponsesRequest',
  'session.create': 'CreateSessionDto',
  'session.update': 'UpdateSessionDto',
  'phone-number.create': 'CreatePhoneNumbersRequest',
  'phone-number.update': 'UpdatePhoneNumbersRequestBody',
  'tool.create': 'CreateToolsRequest',
  'tool.update': 'UpdateToolsRequestBody',
  'file.update': 'UpdateFileDto',
  'knowledge-base.create': 'CreateKnowledgeBaseV2Dto',
  'knowledge-base.update': 'UpdateKnowledgeBaseV2Dto',
  'campaign.create': 'CreateCampaignDto',
  'campaign.update': 'UpdateCampaignDto',
  'structured-output.create': 'CreateStructuredOutputDto',
  'structured-output.update': 'UpdateStructuredOutputDto',
  'structured-output.run': 'StructuredOutputRunDto',
  'scorecard.create': 'CreateScorecardDto',
  'scorecard.update': 'UpdateScorecardDto',
  'eval.create': 'CreateEvalDto',
  'eval.update': 'UpdateEvalDto',
  'eval.run': 'CreateEvalRunDto',
  'simulation.create': 'CreateSimulationDto',
  'simulation.update': 'UpdateSimulationDto',
  'simulation.run': 'CreateSimulationRunDto',
  'personality.create': 'CreatePersonalityDto',
  'personality.update': 'UpdatePersonalityDto',
  'scenario.create': 'CreateScenarioDto',
  'scenario.update': 'UpdateScenarioDto',
  'scenario.generate': 'GenerateScenariosDto',
  'suite.create': 'CreateSimulationSuiteDto',
  'suite.update': 'UpdateSimulationSuiteDto',
  'insight.create': 'InsightControllerCreateRequest',
  'insight.update': 'InsightControllerUpdateRequestBody',
  'insight.preview': 'InsightControllerPreviewRequest',
  'insight.run': 'InsightRunDto',
  'board.create': 'CreateBoardDto',
  'board.update': 'UpdateBoardDto',
  'analytics.query': 'AnalyticsQueryDto',
  'credential.create': 'CreateAssistantDtoCredentialsItem',
  'workflow.create': 'CreateWorkflowDto',
  'workflow.update': 'UpdateWorkflowDto',
}

/** Types that no root reaches; `corrections` refer to them. */
const further = ['UpdateCodeToolDto']

/** Parts of the path and the query among the fields of these types. */
const notInBody = ['id', 'schemaOverride']

/**
 * Where the SDK's types are narrower or vaguer than what the API takes (reference: vapi-api.md; a test compares with the
 * API's document).
 */
export const corrections = {
  /** Definition → property → its schema. */
  properties: {
    AudioFormat: { format: { enum: ['pcm_s16le', 'mulaw'] } },
    BackoffPlan: { type: { enum: ['fixed', 'exponential'] } },
    CallHookCustomerSpeechTimeout: { on: { type: 'string', pattern: '^customer\\.speech\\.timeout' } },
    TransferPlan: { sipVerb: { enum: ['refer', 'bye', 'dial'] } },
  },
  /** Further values of a list. */
  values: {
    CerebrasModelModel: ['llama-3.3-70b'],
    DeepgramTranscriberLanguage:
      `ar az ba be bn br bs en-CA en-IE eu fa ha haw he hr is jw kn ln mk mr pt-PT sl sn so sr su te tl tt ur yo
      zh-HK`.split(/\s+/),
    TransferMode: ['swap-system-message-in-history-and-remove-transfer-tool-messages', 'delete-history'],
    VapiVoiceVersion: [1, 2],
  },
  /** Lists beside which any other text is taken. */
  open: ['DeepgramTranscriberModel'],
  /** Members that a union lacks. */
  members: {
    CreateToolsRequest: 'AssistantOverridesToolsAppendItem.Code',
    UpdateToolsRequestBody: 'UpdateCodeToolDto',
  },
  /** Left over from the API's document; no such field exists. */
  surplus: { 'FallbackPlanVoicesItem.Azure': 'oneOf' },
}

/** Writes schema.json.br into `folder`, from the cache where neither the SDK nor these scripts have changed. */
export async function writeSchema(folder) {
  const cached = join(modules, '.cache', 'vapi-schema', `${await fingerprint()}.br`)
  const packed = await readFile(cached).catch(() => null)
  if (packed !== null) return writeFile(join(folder, 'schema.json.br'), packed)
  const made = brotliCompressSync(JSON.stringify(await makeSchema()), {
    params: { [constants.BROTLI_PARAM_LGWIN]: 22 },
  })
  await mkdir(join(cached, '..'), { recursive: true })
  // Builds may run side by side: what is in the cache is always whole.
  await writeFile(`${cached}.${process.pid}`, made)
  await rename(`${cached}.${process.pid}`, cached)
  await writeFile(join(folder, 'schema.json.br'), made)
}

async function fingerprint() {
  const hash = createHash('sha256')
  for (const file of [
    join(sdk, 'package.json'),
    join(modules, 'ts-json-schema-generator', 'package.json'),
    fileURLToPath(import.meta.url),
    fileURLToPath(new URL('schema-merge.mjs', import.meta.url)),
  ]) {
    hash.update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 16)
}

/** The schema as an object: { roots: { name: { $ref } }, definitions }. */
export async function makeSchema() {
  const { createGenerator } = createRequire(import.meta.url)('ts-json-schema-generator')
  const folder = join(modules, '.cache', 'vapi-schema', `work-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'roots.ts')
  const tsconfig = join(folder, 'tsconfig.json')
  const members = [...Object.entries(roots), ...further.map(type => [`further.${type}`, type])].map(
    ([name, type]) => `  '${name}': Vapi.${type}`,
  )
  await writeFile(
    path,
    `import type { Vapi } from '${join(sdk, 'dist/cjs/index.js')}'\nexport interface Roots {\n${members.join('\n')}\n}\n`,
  )
  const compilerOptions = { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true, types: [] }
  await writeFile(tsconfig, JSON.stringify({ compilerOptions: { ...compilerOptions, strict: true } }))
  const generator = createGenerator({
    path,
    tsconfig,
    type: 'Roots',
    expose: 'all',
    jsDoc: 'none',
    skipTypeCheck: true,
    additionalProperties: false,
    sortProps: false,
  })
  const { definitions } = generator.createSchema('Roots')
  await rm(folder, { recursive: true })
  const { Roots, ...rest } = definitions
  for (const type of further) delete Roots.properties[`further.${type}`]
  for (const reference of Object.values(Roots.properties)) takeOut(rest[nameOf(reference.$ref)], notInBody)
  correct(rest)
  for (const definition of Object.values(rest)) strip(definition)
  for (const definition of Object.values(rest)) inlineConstants(definition, rest)
  const merged = mergeEqualDefinitions(rest, Roots.properties, await memberNames())
  for (const definition of Object.values(merged.definitions)) markUnions(definition, merged.definitions)
  return { format: 1, roots: merged.roots, definitions: merged.definitions }
}

function nameOf(reference) {
  return decodeURIComponent(reference.slice('#/definitions/'.length))
}

function takeOut(definition, fields) {
  for (const field of fields) delete definition.properties?.[field]
  const required = definition.required?.filter(field => !fields.includes(field))
  if (required?.length === 0) delete definition.required
  else if (required !== undefined) definition.required = required
}

function correct(definitions) {
  const find = (name, field) => {
    const found = field === undefined ? definitions[name] : definitions[name]?.properties?.[field]
    if (found === undefined)
      throw new Error(`${name} ${field ?? ''} is not in the SDK: mend the corrections in scripts/schema.mjs`)
    return definitions[name]
  }
  for (const [name, properties] of Object.entries(corrections.properties)) {
    for (const [property, schema] of Object.entries(properties))
      find(name, property).properties[property] = schema
  }
  for (const [name, values] of Object.entries(corrections.values)) {
    const definition = find(name)
    definition.enum = [...new Set([...(definition.enum ?? [definition.const]), ...values])]
    delete definition.const
    delete definition.type
  }
  for (const name of corrections.open) definitions[name] = { anyOf: [find(name), { type: 'string' }] }
  for (const [union, member] of Object.entries(corrections.members)) {
    find(member)
    find(union).anyOf.push({ $ref: `#/definitions/${member}` })
  }
  for (const [name, property] of Object.entries(corrections.surplus))
    delete find(name, property).properties[property]
}

/** Keeps what a check needs: no defaults (many are prose), no types beside constants. */
function strip(node) {
  if (Array.isArray(node)) return node.forEach(strip)
  if (typeof node !== 'object' || node === null) return
  delete node.default
  delete node.minimum
  delete node.maximum
  if (node.const !== undefined || (Array.isArray(node.enum) && typeof node.type === 'string'))
    delete node.type
  if (Array.isArray(node.enum) && node.enum.length === 1) {
    node.const = node.enum[0]
    delete node.enum
  }
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') Object.values(value).forEach(strip)
    else if (key !== 'enum' && key !== 'const' && key !== 'required') strip(value)
  }
}

/** Puts constants in the place of references to them. */
function inlineConstants(node, definitions) {
  if (typeof node !== 'object' || node === null) return
  for (const [key, value] of Object.entries(node)) {
    const target = typeof value?.$ref === 'string' ? definitions[nameOf(value.$ref)] : undefined
    if (target?.const !== undefined) node[key] = { const: target.const }
    else inlineConstants(value, definitions)
  }
}

/**
 * What the members of unions are called in the API's own document: `CreateAssistantDtoVoice.Azure` extends AzureVoice.
 */
async function memberNames() {
  const names = new Map()
  const folders = [join(sdk, 'dist/cjs/api/types')]
  for (const resource of await readdir(join(sdk, 'dist/cjs/api/resources')))
    folders.push(join(sdk, 'dist/cjs/api/resources', resource, 'types'))
  for (const folder of folders) {
    for (const file of await readdir(folder).catch(() => [])) {
      if (!file.endsWith('.d.ts')) continue
      const text = await readFile(join(folder, file), 'utf8')
      for (const [, member, base] of text.matchAll(/interface (\w+) extends Vapi\.(\w+) \{/g))
        names.set(`${file.slice(0, -'.d.ts'.length)}.${member}`, base)
    }
  }
  return names
}

/** Names the property that tells the members of a union apart, where there is one. */
function markUnions(node, definitions) {
  if (Array.isArray(node)) {
    for (const item of node) markUnions(item, definitions)
    return
  }
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node.anyOf)) {
    const objects = node.anyOf
      .map(branch => resolve(branch, definitions))
      .filter(({ properties }) => properties)
    const property =
      objects.length > 1 && ['provider', 'type', 'on', 'role'].find(isTag(objects, definitions))
    if (property) node.discriminator = { propertyName: property }
  }
  for (const value of Object.values(node)) markUnions(value, definitions)
}

function isTag(objects, definitions) {
  return property =>
    objects.every(({ properties }) => {
      const schema = properties[property] && resolve(properties[property], definitions)
      return schema && (schema.const ?? schema.enum ?? schema.pattern) !== undefined
    })
}

function resolve(schema, definitions) {
  return schema.$ref === undefined ? schema : resolve(definitions[nameOf(schema.$ref)], definitions)
}
