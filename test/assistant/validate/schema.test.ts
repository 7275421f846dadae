import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { limitedDefinitions, limitOf } from '../../../src/assistant/validate/limits.ts'
import { loadSchema, resolveNode, schemaTypeAt } from '../../../src/assistant/validate/schema.ts'
import { checkShape } from '../../../src/assistant/validate/walk.ts'
import { packageFile } from '../../../src/package-root.ts'
import { type ApiSchema, readApiDocument, sample, seeded } from './api-document.ts'

const document = readApiDocument()
const assistant = await loadSchema('assistant.create')

/** Endpoint of the API's document → root of our schema. */
const endpoints: Record<string, string> = {
  'post /assistant': 'assistant.create',
  'patch /assistant/{id}': 'assistant.update',
  'post /squad': 'squad.create',
  'patch /squad/{id}': 'squad.update',
  'post /call': 'call.create',
  'patch /call/{id}': 'call.update',
  'post /chat': 'chat.create',
  'post /session': 'session.create',
  'patch /session/{id}': 'session.update',
  'post /phone-number': 'phone-number.create',
  'patch /phone-number/{id}': 'phone-number.update',
  'post /tool': 'tool.create',
  'patch /tool/{id}': 'tool.update',
  'patch /file/{id}': 'file.update',
  'post /v2/knowledge-base': 'knowledge-base.create',
  'patch /v2/knowledge-base/{id}': 'knowledge-base.update',
  'post /campaign': 'campaign.create',
  'patch /campaign/{id}': 'campaign.update',
  'post /structured-output': 'structured-output.create',
  'patch /structured-output/{id}': 'structured-output.update',
  'post /structured-output/run': 'structured-output.run',
  'post /observability/scorecard': 'scorecard.create',
  'patch /observability/scorecard/{id}': 'scorecard.update',
  'post /eval': 'eval.create',
  'patch /eval/{id}': 'eval.update',
  'post /eval/run': 'eval.run',
  'post /eval/simulation': 'simulation.create',
  'patch /eval/simulation/{id}': 'simulation.update',
  'post /eval/simulation/run': 'simulation.run',
  'post /eval/simulation/personality': 'personality.create',
  'patch /eval/simulation/personality/{id}': 'personality.update',
  'post /eval/simulation/scenario': 'scenario.create',
  'patch /eval/simulation/scenario/{id}': 'scenario.update',
  'post /eval/simulation/scenario/generate': 'scenario.generate',
  'post /eval/simulation/suite': 'suite.create',
  'patch /eval/simulation/suite/{id}': 'suite.update',
  'post /reporting/insight': 'insight.create',
  'patch /reporting/insight/{id}': 'insight.update',
  'post /reporting/insight/{id}/run': 'insight.run',
  'post /reporting/board': 'board.create',
  'patch /reporting/board/{id}': 'board.update',
  'post /analytics': 'analytics.query',
}

describe('the schema of the API', () => {
  it('is small on disk and has no prose in it', () => {
    expect(statSync(packageFile('dist', 'data', 'schema.json.br')).size).toBeLessThan(60_000)
    expect(JSON.stringify(assistant.definitions)).not.toContain('"description":"')
  })

  it('has no reference that leads nowhere', () => {
    const text = JSON.stringify(assistant.definitions)
    const targets = [...text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name]) => name ?? '')
    expect(targets.length).toBeGreaterThan(500)
    expect([...new Set(targets)].filter(name => assistant.definitions[name] === undefined)).toEqual([])
  })

  it('says which roots there are when asked for another', async () => {
    await expect(loadSchema('assistant.delete')).rejects.toThrow(/assistant\.create, assistant\.update/)
  })

  it.skipIf(document === null)(
    'takes what the API’s document allows, for every endpoint with a body',
    async () => {
      if (document === null) return
      const refused = new Set<string>()
      for (const [endpoint, root] of Object.entries(endpoints)) {
        const [method = '', path = ''] = endpoint.split(' ')
        const content = document.paths[path]?.[method]?.requestBody?.content ?? {}
        const schema = await loadSchema(root)
        for (let seed = 1; seed <= 25; seed++) {
          const body = sample(document, Object.values(content)[0]?.schema ?? {}, seeded(seed * 7919))
          for (const { level, path: place, message } of checkShape(body, schema))
            if (level === 'error') refused.add(`${root} ${place}: ${message}`)
        }
      }
      expect([...refused]).toEqual([])
    },
  )

  it.skipIf(document === null)('refuses bodies with a field that the API’s document does not have', () => {
    if (document === null) return
    const schema: ApiSchema = { $ref: '#/components/schemas/CreateAssistantDTO' }
    for (let seed = 1; seed <= 20; seed++) {
      const body = sample(document, schema, seeded(seed * 7919)) as Record<string, unknown>
      const codes = checkShape({ ...body, zzz: 1 }, assistant).map(({ code }) => code)
      expect(codes).toContain('unknown-field')
    }
  })
})

