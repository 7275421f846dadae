/** Deepgram's transcription of live sound (developers.deepgram.com): Flux, which hears turns, and the models before it. */
import { deepgramFlux } from './deepgram-flux.ts'
import { deepgramNova } from './deepgram-nova.ts'
import { createStreamingTranscriber } from './streaming.ts'
import type { TranscriberProvider } from './types.ts'

export const deepgram: TranscriberProvider = {
  id: 'deepgram',
  proof: { by: 'client-library', name: '@deepgram/sdk' },
  typicalMs: null,
  create: options => {
    const isFlux = options.model?.startsWith('flux') === true
    return createStreamingTranscriber({
      name: options.name,
      capabilities: { endOfTurn: isFlux, partials: true, languages: 'any' },
      protocol: isFlux ? deepgramFlux(options) : deepgramNova(options),
      http: options.http,
      context: {
        vendor: options.vendor,
        stage: 'transcriber',
        key: options.access.key,
        endedReason: refusedReason,
      },
    })
  },
}

/** What the API calls a refusal of Deepgram's (API: endedReason). */
export function refusedReason(status: number | null, said: string): string | undefined {
  const reason = 'call.in-progress.error-vapifault-deepgram-returning-'
  if (status === 401) return `${reason}401-invalid-credentials`
  if (status === 403) return `${reason}403-model-access-denied`
  if (status === 404) return `${reason}404-not-found`
  if (status === 400 && /no such model/i.test(said))
    return `${reason}400-no-such-model-language-tier-combination`
  return undefined
}
