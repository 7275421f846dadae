import type { Json } from '../../overrides.ts'
import { membersOf, resolveNode, type Schema, schemasAt } from '../schema.ts'
import { objectAt, type Place, type Rule, type Tell, transcribersOf, valueAt, voicesOf } from './rule.ts'

const realtimeVoices = ['alloy', 'echo', 'shimmer', 'marin', 'cedar']
const notRealtimeVoices = ['ash', 'ballad', 'coral', 'fable', 'onyx', 'nova']
const phonemeModels = ['eleven_turbo_v2', 'eleven_flash_v2']

/** Models, voices and transcribers that do not go together (reference: vapi-api.md 4.7 and 5). */
export const providerRules: readonly Rule[] = [
  {
    code: 'foreign-voice',
    check({ assistant, schema }, tell) {
      for (const place of voicesOf(assistant)) checkOwner(schema, place, 'voice', 'voiceId', tell)
    },
  },
  {
    code: 'foreign-model',
    check({ assistant, schema }, tell) {
      const model = objectAt(assistant, 'model')
      if (model !== null) checkOwner(schema, { value: model, at: ['model'] }, 'model', 'model', tell)
      for (const place of voicesOf(assistant)) checkOwner(schema, place, 'voice', 'model', tell)
      for (const place of transcribersOf(assistant)) checkOwner(schema, place, 'transcriber', 'model', tell)
    },
  },
  {
    code: 'realtime-voice',
    check({ assistant }, tell) {
      const model = valueAt(assistant, 'model', 'model')
      if (valueAt(assistant, 'model', 'provider') !== 'openai' || !/realtime/.test(String(model))) return
      const voice = objectAt(assistant, 'voice')
      if (voice === null) return
      const choices = `one of ${realtimeVoices.join(', ')}`
      if (voice.provider !== 'openai')
        tell(
          'warning',
          ['voice', 'provider'],
          `${model} speaks itself, with voices of openai`,
          'provider: openai',
        )
      else if (notRealtimeVoices.includes(String(voice.voiceId)))
        tell('error', ['voice', 'voiceId'], `${model} has no voice ${voice.voiceId}`, choices)
    },
  },
  {
    code: 'elevenlabs-setting',
    check({ assistant }, tell) {
      for (const { value: voice, at } of voicesOf(assistant)) {
        if (voice.provider !== '11labs') continue
        const model = String(voice.model ?? 'eleven_turbo_v2')
        if (voice.language !== undefined && model !== 'eleven_turbo_v2_5')
          tell(
            'warning',
            [...at, 'language'],
            `${model} does not take a language`,
            'model: eleven_turbo_v2_5',
          )
        if (voice.pronunciationDictionaryLocators !== undefined && !phonemeModels.includes(model))
          tell(
            'warning',
            [...at, 'pronunciationDictionaryLocators'],
            `phoneme rules have no effect with ${model}; alias rules have`,
            `model: ${phonemeModels.join(' or ')}`,
          )
      }
    },
  },
  {
    code: 'chunking-off',
    check({ assistant }, tell) {
      for (const { value: voice, at } of voicesOf(assistant)) {
        const chunks = objectAt(voice, 'chunkPlan')
        if (chunks?.enabled === false && chunks.formatPlan !== undefined)
          tell(
            'warning',
            [...at, 'chunkPlan', 'formatPlan'],
            'nothing is formatted while chunkPlan.enabled is false',
          )
      }
    },
  },
  {
    code: 'transcriber-setting',
    check({ assistant }, tell) {
      for (const { value, at } of transcribersOf(assistant)) {
        for (const { provider, fields, fits, needs } of transcriberSettings) {
          if (value.provider !== provider || fits(value)) continue
          for (const field of fields) {
            if (value[field] !== undefined) tell('warning', [...at, field], `it is used only with ${needs}`)
          }
        }
        if (value.provider === 'gladia' && value.languageBehaviour === 'manual' && noLanguage(value))
          tell('error', [...at, 'languageBehaviour'], 'manual needs language or languages')
      }
    },
  },
]

const transcriberSettings: readonly {
  provider: string
  fields: readonly string[]
  fits(transcriber: Json): boolean
  needs: string
}[] = [
  {
    provider: 'deepgram',
    fields: ['eotThreshold', 'eotTimeoutMs'],
    fits: ({ model }) => /^flux/.test(String(model)),
    needs: 'a Flux model (flux-general-en, flux-general-multi)',
  },
  {
    provider: 'deepgram',
    fields: ['languages'],
    fits: ({ model }) => model === 'flux-general-multi',
    needs: 'flux-general-multi',
  },
  {
    provider: 'assembly-ai',
    fields: ['mode', 'prompt', 'agentContext', 'languageCodes'],
    fits: ({ speechModel }) => speechModel === 'universal-3-5-pro',
    needs: 'speechModel: universal-3-5-pro',
  },
  {
    provider: 'assembly-ai',
    fields: ['keytermsPrompt'],
    fits: ({ speechModel }) => speechModel !== 'universal-streaming-multilingual',
    needs: 'universal-streaming-english or universal-3-5-pro',
  },
]

function noLanguage({ language, languages }: Json): boolean {
  return language === undefined && !(Array.isArray(languages) && languages.length > 0)
}

/** Tells of a value that only other providers list, as far as the schema lists values at all. */
function checkOwner(
  schema: Schema,
  { value, at }: Place<Json>,
  kind: 'voice' | 'model' | 'transcriber',
  field: string,
  tell: Tell,
): void {
  const wanted = value[field]
  const provider = value.provider
  if (typeof wanted !== 'string' || typeof provider !== 'string') return
  const owners = ownersOf(schema, kind, field)
  const own = owners.get(provider)
  if (own === undefined || own.values.has(wanted)) return
  const others = [...owners].filter(([, { values }]) => values.has(wanted)).map(([name]) => name)
  if (others.length === 0) return
  const [what, closed] = [field === 'voiceId' ? 'voice' : 'model', own.closed]
  // A provider without a list of its own may well have one of the same name.
  if (!closed && own.values.size === 0) return
  tell(
    closed ? 'error' : 'warning',
    [...at, field],
    `${wanted} is a ${what} of ${others.join(', ')}, not of ${provider}`,
    `provider: ${others[0]}`,
  )
}

/** The values of a field that the schema lists for each provider; closed where no other value is taken. */
function ownersOf(schema: Schema, kind: string, field: string) {
  const owners = new Map<string, { values: Set<unknown>; closed: boolean }>()
  for (const member of schemasAt(schema, [kind])) {
    const provider = resolveNode(member.properties?.provider ?? {}, schema.definitions).node.const
    const property = member.properties?.[field]
    if (typeof provider !== 'string' || property === undefined) continue
    const options = membersOf(property, schema.definitions).map(({ node }) => node)
    owners.set(provider, {
      values: new Set(
        options.flatMap(({ enum: values, const: only }) => values ?? (only === undefined ? [] : [only])),
      ),
      closed: options.every(({ enum: values, const: only }) => values !== undefined || only !== undefined),
    })
  }
  return owners
}
