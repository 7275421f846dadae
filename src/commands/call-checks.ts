import type { Json } from '../assistant/overrides.ts'
import type { Finding } from '../assistant/validate/finding.ts'
import { loadValidator } from '../assistant/validate/validate.ts'

/** Findings about the hosted service alone, or which a call tells by itself. */
const otherwiseTold = new Set(['server-address', 'silence-timeout', 'livekit-language'])

/** Providers that only a call on this machine has; by the part of the assistant. */
const localProviders: Readonly<Record<string, RegExp>> = {
  voice: /^(embedded|silent|sherpa-onnx)$/,
  transcriber: /^(local|pocketsphinx|sherpa-onnx)$/,
  model: /^(ollama|lmstudio|llama\.cpp|azure-openai|mistral|none)$/,
}

/** Fields of which a call has warnings of its own. */
const ownWarning =
  /^(messagePlan|idle\w+|backgroundDenoisingEnabled|voice(\.fallbackPlan\.voices\[\d+\])?\.speed)$/

/** Makes the check whose findings are warnings of a call: what `vapi assistant validate` says of an assistant. */
export async function loadChecks(): Promise<(assistant: Json) => string[]> {
  const validator = await loadValidator()
  return assistant =>
    validator
      .validate(assistant)
      .filter(finding => concernsCall(finding, assistant))
      .map(
        ({ path, message, fix }) =>
          `${path || 'the assistant'}: ${message}${fix === undefined ? '' : ` (${fix})`}`,
      )
}

function concernsCall({ code, path, at, message }: Finding, assistant: Json): boolean {
  if (otherwiseTold.has(code) || ownWarning.test(path)) return false
  // A call takes it by language too, and says so.
  if (path === 'firstMessage' && code === 'wrong-type') return false
  if (code === 'out-of-range' && /^transcriber\.eot(Threshold|TimeoutMs)$/.test(path)) return false
  if (path === 'startSpeakingPlan.smartEndpointingPlan.provider' && message.startsWith('krisp')) return false
  const [part] = at
  const local = typeof part === 'string' ? localProviders[part] : undefined
  const configured = typeof part === 'string' ? assistant[part] : undefined
  if (local === undefined || typeof configured !== 'object' || configured === null) return true
  const provider = 'provider' in configured ? configured.provider : undefined
  return typeof provider !== 'string' || !local.test(provider)
}