describe('the limits', () => {
  const rows = Object.entries(limitedDefinitions).flatMap(([definition, fields]) =>
    Object.entries(fields).map(([field, limit]) => ({ definition, field, limit })),
  )

  it('name definitions and fields that exist', () => {
    /** Taken by the API although its document has no such field (reference 4.1). */
    const undocumented = ['silenceTimeoutSeconds', 'customerJoinTimeoutSeconds']
    const missing = rows.filter(({ definition, field }) => {
      const fallback = assistant.definitions[definition] ?? assistant.definitions[`Fallback${definition}`]
      return fallback?.properties?.[field] === undefined && !undocumented.includes(field)
    })
    expect(missing.map(({ definition, field }) => `${definition}.${field}`)).toEqual([
      // One table serves the numbers of all providers; only Vapi's are chosen by area.
      'CreateTwilioPhoneNumberDto.numberDesiredAreaCode',
      'CreateVonagePhoneNumberDto.numberDesiredAreaCode',
      'CreateTelnyxPhoneNumberDto.numberDesiredAreaCode',
      'CreateByoPhoneNumberDto.numberDesiredAreaCode',
    ])
  })

  it.skipIf(document === null)('are those of the API’s document, where it states any', () => {
    if (document === null) return
    const schemas = new Map(
      Object.entries(document.components.schemas).map(([name, schema]) => [name.toLowerCase(), schema]),
    )
    const different: string[] = []
    let compared = 0
    for (const { definition, field, limit } of rows) {
      const stated = schemas.get(definition.toLowerCase())?.properties?.[field]
      const of = limit.each === undefined ? stated : stated?.items
      for (const key of ['minimum', 'maximum', 'minLength', 'maxLength'] as const) {
        if (of?.[key] === undefined) continue
        compared++
        const own = (limit.each ?? limit)[key]
        if (own !== of[key])
          different.push(`${definition}.${field} ${key}: ${own}, the document has ${of[key]}`)
      }
    }
    expect(different).toEqual([])
    expect(compared).toBeGreaterThan(180)
  })

  it.skipIf(document === null)(
    'leave out none that an assistant’s plans, voices and transcribers have',
    () => {
      if (document === null) return
      const names = new Map(Object.keys(assistant.definitions).map(name => [name.toLowerCase(), name]))
      const missing: string[] = []
      for (const [name, schema] of Object.entries(document.components.schemas)) {
        const own = names.get(name.toLowerCase())
        if (own === undefined || !/(Plan|Voice|Transcriber|Rule)$/.test(own)) continue
        for (const [field, { minimum, maximum }] of Object.entries(schema.properties ?? {})) {
          if ((minimum ?? maximum) !== undefined && limitOf(own, field) === undefined)
            missing.push(`${own}.${field}`)
        }
      }
      expect(missing).toEqual([])
    },
  )

  it('serve fallbacks and updates too, and models of every provider', () => {
    expect(limitOf('FallbackElevenLabsVoice', 'speed')).toEqual(limitOf('ElevenLabsVoice', 'speed'))
    expect(limitOf('UpdateAssistantDto', 'name')).toEqual({ maxLength: 40 })
    expect(limitOf('GroqModel', 'temperature')).toEqual({ minimum: 0, maximum: 2 })
    expect(limitOf('ElevenLabsVoice', 'toString')).toBeUndefined()
    expect(limitOf('constructor', 'name')).toBeUndefined()
  })
})

describe('the type of a path', () => {
  it.each([
    ['name', 'string'],
    ['maxDurationSeconds', 'number'],
    ['firstMessageInterruptionsEnabled', 'boolean'],
    ['model', 'object'],
    ['model.temperature', 'number'],
    ['model.messages', 'array'],
    ['model.messages[0].content', 'string'],
    ['model.tools[0].function.name', 'string'],
    ['voice.voiceId', 'string'],
    ['voice.stability', 'number'],
    ['metadata', 'object'],
    ['endCallPhrases[0]', 'string'],
    ['firstMessageMode', 'string'],
    // A switch or a word; a number or a text.
    ['startSpeakingPlan.smartEndpointingEnabled', undefined],
    ['voice.version', undefined],
    ['metadata.anything', undefined],
    ['nothing', undefined],
    ['name.further', undefined],
  ])('of %s is %s', (path, type) => expect(schemaTypeAt(assistant, path)).toBe(type))

  it('holds for other resources', async () => {
    expect(schemaTypeAt(await loadSchema('phone-number.update'), 'assistantId')).toBe('string')
    expect(schemaTypeAt(await loadSchema('campaign.create'), 'maxConcurrency')).toBe('number')
    expect(schemaTypeAt(await loadSchema('tool.create'), 'async')).toBe('boolean')
    expect(resolveNode((await loadSchema('assistant.update')).root, assistant.definitions).name).toBe(
      'UpdateAssistantDto',
    )
  })
})
