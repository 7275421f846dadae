/**
 * What steers the formatter: the compiled form of `voice.chunkPlan.formatPlan`. Whoever reads an assistant's
 * configuration fills in the defaults and compiles regexes before it comes here.
 */

/**
 * The 17 values of the API field `formattersEnabled`. `quote` and `dash` exist there without any documented effect:
 * they are accepted and do nothing.
 */
export const FORMATTER_NAMES = [
  'markdown',
  'asterisk',
  'quote',
  'dash',
  'newline',
  'colon',
  'acronym',
  'dollarAmount',
  'email',
  'date',
  'time',
  'distance',
  'unit',
  'percentage',
  'phoneNumber',
  'number',
  'stripAsterisk',
] as const
export type FormatterName = (typeof FORMATTER_NAMES)[number]

/** Replaces a literal text: its first occurrence in each formatted chunk, or all of them. Case counts. */
export interface ExactReplacement {
  readonly type: 'exact'
  readonly key: string
  readonly value: string
  readonly replaceAllEnabled: boolean
}

/** Replaces every match, as `String.prototype.replaceAll` does: `$1`, `$<name>`, `$&` and `$$` work in `value`. */
export interface RegexReplacement {
  readonly type: 'regex'
  /** Compiled with the user's options; the global flag may be missing. */
  readonly pattern: RegExp
  readonly value: string
}

export type Replacement = ExactReplacement | RegexReplacement

export interface FormatPlan {
  readonly enabled: boolean
  /** Whole numbers above it are read digit by digit, the others as words. The platform's default is 2025. */
  readonly numberToDigitsCutoff: number
  /** Which formatters run; null: all that are on by default. Angle bracket removal and replacements always run. */
  readonly formattersEnabled: readonly FormatterName[] | null
  /** SSML is on for the voice: all of its tags are kept, not only `<break>` and `<spell>`. */
  readonly ssml?: boolean
  /** Applied last, in this order, each on the result of the one before. */
  readonly replacements: readonly Replacement[]
}

/** A stretch of the formatted text and the source characters that it came from (offsets in UTF-16 units). */
export interface FormattedSpan {
  readonly from: number
  readonly to: number
  readonly sourceFrom: number
  readonly sourceTo: number
}

/**
 * Text ready to be spoken. `spans` cover it without gap or overlap; their source ranges rise and never overlap. Source
 * characters that no span names were removed. Inside a span, positions go linearly: one to one where both lengths are
 * equal, in proportion otherwise.
 */
export interface FormattedText {
  readonly text: string
  readonly spans: readonly FormattedSpan[]
}
