import type { Json } from '../assistant/overrides.ts'
import type { Finding } from '../assistant/validate/finding.ts'
import { loadValidator } from '../assistant/validate/validate.ts'

/** Findings about the hosted service alone, or which a call tells by itself. */
const otherwiseTold = new Set(['server-address', 'silence-timeout'])

/** Providers that only a call on this machine has; by the part of the assistant. */
const localProviders: Readonly<Record<string, RegExp>> = {
  voice: /^(embedded|silent)$/,
  transcriber: /^(local|pocketsphinx|sherpa-onnx)$/,
  model: /^(ollama|lmstudio|llama\.cpp|azure-openai|mistral|none)$/,
}

/** Old fields that a call reads with a warning of its own. */
const ownWarning = /^(messagePlan|idle\w+|backgroundDenoisingEnabled)$/

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
  if (path === 'startSpeakingPlan.smartEndpointingPlan.provider' && message.startsWith('krisp')) return false
  const [part] = at
  const local = typeof part === 'string' ? localProviders[part] : undefined
  const configured = typeof part === 'string' ? assistant[part] : undefined
  if (local === undefined || typeof configured !== 'object' || configured === null) return true
  const provider = 'provider' in configured ? configured.provider : undefined
  return typeof provider !== 'string' || !local.test(provider)
}
