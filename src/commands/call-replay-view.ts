import type { ReplayedTurn, TurnSide } from '../call/replay/compare.ts'
import type { ReplayDifference } from '../call/replay/exact.ts'
import type { CallLog } from '../call/replay/read.ts'
import { versions } from '../call/replay/versions.ts'
import type { WhatIf } from '../call/replay/what-if.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/table.ts'

/** One line of the comparison of two calls. */
export interface Row {
  turn: string
  part: string
  before: string
  after: string
  difference: string
}

/** Longer values are cut in the text of a difference; `--json` has them whole. */
const LONGEST = 300

const stages = [
  ['endpointingMs', 'endpointing'],
  ['modelMs', 'model'],
  ['voiceMs', 'voice'],
  ['waitMs', 'wait'],
] as const

/** The turns that differ, before and after, part by part; of diverged ones what was known. */
export function rowsOf({ turns }: Pick<WhatIf, 'turns'>): Row[] {
  return turns.filter(({ status }) => status === 'differs' || status === 'diverged').flatMap(turnRows)
}

function turnRows({ turn, status, before, after, difference }: ReplayedTurn): Row[] {
  const diverged = status === 'diverged'
  const row = (part: string, of: (side: TurnSide) => string, change = ''): Row => ({
    turn: String(turn),
    part,
    before: before === null ? '' : of(before),
    after: after === null ? '' : of(after),
    difference: change,
  })
  const customer = row('customer', side => side.customer)
  const first = { ...customer, difference: diverged ? 'diverged' : changed(customer) }
  const decided = row('decision', ({ endpointing }) => decisionText(endpointing))
  const assistant = row('assistant', side => `${side.assistant}${side.interrupted ? ' (interrupted)' : ''}`)
  const latency = row(
    'latency',
    side => (side.latency === null ? '' : `${side.latency.totalMs} ms`),
    difference === null ? '' : signed(difference.totalMs),
  )
  const parts = stages
    .filter(([stage]) => difference !== null && difference[stage] !== 0)
    .map(([stage, name]) =>
      row(
        `  ${name}`,
        side => (side.latency === null ? '' : `${side.latency[stage]} ms`),
        signed(difference?.[stage] ?? 0),
      ),
    )
  const told = (line: Row) => ({ ...line, difference: diverged ? '' : changed(line) })
  return [first, told(decided), told(assistant), latency, ...parts].filter(
    ({ before: was, after: is }, place) => place === 0 || was !== '' || is !== '',
  )
}

function decisionText(endpointing: TurnSide['endpointing']): string {
  if (endpointing === null) return ''
  const { by, waitMs, detail } = endpointing
  return `${by}, ${waitMs} ms (${detail})`
}

function changed({ before, after }: Row): string {
  return before === after ? '' : 'changed'
}

function signed(ms: number): string {
  return ms === 0 ? '' : `${ms > 0 ? '+' : '−'}${Math.abs(ms)} ms`
}

/** Says where a replay first gave something else, and what likely changed. */
export function tellDifference(difference: ReplayDifference, { header }: CallLog, output: Output): void {
  const { input, line, path, recorded, replayed, error } = difference
  const now = versions()
  const lines = [
    `different at ${(input.atMs / 1000).toFixed(2)} s (line ${line}), after the input ${input.type}`,
    `input:     ${cut(input)}`,
    ...(error === null
      ? [
          ...(path === '' ? [] : [`differs in: ${path}`]),
          `recorded:  ${recorded === null ? 'no further command' : cut(recorded)}`,
          `now:       ${replayed === null ? 'no further command' : cut(replayed)}`,
        ]
      : [`now:       the engine fails: ${error}`]),
  ]
  output.text(`${lines.map(printable).join('\n')}\n`)
  const [recordedBy, thisOne] = [
    `${header.program} on Node ${header.node}`,
    `${now.program} on Node ${now.node}`,
  ]
  output.note(
    recordedBy === thisOne
      ? `the call was taken by the same version (vapi ${thisOne}): the file was changed, or the program was built anew`
      : `the call was taken by vapi ${recordedBy}, and this is vapi ${thisOne}: a change of the program in between is the likely cause`,
  )
}

function cut(value: object): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text
}
