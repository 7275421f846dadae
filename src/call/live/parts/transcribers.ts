import type { CompiledAssistant } from '../../../assistant/compile.ts'
import type { TranscriberSettings } from '../../../assistant/fallbacks.ts'
import type { Json } from '../../../assistant/overrides.ts'
import type { Transcriber } from '../../../engine/ports/transcriber.ts'
import { usageError, VapiError } from '../../../errors.ts'
import { isObject } from '../../../is-object.ts'
import { createServerHeaders } from '../../../messages/server-headers.ts'
import type { HttpClient } from '../../../net/http.ts'
import { findLocalRecogniser, recogniserAdvice } from '../../../providers/recognisers/local-recognisers.ts'
import { TRANSCRIBERS } from '../../../providers/transcribers/table.ts'
import type { TranscriberOptions } from '../../../providers/transcribers/types.ts'
import { findVendor, resolveAccess, withOrigin } from '../../../providers/vendors.ts'
import { withAdvice } from './advice.ts'
import { type Environment, isLocalTranscriber } from './choices.ts'

/** What transcribers are made with. */
export interface TranscriberSurroundings {
  http: HttpClient
  env: Environment
  /** Told what the user should know before the call. */
  warn: (message: string) => void
}

/**
 * The transcribers of the plan in their order. One that cannot be had here (no adapter, no key, not installed) fails when
 * it is its turn, so that the fallback plan goes on; where none can be had, throws what keeps the first from listening.
 */
export async function selectTranscribers(
  { transcribers, plan, configuration }: CompiledAssistant,
  surroundings: TranscriberSurroundings,
): Promise<Transcriber[]> {
  const faults: unknown[] = []
  const found = await Promise.all(
    transcribers.map(async (settings, place) => {
      const name = plan.transcribers[place]?.name ?? settings.provider
      try {
        const endsTurns = plan.endpointing.method.type === 'transcriber'
        return await createTranscriber(name, place, settings, endsTurns, configuration, surroundings)
      } catch (error) {
        faults[place] = error
        return missingTranscriber(name, error)
      }
    }),
  )
  const count = faults.filter(fault => fault !== undefined).length
  if (count === found.length) throw faults[0]
  return found
}

/** One transcriber of the plan, by its place. Opens nothing. Throws VapiError where it cannot be had. */
export async function createTranscriber(
  name: string,
  place: number,
  { provider: id, model, language, configured }: TranscriberSettings,
  endsTurns: boolean,
  { credentials }: Json,
  surroundings: TranscriberSurroundings,
): Promise<Transcriber> {
  const { http, env } = surroundings
  if (isLocalTranscriber(id)) {
    const preferred = id === 'local' ? undefined : model === null ? id : `${id}/${model}`
    const found = await findLocalRecogniser(env, preferred, language)
    if (found === null)
      throw usageError(
        'no speech recogniser is installed on this machine',
        recogniserAdvice(process.platform, env),
      )
    return found.create()
  }
  const provider = TRANSCRIBERS.find(known => known.id === id)
  const vendor = provider?.vendor ?? findVendor(id)
  if (provider === undefined || vendor === undefined)
    throw usageError(
      `the transcriber ${id} does not run in a local call: ${Object.hasOwn(UNAVAILABLE, id) ? UNAVAILABLE[id] : 'no such provider is known'}`,
      `--transcriber takes another: local (on this machine), ${TRANSCRIBERS.map(known => known.id).join(', ')}; --in text to type; transcriber.fallbackPlan may name one too`,
    )
  const reached =
    provider.vendor === undefined
      ? {
          access: withAdvice(
            () => resolveAccess(vendor, env, provider.baseUrl),
            'or --transcriber local for a recogniser of this machine, --offline for everything of it, --in text to type',
          ),
        }
      : reachServer(configured, `${pathOf(place)}.server`, credentials, surroundings)
  return provider.create({
    vendor: withOrigin(vendor, reached.access),
    ...reached,
    http,
    name,
    model,
    language,
    settings: configured,
    endsTurns,
  })
}

/** Transcribers of the API that no adapter can listen with, and why. */
const UNAVAILABLE: Readonly<Record<string, string>> = {
  // ai.google.dev: "Audio understanding", "Live transcription with the Gemini Live API".
  google:
    'the models of the API’s list take sound as a file with a request; the one that writes down while somebody speaks (gemini-3.5-transcribe-live) is not among them',
  // Its clients are public (github.com/Talkscriber/ts-client-nodejs): a message is segments of text with a mark for the end of speech.
  // What is said again in the next message is in none of them, and words told twice or lost would be the guess.
  talkscriber: 'its public clients leave open which words are final, and no documentation was found',
  vapi: 'it is hosted by Vapi alone',
}

function pathOf(place: number): string {
  return place === 0 ? 'transcriber' : `transcriber.fallbackPlan.transcribers[${place - 1}]`
}

/** A transcriber of the user's own is at `server` of its settings. Throws a usage error where that is no such place. */
function reachServer(
  { provider, server }: Json,
  path: string,
  credentials: unknown,
  { http, warn }: TranscriberSurroundings,
): Pick<TranscriberOptions, 'access' | 'serverHeaders'> {
  const hint = 'for example wss://transcriber.example.com/api/custom-transcriber'
  if (!isObject(server) || typeof server.url !== 'string')
    throw usageError(`${path}.url is missing: ${String(provider)} is a server of yours`, hint)
  const { url } = server
  if (!/^wss?:\/\//i.test(url) || !URL.canParse(url))
    throw usageError(`${path}.url: ${url} is not an address that begins with ws:// or wss://`, hint)
  for (const name of ['backoffPlan', 'staticIpAddressesEnabled', 'encryptedPaths'])
    if (server[name] !== undefined && server[name] !== null && server[name] !== false)
      warn(`${path}.${name} has no effect in a local call`)
  const headers = createServerHeaders(server, { credentials, path, http, now: () => Date.now(), warn })
  return {
    access: { baseUrl: url, key: null },
    serverHeaders: signal => headers({ method: 'GET', body: '' }, signal),
  }
}

/** Stands in the place of a transcriber that cannot be had. */
function missingTranscriber(name: string, cause: unknown): Transcriber {
  const message =
    cause instanceof VapiError ? cause.message : `the transcriber ${name} does not run in a local call`
  return {
    name,
    capabilities: { endOfTurn: false, partials: false, languages: 'any' },
    start: () => Promise.reject(new VapiError({ code: 'transcriber-not-available', message, cause })),
    push: () => {},
    speech: () => {},
    close: async () => {},
  }
}
