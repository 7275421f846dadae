import type { TokenUsage } from '../../engine/ports/language-model.ts'
import type { AnalysisUsage } from '../analysis/analyse.ts'
import type { CallUsage } from './meter.ts'
import { type PriceTable, priceOf } from './prices.ts'

/** One entry of `costs`, as the API has them. */
export type Cost = { type: string; cost: number } & Record<string, unknown>

/** What a call costs by the price table: an estimate, in US dollars. */
export interface CallCosts {
  cost: number
  costs: Cost[]
  /** Sums by part, as the API has them. */
  costBreakdown: Record<string, unknown>
  costEstimate: {
    estimated: true
    /** Date and sources of the prices, in words. */
    prices: string
    /** Parts without a price; they count as 0. */
    unpriced: string[]
    /** True where tokens were counted by their characters. */
    tokensEstimated: boolean
  }
}

export interface CostedCall {
  durationMs: number
  usage: CallUsage
  analysis: readonly AnalysisUsage[]
  /** Those that listened; none in a typed conversation. */
  transcribers: readonly { provider: string; model: string | null; durationMs: number }[]
}

/** How a call on this machine would reach the platform: as a web call. */
const TRANSPORT = 'daily'
const MILLION = 1_000_000

/** Estimates what the call would cost with these parts on the platform. */
export function estimateCosts(call: CostedCall, prices: PriceTable): CallCosts {
  const minutes = call.durationMs / 60_000
  const unpriced: string[] = []
  const find = <Price>(table: Readonly<Record<string, Price>>, name: string): Price | undefined => {
    const price = priceOf(table, name)
    if (price === undefined && !unpriced.includes(name)) unpriced.push(name)
    return price
  }
  const costs: Cost[] = []

  costs.push({
    type: 'transport',
    provider: TRANSPORT,
    minutes,
    cost: minutes * (find(prices.transports, TRANSPORT)?.perMinute ?? 0),
  })
  for (const { provider, model, durationMs } of call.transcribers) {
    const listenedMinutes = durationMs / 60_000
    const name = model === null ? provider : `${provider}/${model}`
    costs.push({
      type: 'transcriber',
      transcriber: { provider, ...(model !== null && { model }) },
      minutes: listenedMinutes,
      cost: listenedMinutes * (find(prices.transcribers, name)?.perMinute ?? 0),
    })
  }
  for (const [name, { estimated: _estimated, ...tokens }] of call.usage.models)
    costs.push({ type: 'model', model: partOf(name, 'model'), ...tokens, cost: modelCost(name, tokens) })
  for (const [name, characters] of call.usage.voices) {
    const price = find(prices.voices, name)?.perThousandCharacters ?? 0
    costs.push({
      type: 'voice',
      voice: partOf(name, 'voiceId'),
      characters,
      cost: (characters / 1000) * price,
    })
  }
  costs.push({ type: 'vapi', subType: 'normal', minutes, cost: minutes * prices.vapi.perMinute })
  const kinds = new Set(call.analysis.map(({ kind }) => kind))
  for (const analysisType of kinds) {
    const asked = call.analysis.filter(({ kind }) => kind === analysisType)
    const count = (of: (one: AnalysisUsage) => number): number => asked.reduce((sum, one) => sum + of(one), 0)
    const name = asked[0]?.model ?? ''
    costs.push({
      type: 'analysis',
      analysisType,
      model: partOf(name, 'model'),
      promptTokens: count(({ usage }) => usage.promptTokens),
      completionTokens: count(({ usage }) => usage.completionTokens),
      cachedPromptTokens: count(({ usage }) => usage.cachedPromptTokens),
      cost: count(({ model, usage }) => modelCost(model, usage)),
    })
  }
  const rounded = costs.map(entry => ({ ...entry, cost: round(entry.cost) }))
  const tokensEstimated =
    [...call.usage.models.values()].some(({ estimated }) => estimated) ||
    call.analysis.some(({ estimated }) => estimated)
  return {
    cost: round(sum(rounded, () => true)),
    costs: rounded,
    costBreakdown: breakdown(rounded),
    costEstimate: {
      estimated: true,
      prices: `${prices.date}; ${prices.sources}`,
      unpriced,
      tokensEstimated,
    },
  }

  function modelCost(name: string, tokens: Tokens): number {
    const price = find(prices.models, name)
    if (price === undefined) return 0
    const { audio } = tokens
    if (audio === undefined || price.audio === undefined) return tokenCost(tokens, price)
    const text: Tokens = {
      promptTokens: tokens.promptTokens - audio.promptTokens,
      completionTokens: tokens.completionTokens - audio.completionTokens,
      cachedPromptTokens: tokens.cachedPromptTokens - audio.cachedPromptTokens,
    }
    return tokenCost(text, price) + tokenCost(audio, price.audio)
  }
}

type Tokens = Pick<TokenUsage, 'promptTokens' | 'completionTokens' | 'cachedPromptTokens' | 'audio'>

function tokenCost(
  { promptTokens, completionTokens, cachedPromptTokens }: Tokens,
  { input, cachedInput = input, output }: { input: number; cachedInput?: number | undefined; output: number },
): number {
  const fresh = Math.max(0, promptTokens - cachedPromptTokens)
  return (fresh * input + cachedPromptTokens * cachedInput + completionTokens * output) / MILLION
}

function breakdown(costs: readonly Cost[]): Record<string, unknown> {
  const of = (type: string): number => round(sum(costs, entry => entry.type === type))
  const count = (type: string, field: string): number =>
    costs
      .filter(entry => entry.type === type)
      .reduce((total, entry) => total + (typeof entry[field] === 'number' ? entry[field] : 0), 0)
  const analyses = costs.filter(({ type }) => type === 'analysis')
  const analysisCostBreakdown = Object.fromEntries(
    analyses.flatMap(entry => {
      const kind = String(entry.analysisType)
      return [
        [kind, entry.cost],
        [`${kind}PromptTokens`, entry.promptTokens],
        [`${kind}CompletionTokens`, entry.completionTokens],
        [`${kind}CachedPromptTokens`, entry.cachedPromptTokens],
      ]
    }),
  )
  return {
    transport: of('transport'),
    stt: of('transcriber'),
    llm: of('model'),
    tts: of('voice'),
    vapi: of('vapi'),
    total: round(sum(costs, () => true)),
    llmPromptTokens: count('model', 'promptTokens'),
    llmCompletionTokens: count('model', 'completionTokens'),
    llmCachedPromptTokens: count('model', 'cachedPromptTokens'),
    ttsCharacters: count('voice', 'characters'),
    ...(analyses.length > 0 && { analysisCostBreakdown }),
  }
}

function sum(costs: readonly Cost[], fits: (cost: Cost) => boolean): number {
  return costs.filter(fits).reduce((total, { cost }) => total + cost, 0)
}

/** To a millionth of a dollar: parts of a short call are that small. */
function round(dollars: number): number {
  return Math.round(dollars * MILLION) / MILLION
}

function partOf(name: string, nameKey: 'model' | 'voiceId'): Record<string, string> {
  const [provider = '', ...rest] = name.split('/')
  return { provider, ...(rest.length > 0 && { [nameKey]: rest.join('/') }) }
}
