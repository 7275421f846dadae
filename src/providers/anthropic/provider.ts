import { isObject } from '../../is-object.ts'
import type { ModelProvider, ModelSettings } from '../models/types.ts'
import { familyOf } from './families.ts'
import { createAnthropicModel } from './model.ts'
import { ANTHROPIC } from './vendor.ts'

export const anthropic: ModelProvider = {
  id: 'anthropic',
  vendor: ANTHROPIC,
  proof: { by: 'client-library', name: '@anthropic-ai/sdk' },
  typicalMs: null,
  create: ({ access, http, model, settings }) =>
    createAnthropicModel({
      ...access,
      http,
      model,
      settings: {
        temperature: settings.temperature,
        maxTokens: settings.maxTokens,
        thinkingBudget: thinkingBudget(settings),
      },
    }),
  warnings(model, settings) {
    const { takesTemperature, takesBudget } = familyOf(model)
    const budget = thinkingBudget(settings)
    const isSet = settings.configured.temperature !== undefined
    return [
      ...(isSet && (!takesTemperature || budget !== null)
        ? [`model.temperature has no effect: ${takesTemperature ? 'a model that thinks' : model} takes none`]
        : settings.temperature > 1
          ? [`model.temperature ${settings.temperature} is more than ${model} takes: 1 is used`]
          : []),
      ...(budget !== null && !takesBudget
        ? [`model.thinking.budgetTokens has no effect: ${model} decides itself how much it thinks`]
        : []),
    ]
  },
}

/** `thinking: {type: "enabled", budgetTokens}` (API: AnthropicThinkingConfig). */
function thinkingBudget({ configured: { thinking } }: ModelSettings): number | null {
  const isOn = isObject(thinking) && thinking.type === 'enabled' && typeof thinking.budgetTokens === 'number'
  return isOn ? Number(thinking.budgetTokens) : null
}
