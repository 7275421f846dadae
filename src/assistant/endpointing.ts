import type { EndpointingMethod, EndpointingPlan, EndpointingRule, Semantics } from '../engine/plan.ts'
import type { ToolServer } from '../engine/ports/tool-runner.ts'
import { defaults } from './defaults.ts'
import { isEnglish } from './language-names.ts'
import { compileRegex } from './regex.ts'
import type { Assistant, EndpointingRuleConfig } from './schema.ts'
import { serverOf } from './tools.ts'
import { compileTurns, isFlux } from './transcriber-turns.ts'
import type { Render } from './variables.ts'
import { compileWaitFunction } from './wait-function.ts'

/** The regexes of a custom endpointing rule; they run outside the engine. */
export interface RulePatterns {
  assistant: RegExp | null
  customer: RegExp | null
}

export interface CompiledEndpointing {
  plan: EndpointingPlan
  rulePatterns: RulePatterns[]
  /** The server of `custom-endpointing-model`; null where that does not decide. */
  server: ToolServer | null
  warnings: string[]
}

/** Compiles the start-speaking plan but for its `waitSeconds` (ruling 1; rows 1, 2, 4, 5, 7, 8, 12 of the table). */
export function compileEndpointing(
  assistant: Assistant,
  semantics: Semantics,
  render: Render,
): CompiledEndpointing {
  const warnings: string[] = []
  const start = assistant.startSpeakingPlan ?? {}
  // Ruling 11: with the API document's reading, Flux's own end of turn is not asked about rules.
  const bypassed = semantics === 'openapi' && isFlux(assistant.transcriber) && !start.smartEndpointingPlan
  const rules = bypassed ? [] : (start.customEndpointingRules ?? assistant.customEndpointingRules ?? [])
  const waits = start.transcriptionEndpointingPlan ?? {}
  const milliseconds = (seconds: number | undefined, otherwise: number) =>
    seconds === undefined ? otherwise : Math.round(seconds * 1000)
  // The server of the plan, else the assistant's (API: CustomEndpointingModelSmartEndpointingPlan).
  const server = serverOf(
    start.smartEndpointingPlan?.server,
    assistant,
    render,
    'startSpeakingPlan.smartEndpointingPlan',
  )
  const method = compileMethod(assistant, semantics, server !== null, warnings)
  return {
    server: method.type === 'custom-model' ? server : null,
    plan: {
      rules: rules.map(
        ({ type, timeoutSeconds }): EndpointingRule => ({
          type: type === 'user' ? 'customer' : type,
          timeoutMs: Math.round(timeoutSeconds * 1000),
        }),
      ),
      method,
      heuristics: {
        onPunctuationMs: milliseconds(waits.onPunctuationSeconds, defaults.onPunctuationMs),
        onNoPunctuationMs: milliseconds(waits.onNoPunctuationSeconds, defaults.onNoPunctuationMs),
        onNumberMs: milliseconds(waits.onNumberSeconds, defaults.onNumberMs),
        punctuation: semantics === 'openapi' ? 'at-end' : 'anywhere',
      },
    },
    rulePatterns: rules.map((rule, index) =>
      compileRule(rule, `startSpeakingPlan.customEndpointingRules[${index}]`),
    ),
    warnings,
  }
}

function compileRule(rule: EndpointingRuleConfig, path: string): RulePatterns {
  if (rule.type === 'both') {
    return {
      assistant: compileRegex(rule.assistantRegex, rule.assistantRegexOptions, `${path}.assistantRegex`),
      customer: compileRegex(rule.customerRegex, rule.customerRegexOptions, `${path}.customerRegex`),
    }
  }
  const pattern = compileRegex(rule.regex, rule.regexOptions, `${path}.regex`)
  return rule.type === 'assistant'
    ? { assistant: pattern, customer: null }
    : { assistant: null, customer: pattern }
}

function compileMethod(
  assistant: Assistant,
  semantics: Semantics,
  hasServer: boolean,
  warnings: string[],
): EndpointingMethod {
  const start = assistant.startSpeakingPlan ?? {}
  const language = assistant.transcriber?.language ?? 'en'
  const provider = start.smartEndpointingPlan?.provider ?? legacyProvider(start.smartEndpointingEnabled)
  switch (provider) {
    case 'livekit':
      if (isEnglish(language)) return livekit(assistant, semantics)
      warnings.push(
        `smart endpointing by livekit knows English only, and the transcriber listens to ${language}; the text heuristics decide`,
      )
      return { type: 'heuristics', by: 'vapi' }
    case 'vapi':
      return { type: 'heuristics', by: 'vapi' }
    case undefined:
    case 'off':
    case 'deepgram-flux':
    case 'assembly':
      break
    case 'krisp':
      return { type: 'krisp', threshold: start.smartEndpointingPlan?.threshold ?? defaults.krispThreshold }
    case 'custom-endpointing-model':
      if (hasServer) return { type: 'custom-model' }
      warnings.push(
        'smart endpointing by custom-endpointing-model has no server (startSpeakingPlan.smartEndpointingPlan.server); the text heuristics decide',
      )
      return { type: 'heuristics', by: 'vapi' }
    default:
      warnings.push(`smart endpointing provider ${provider} is unknown; the text heuristics decide`)
      return { type: 'heuristics', by: 'vapi' }
  }
  if (compileTurns(assistant.transcriber).turns !== null) return { type: 'transcriber' }
  if (semantics === 'openapi' || start.transcriptionEndpointingPlan !== undefined) {
    return { type: 'heuristics', by: 'transcription' }
  }
  return isEnglish(language) ? livekit(assistant, semantics) : { type: 'heuristics', by: 'vapi' }
}

function legacyProvider(enabled: boolean | 'livekit' | undefined): string | undefined {
  if (enabled === 'livekit') return 'livekit'
  return enabled === true ? 'vapi' : undefined
}

function livekit(assistant: Assistant, semantics: Semantics): EndpointingMethod {
  const source =
    assistant.startSpeakingPlan?.smartEndpointingPlan?.waitFunction ?? defaults.waitFunction[semantics]
  return {
    type: 'livekit',
    waitMs: compileWaitFunction(source, 'startSpeakingPlan.smartEndpointingPlan.waitFunction'),
    source,
  }
}
