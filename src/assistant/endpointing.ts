import type { EndpointingMethod, EndpointingPlan, EndpointingRule, Semantics } from '../engine/plan.ts'
import { defaults } from './defaults.ts'
import { compileRegex } from './regex.ts'
import type { Assistant, EndpointingRuleConfig } from './schema.ts'
import { compileWaitFunction } from './wait-function.ts'

/** The regexes of a custom endpointing rule; they run outside the engine. */
export interface RulePatterns {
  assistant: RegExp | null
  customer: RegExp | null
}

export interface CompiledEndpointing {
  plan: EndpointingPlan
  rulePatterns: RulePatterns[]
  warnings: string[]
}

/** Compiles the start-speaking plan but for its `waitSeconds` (ruling 1; rows 1, 2, 4, 5, 7, 8, 12 of the table). */
export function compileEndpointing(assistant: Assistant, semantics: Semantics): CompiledEndpointing {
  const warnings: string[] = []
  const start = assistant.startSpeakingPlan ?? {}
  // Ruling 11: with the API document's reading, Flux's own end of turn is not asked about rules.
  const bypassed = semantics === 'openapi' && isFlux(assistant.transcriber) && !start.smartEndpointingPlan
  const rules = bypassed ? [] : (start.customEndpointingRules ?? assistant.customEndpointingRules ?? [])
  const waits = start.transcriptionEndpointingPlan ?? {}
  const milliseconds = (seconds: number | undefined, otherwise: number) =>
    seconds === undefined ? otherwise : Math.round(seconds * 1000)
  return {
    plan: {
      rules: rules.map(
        ({ type, timeoutSeconds }): EndpointingRule => ({
          type: type === 'user' ? 'customer' : type,
          timeoutMs: Math.round(timeoutSeconds * 1000),
        }),
      ),
      method: compileMethod(assistant, semantics, warnings),
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

function compileMethod(assistant: Assistant, semantics: Semantics, warnings: string[]): EndpointingMethod {
  const start = assistant.startSpeakingPlan ?? {}
  const provider = start.smartEndpointingPlan?.provider ?? legacyProvider(start.smartEndpointingEnabled)
  switch (provider) {
    case 'livekit':
      return livekit(assistant, semantics)
    case 'vapi':
      return { type: 'heuristics', by: 'vapi' }
    case undefined:
    case 'off':
    case 'deepgram-flux':
    case 'assembly':
      break
    case 'krisp':
    case 'custom-endpointing-model':
      warnings.push(
        `smart endpointing by ${provider} does not run on this machine; the text heuristics decide`,
      )
      return { type: 'heuristics', by: 'vapi' }
    default:
      warnings.push(`smart endpointing provider ${provider} is unknown; the text heuristics decide`)
      return { type: 'heuristics', by: 'vapi' }
  }
  if (endsTurnsItself(assistant.transcriber)) return { type: 'transcriber' }
  if (semantics === 'openapi' || start.transcriptionEndpointingPlan !== undefined) {
    return { type: 'heuristics', by: 'transcription' }
  }
  const language = assistant.transcriber?.language ?? 'en'
  return /^en\b/i.test(language) ? livekit(assistant, semantics) : { type: 'heuristics', by: 'vapi' }
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
  }
}

/** Transcribers that report the end of a turn: Deepgram Flux and AssemblyAI. */
function endsTurnsItself(transcriber: Assistant['transcriber']): boolean {
  if (transcriber === undefined) return false
  if (transcriber.provider === 'assembly-ai' || transcriber.provider === 'assembly') return true
  return isFlux(transcriber)
}

function isFlux(transcriber: Assistant['transcriber']): boolean {
  return transcriber?.provider === 'deepgram' && transcriber.model?.startsWith('flux') === true
}
