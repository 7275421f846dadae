import type { CompiledAssistant } from '../../../assistant/compile.ts'
import { findModelProvider } from '../../../providers/models/table.ts'
import { resolveModelAccess } from '../../../providers/models/vendor.ts'
import { createRealtimeCall } from '../parts/realtime.ts'
import { describe, type FoundPart, fault, keyless, type PartSurroundings } from './parts.ts'

/** The realtime model of an assistant, which listens, thinks and speaks; none where other providers do. */
export async function checkRealtime(
  compiled: CompiledAssistant,
  surroundings: PartSurroundings,
): Promise<FoundPart[]> {
  const { realtime, models, plan, configuration } = compiled
  const [settings] = models
  if (realtime === null || settings === undefined) return []
  const env = surroundings.keys.environmentOf(configuration)
  const call = createRealtimeCall(surroundings.http)
  const problem = await fault(async () => call.partsOf(compiled, env))
  call.close()
  const { provider: id, model, url } = settings
  const provider = findModelProvider(id)
  const found = describe(compiled, surroundings, {
    stage: 'realtime',
    role: 'own',
    place: 0,
    provider: id,
    name: model,
    problem,
    row: {
      vendor: provider?.vendor ?? null,
      proof: { by: 'client-library', name: id === 'openai' ? 'openai' : '@google/genai' },
      typicalMs: null,
      isServer: false,
      address: () =>
        provider === undefined
          ? null
          : resolveModelAccess(keyless(provider.vendor), env, url ?? undefined).baseUrl,
      ...(url !== null && { modelUrl: url }),
    },
  })
  const voice = plan.voice.voices[0]?.name ?? null
  found.part.session = {
    transcriber: plan.transcribers[0]?.name ?? null,
    voice: voice === null || voice.startsWith('silent') ? null : voice,
  }
  return [found]
}
