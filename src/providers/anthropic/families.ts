/** What Anthropic's models take, by their names (pages "Troubleshooting thinking" and the migration guides). */

export interface Family {
  /** It takes a temperature. From 4.7 on any but the usual one is refused. */
  takesTemperature: boolean
  /** `thinking` may have a budget of tokens; from 4.7 on the models themselves decide how much they think. */
  takesBudget: boolean
  /**
   * What turns thinking off in a model that otherwise thinks before each answer; null where it does not, or cannot be
   * kept from it. Thoughts count as tokens of the answer and are silence in a call.
   */
  off: 'disabled' | 'between_tools' | null
}

/** Models that think unless told not to. */
const THINKING = [
  { name: /claude-sonnet-5-5\b/, off: 'between_tools' },
  { name: /claude-(sonnet-5|opus-5|haiku-5-5)(-\d{8})?$/, off: 'disabled' },
] as const

export function familyOf(model: string): Family {
  const [, major, minor = '0'] =
    /claude-(?:opus|sonnet|haiku|fable|mythos)-(\d+)(?:-(\d{1,2}))?(?!\d)/.exec(model) ?? []
  // Others, older ones and names of other servers, take what the first models took.
  const version = major === undefined ? 0 : Number(major) + Number(minor) / 100
  const isOwn = version >= 4.07
  return {
    takesTemperature: !isOwn,
    takesBudget: !isOwn,
    off: THINKING.find(({ name }) => name.test(model))?.off ?? null,
  }
}
