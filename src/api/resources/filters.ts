import type { Filter } from './types.ts'

const moments = [
  ['created', 'createdAt'],
  ['updated', 'updatedAt'],
] as const
const comparisons = [
  ['gt', 'Gt', 'after'],
  ['lt', 'Lt', 'before'],
  ['ge', 'Ge', 'at or after'],
  ['le', 'Le', 'at or before'],
] as const

/** The eight time filters that every list has; a time is ISO 8601, or an age such as `2h` or `7d`. */
export const timeFilters: readonly Filter[] = moments.flatMap(([word, parameter]) =>
  comparisons.map(([short, suffix, meaning]) => ({
    flag: `${word}-at-${short}`,
    parameter: `${parameter}${suffix}`,
    summary: `${word} ${meaning} this time (ISO 8601, or an age: 2h, 7d)`,
  })),
)

/** Order of lists that come in pages. */
export const sortFilters: readonly Filter[] = [
  { flag: 'sort-order', parameter: 'sortOrder', choices: ['ASC', 'DESC'], summary: 'order of the list' },
  {
    flag: 'sort-by',
    parameter: 'sortBy',
    choices: ['createdAt', 'duration', 'cost'],
    summary: 'what the order goes by',
  },
]

export const pageFilters: readonly Filter[] = [...sortFilters, ...timeFilters]

/** A filter by another resource's id or name. */
export function referenceFilter(flag: string, parameter: string): Filter {
  return {
    flag,
    parameter,
    reference: flag,
    summary: `of this ${flag === 'phone' ? 'phone number' : flag}, by id or name`,
  }
}
