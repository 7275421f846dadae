import { deliveryRules } from './rules/delivery.ts'
import { languageRules } from './rules/languages.ts'
import { providerRules } from './rules/providers.ts'
import type { Rule } from './rules/rule.ts'
import { speakingRules } from './rules/speaking.ts'
import { textRules } from './rules/texts.ts'
import { toolRules } from './rules/tools.ts'

/** Every check beyond the schema. Adding one is an entry in the list of its subject. */
export const rules: readonly Rule[] = [
  ...speakingRules,
  ...providerRules,
  ...languageRules,
  ...textRules,
  ...toolRules,
  ...deliveryRules,
]
