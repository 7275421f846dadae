import type { CompiledAssistant } from '../../../assistant/compile.ts'
import type { TranscriberSettings } from '../../../assistant/fallbacks.ts'
import type { Transcriber } from '../../../engine/ports/transcriber.ts'
import { usageError, VapiError } from '../../../errors.ts'
import type { HttpClient } from '../../../net/http.ts'
import { findLocalRecogniser, recogniserAdvice } from '../../../providers/recognisers/local-recognisers.ts'
import { TRANSCRIBERS } from '../../../providers/transcribers/table.ts'
import { findVendor, resolveAccess } from '../../../providers/vendors.ts'
import { withAdvice } from './advice.ts'
import { type Environment, isLocalTranscriber } from './choices.ts'

/**
 * The transcribers of the plan in their order. One that cannot be had here (no adapter, no key, not installed) fails when
 * it is its turn, so that the fallback plan goes on; where none can be had, throws what keeps the first from listening.
 */
export async function selectTranscribers(
  { transcribers, plan }: CompiledAssistant,
  http: HttpClient,
  env: Environment,
): Promise<Transcriber[]> {
  const faults: unknown[] = []
  const found = await Promise.all(
    transcribers.map(async (settings, place) => {
      const name = plan.transcribers[place]?.name ?? settings.provider
      try {
        return await createTranscriber(name, settings, http, env)
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

async function createTranscriber(
  name: string,
  { provider: id, model, language, configured }: TranscriberSettings,
  http: HttpClient,
  env: Environment,
): Promise<Transcriber> {
  if (isLocalTranscriber(id)) {
    const preferred = id === 'local' ? undefined : model === null ? id : `${id}/${model}`
    const found = await findLocalRecogniser(env, preferred)
    if (found === null)
      throw usageError(
        'no speech recogniser is installed on this machine',
        recogniserAdvice(process.platform),
      )
    return found.create()
  }
  const provider = TRANSCRIBERS.find(known => known.id === id)
  const vendor = findVendor(id)
  if (provider === undefined || vendor === undefined)
    throw usageError(
      `the transcriber ${id} does not run in a local call`,
      `--transcriber takes another: local (on this machine), ${TRANSCRIBERS.map(known => known.id).join(', ')}; --in text to type; transcriber.fallbackPlan may name one too`,
    )
  const access = withAdvice(
    () => resolveAccess(vendor, env, provider.baseUrl),
    'or --transcriber local for a recogniser of this machine, --offline for everything of it, --in text to type',
  )
  return provider.create({ vendor, access, http, name, model, language, settings: configured })
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
