import type { CompiledAssistant } from '../../../assistant/compile.ts'
import type { Json } from '../../../assistant/overrides.ts'
import type { Clock } from '../../../engine/ports/clock.ts'
import { asVapiError } from '../../../errors.ts'
import { isObject } from '../../../is-object.ts'
import type { HttpClient } from '../../../net/http.ts'
import { maskUrl } from '../../../net/trace.ts'
import type { FliteEngine } from '../../../providers/embedded/flite-engine.ts'
import { findModelProvider } from '../../../providers/models/table.ts'
import { resolveModelAccess } from '../../../providers/models/vendor.ts'
import type { Proof } from '../../../providers/proof.ts'
import { TRANSCRIBERS } from '../../../providers/transcribers/table.ts'
import { findVendor, resolveAccess, type Vendor } from '../../../providers/vendors.ts'
import { VOICES } from '../../../providers/voices/table.ts'
import type { PriceTable } from '../../costs/prices.ts'
import { isLocalTranscriber, isLoopback } from '../parts/choices.ts'
import type { CallKeys } from '../parts/keys.ts'
import { createModel } from '../parts/models.ts'
import { createTranscriber } from '../parts/transcribers.ts'
import { createVoice } from '../parts/voices.ts'
import { pricePerMinute } from './price.ts'
import type { CheckedPart, Problem } from './types.ts'

export interface PartSurroundings {
  /** Place of the assistant in the call. */
  member: number
  http: HttpClient
  flite: FliteEngine
  clock: Clock
  keys: CallKeys
  prices: PriceTable
  /** Told what the user should know before the call. */
  warn: (message: string) => void
}

/** A part as its row has it, and what is needed to ask its vendor about the key. */
export interface FoundPart {
  part: CheckedPart
  vendor: Vendor | null
  /** `assistant` of the part: whose credentials count. */
  configuration: Json
  /** In place of the vendor's usual address. */
  address: string | undefined
}

/** What is known of a provider before anything is made of it. */
interface Row {
  vendor: Vendor | null
  proof: Proof | null
  typicalMs: number | null
  address: () => string | null
  /** The user's own server, at `server` of the configuration. */
  isServer: boolean
  modelUrl?: string
}

/** What runs inside this program or as a program of this machine. */
const ON_THIS_MACHINE = new Set(['local', 'pocketsphinx', 'sherpa-onnx', 'embedded', 'silent'])

const HERE: Row = { vendor: null, proof: null, typicalMs: null, address: () => null, isServer: false }

/** Run by what is installed beside this program; sherpa-onnx was never tried with a real model (recognisers/sherpa.ts). */
function hereRow(engine: string): Row {
  return engine.startsWith('sherpa-onnx') ? { ...HERE, proof: { by: 'nothing' } } : HERE
}

/** The transcribers of an assistant, each made as the call would make it. */
export function checkTranscribers(
  compiled: CompiledAssistant,
  surroundings: PartSurroundings,
): Promise<FoundPart[]> {
  const { http, keys, warn } = surroundings
  const { transcribers, plan, configuration } = compiled
  const env = keys.environmentOf(configuration)
  const endsTurns = plan.endpointing.method.type === 'transcriber'
  return Promise.all(
    transcribers.map(async (settings, place) => {
      const { provider: id, model, configured } = settings
      const name = plan.transcribers[place]?.name ?? id
      let engine: string | null = null
      const problem = await fault(async () => {
        const made = await createTranscriber(name, place, settings, endsTurns, configuration, {
          http,
          env,
          warn,
        })
        if (isLocalTranscriber(id)) engine = made.name
      })
      const row = TRANSCRIBERS.find(known => known.id === id)
      const vendor = row === undefined ? null : (row.vendor ?? findVendor(id) ?? null)
      return describe(compiled, surroundings, {
        stage: 'transcriber',
        role: place === 0 ? 'own' : 'fallback',
        place,
        provider: id,
        name: model,
        engine,
        problem,
        row:
          row === undefined || vendor === null
            ? hereRow(engine ?? id)
            : {
                ...row,
                vendor,
                isServer: row.vendor !== undefined,
                address: () =>
                  row.vendor === undefined
                    ? resolveAccess(keyless(vendor), env, row.baseUrl).baseUrl
                    : serverUrl(configured),
              },
      })
    }),
  )
}

/** The models of an assistant. */
export function checkModels(
  compiled: CompiledAssistant,
  surroundings: PartSurroundings,
): Promise<FoundPart[]> {
  const { http, keys } = surroundings
  const { models, plan, configuration } = compiled
  const env = keys.environmentOf(configuration)
  const own = plan.model.fastTurns > 0 ? 1 : 0
  return Promise.all(
    models.map(async (settings, place) => {
      const { provider: id, model, url } = settings
      const problem = await fault(async () => createModel(settings, http, env, configuration, () => ({})))
      const row = findModelProvider(id)
      return describe(compiled, surroundings, {
        stage: 'model',
        role: place === own ? 'own' : place < own ? 'fast' : 'fallback',
        place,
        provider: id,
        name: model,
        problem,
        row:
          row === undefined
            ? HERE
            : {
                ...row,
                isServer: id === 'custom-llm',
                address: () => resolveModelAccess(keyless(row.vendor), env, url ?? undefined).baseUrl,
                ...(url !== null && { modelUrl: url }),
              },
      })
    }),
  )
}

