import type { HttpClient } from '../../net/http.ts'
import { resolveModelAccess } from '../models/vendor.ts'
import type { Environment } from '../vendors.ts'
import { modelsUrl, OPENAI_PROVIDERS, type OpenAiProvider } from './providers.ts'

export interface LocalServer {
  provider: OpenAiProvider
  baseUrl: string
  model: string
}

/** Models that do not chat: embeddings, rerankers, speech, pictures, guards. */
const OTHER_KIND =
  /embed|rerank|whisper|\btts\b|clip|moderation|guard|diffusion|(^|[/:-])(bge|gte|e5|minilm|nomic-bert)-/i

/**
 * Looks for a model server on this machine: all usual addresses at once, `limitMs` each. Of several servers the first of
 * the providers' table is taken, of its chat models the first by name, so that the same machine gives the same choice.
 * Rejects only on abort.
 */
export async function findLocalServer(
  http: HttpClient,
  environment: Environment,
  signal: AbortSignal,
  limitMs = 300,
): Promise<LocalServer | null> {
  signal.throwIfAborted()
  const ended = new AbortController()
  const stop = (): void => ended.abort()
  signal.addEventListener('abort', stop, { once: true })
  const probes = OPENAI_PROVIDERS.filter(provider => provider.local).map(provider =>
    probe(provider, http, environment, ended.signal, limitMs),
  )
  try {
    for (const found of probes) {
      const server = await found
      signal.throwIfAborted()
      if (server) return server
    }
    return null
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

async function probe(
  provider: OpenAiProvider,
  http: HttpClient,
  environment: Environment,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<LocalServer | null> {
  try {
    const { baseUrl, key } = resolveModelAccess(provider, environment)
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {}
    const reply = await http.request({ url: modelsUrl(baseUrl), headers, signal, timeoutMs })
    if (reply.status !== 200) {
      reply.discard()
      return null
    }
    const [model] = chatModels(await reply.json(1_048_576))
    return model === undefined ? null : { provider, baseUrl, model }
  } catch {
    // Nothing there, or something else that uses the port.
    return null
  }
}

function chatModels(answer: unknown): string[] {
  const list = typeof answer === 'object' && answer !== null && 'data' in answer ? answer.data : null
  if (!Array.isArray(list)) return []
  return list
    .map((entry: unknown) => (typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : null))
    .filter(id => typeof id === 'string')
    .filter(id => !OTHER_KIND.test(id))
    .sort()
}
