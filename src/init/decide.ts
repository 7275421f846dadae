import type { Family, Framework } from './frameworks/row.ts'
import type { Marker, Weight } from './types.ts'

/** A framework for which something speaks. */
export interface Hit {
  row: Framework
  markers: Marker[]
}

/** How sure one marker makes. Together they leave the product of their doubts. */
const CERTAINTY: Readonly<Record<Weight, number>> = { certain: 0.95, strong: 0.7, weak: 0.25 }

/** From 0 to 1, two digits; never quite 1. */
export function confidenceOf(markers: readonly Marker[]): number {
  const doubt = markers.reduce((left, { weight }) => left * (1 - CERTAINTY[weight]), 1)
  return Math.min(0.99, Math.round((1 - doubt) * 100) / 100)
}

const rank: Readonly<Record<Weight, number>> = { weak: 0, strong: 1, certain: 2 }

/** The best weight of what speaks for a framework. */
function strength({ markers }: Hit): number {
  return Math.max(...markers.map(({ weight }) => rank[weight]))
}

const isFirm = (hit: Hit) => strength(hit) > 0
const isCertain = (hit: Hit) => strength(hit) === 2

/**
 * Chooses among the frameworks that something speaks for: those that can be it, the best first. One: it is that. None or
 * several: nobody can tell, and it has to be asked.
 */
export function decide(hits: readonly Hit[]): Hit[] {
  const firm = hits.filter(isFirm)
  const beaten = new Set(firm.flatMap(({ row }) => row.beats))
  const left = firm.filter(({ row }) => !beaten.has(row.id))
  return left.filter(hit => !left.some(other => other !== hit && outranks(other, hit)))
}

/** All that something speaks for, the best first: those that can be it, then the firm ones, then the rest. */
export function ordered(hits: readonly Hit[], chosen: readonly Hit[]): Hit[] {
  const place = (hit: Hit) => {
    const among = chosen.indexOf(hit)
    return among === -1 ? 10 - strength(hit) : 0
  }
  return [...hits].sort(
    (one, other) => place(one) - place(other) || confidenceOf(other.markers) - confidenceOf(one.markers),
  )
}

const LEVEL: Readonly<Record<Family, number>> = {
  flutter: 0,
  mobile: 1,
  platform: 2,
  meta: 3,
  javascript: 4,
  service: 4,
  general: 5,
}

/**
 * True where one framework makes the other a part of its project. The order of families (frameworks.md section 3), with the
 * exceptions that it names: a platform owns its folder only where its own files are there, and a platform or a service
 * beside a meta framework, both without doubt, are two programs.
 */
function outranks(one: Hit, other: Hit): boolean {
  const [mine, its] = [one.row.family, other.row.family]
  if (mine === 'platform' && !isCertain(one)) return levelBelow(one, other)
  if (mine === 'flutter' || mine === 'mobile') return LEVEL[mine] < LEVEL[its]
  if (mine === 'platform')
    return its === 'platform' ? !isCertain(other) : !(its === 'meta' && isCertain(other)) && LEVEL[its] > 2
  if (mine === 'meta')
    return (
      its === 'javascript' ||
      its === 'general' ||
      ((its === 'service' || its === 'platform') && !isCertain(other))
    )
  return levelBelow(one, other)
}

/** Among programs of their own: a language alone yields to any, and a likely one to one without doubt. */
function levelBelow(one: Hit, other: Hit): boolean {
  const general = other.row.family === 'general'
  if (one.row.family === 'general') return false
  if (general) return true
  const peers = ['javascript', 'service', 'platform']
  return peers.includes(other.row.family) && strength(one) > strength(other)
}