/** The voices of an assistant. */
export function checkVoices(
  compiled: CompiledAssistant,
  surroundings: PartSurroundings,
): Promise<FoundPart[]> {
  const { http, keys, flite, clock, warn } = surroundings
  const { voiceSettings, plan, configuration } = compiled
  const env = keys.environmentOf(configuration)
  const making = { http, env, flite, clock, warn, envelope: () => ({}) }
  return Promise.all(
    plan.voice.voices.map(async ({ name: full }, place) => {
      const [id = '', ...rest] = full.split('/')
      const problem = await fault(async () => createVoice(full, place, compiled, making))
      const row = VOICES.find(known => known.id === id)
      const vendor = findVendor(id)
      const settings = voiceSettings[place] ?? {}
      const isServer = id === 'custom-voice'
      return describe(compiled, surroundings, {
        stage: 'voice',
        role: place === 0 ? 'own' : 'fallback',
        place,
        provider: id,
        name: nameOf(rest),
        problem,
        row: isServer
          ? {
              ...HERE,
              isServer,
              address: () => serverUrl(settings),
              proof: { by: 'documentation', url: CUSTOM_VOICE },
            }
          : row === undefined || vendor === undefined
            ? hereRow(id)
            : {
                ...row,
                vendor,
                isServer,
                address: () => resolveAccess(keyless(vendor), env, row.baseUrl).baseUrl,
              },
      })
    }),
  )
}

/** The compiler writes `default` where the assistant names no voice. */
function nameOf(rest: readonly string[]): string | null {
  const name = rest.join('/')
  return name === '' || name === 'default' ? null : name
}

const CUSTOM_VOICE = 'https://docs.vapi.ai/customization/custom-voices/custom-tts'

type Described = Pick<CheckedPart, 'stage' | 'role' | 'place' | 'provider' | 'name' | 'problem'> & {
  engine?: string | null
  row: Row
}

/** A part with all that is known of it beforehand. */
export function describe(
  compiled: CompiledAssistant,
  { keys, prices, member }: PartSurroundings,
  { row, engine = null, ...part }: Described,
): FoundPart {
  const { vendor, proof, typicalMs, isServer } = row
  const { configuration, plan } = compiled
  const address = addressOf(row)
  const inside = vendor === null && !isServer
  const name = part.name === null ? part.provider : `${part.provider}/${part.name}`
  const isNowhere = inside && !ON_THIS_MACHINE.has(part.provider)
  return {
    vendor,
    configuration,
    address: row.modelUrl,
    part: {
      ...part,
      engine: engine === name ? null : engine,
      member,
      assistant: plan.assistantName,
      runs: isNowhere
        ? 'nowhere'
        : isServer
          ? 'own-server'
          : inside || isLoopback(address ?? '')
            ? 'this-machine'
            : 'at-provider',
      address: address === null ? null : shownAddress(address),
      key: keyOf(row, keys, configuration),
      proof,
      verified: proof === null ? inside && !isNowhere : proof.by !== 'nothing',
      typicalMs,
      pricePerMinute: pricePerMinute(part.stage, name, compiled, prices),
      session: null,
      keyTest: null,
    },
  }
}

function keyOf({ vendor, isServer }: Row, keys: CallKeys, configuration: Json): CheckedPart['key'] {
  if (vendor === null || vendor.keyVariables.length === 0)
    return isServer ? { from: 'server' } : { from: 'not-needed' }
  const source = keys.sourceOf(vendor, configuration)
  return source.from === 'none' && !vendor.keyRequired ? { from: 'not-needed' } : source
}

/** The same where its key is missing: its address is known all the same. */
export function keyless<Known extends Vendor>(vendor: Known): Known {
  return { ...vendor, keyRequired: false, accountRequired: false }
}

/** Null where it is not known, which making the part has told. */
function addressOf({ address }: Row): string | null {
  try {
    return address()
  } catch {
    return null
  }
}

function shownAddress(address: string): string {
  return URL.canParse(address) ? maskUrl(address).replace(/\/$/, '') : '(not an address)'
}

function serverUrl({ server }: Json): string | null {
  return isObject(server) && typeof server.url === 'string' ? server.url : null
}

/** What keeps something from being made. */
export async function fault(make: () => Promise<unknown>): Promise<Problem | null> {
  try {
    await make()
    return null
  } catch (error) {
    return problemOf(error)
  }
}

export function problemOf(error: unknown): Problem {
  const { code, message, exit, hint = null } = asVapiError(error)
  return { code, message, exit, hint, blocks: true }
}
