import { z } from 'zod'
import type { Library } from '../../content/library.ts'
import type { PageHead } from '../../index/search-index.ts'
import { linkOf, placeOf, sectionNumbers, titlePath } from '../found.ts'
import { cutText, itemsThatFit } from '../limit.ts'
import { createRelevance } from '../relevance.ts'
import { defineTool, READS_HERE } from '../tool.ts'

const levels = ['beginner', 'intermediate', 'advanced', 'all'] as const
type Level = (typeof levels)[number]

const LEVEL_RULE =
  'beginner: path or title speaks of a quickstart, introduction, overview, basics or first steps; advanced: of custom or self-run parts, servers and webhooks, SIP, security and compliance, squads and transfers, the voice pipeline, latency, scaling, migration; intermediate: every other guide'

const BEGINNER =
  /quick-?start|introduction|getting.started|overview|basics|first.(?:steps|assistant|call|agent)|what.is|how.vapi.works|installation|glossary|\bguides?$|\bfaq\b/i
const ADVANCED =
  /\bcustom|self.host|bring.your.own|\bbyo|\bsip\b|trunk|webhook|server.url|security|hipaa|pci|gdpr|compliance|enterprise|squad|transfer|handoff|pipeline|fallback|latency|concurren|scal(?:e|ing)|migrat|tracing|observability|realtime|websocket|\bjwt\b|oauth|\bhooks?\b|advanced|queue/i

const SHOWN = 3
/** A page up to this length is given whole; of a longer one the section that fits, with what stands below it. */
const WHOLE_PAGE = 12_000
const LONGEST = 12_000
/** A section that is shorter comes with what follows it. */
const SHORT = 3000
const WITH_WHAT_FOLLOWS = 8000
/** Share of the best score, of any level, below which a guide is about something else. */
const WORTH_SHOWING = 0.3

/** The beginning of a page says what it is about, as its headings do. */
const OPENING = 300

const guide = z.object({
  title: z.string(),
  headings: z.array(z.string()).describe('empty where the whole page is given'),
  url: z.string().nullable(),
  uri: z.string(),
  level: z.string(),
  isCut: z.boolean(),
  text: z.string().describe('Markdown'),
})
type Guide = z.infer<typeof guide>

export const getGuides = defineTool({
  name: 'get_guides',
  title: 'Guides',
  description: `Whole guides, or their whole sections where a guide is long, about a topic. Levels are told by path and title (${LEVEL_RULE}).`,
  input: z.strictObject({
    topic: z
      .string()
      .trim()
      .min(1)
      .max(1000)
      .describe('what the guide is about: "transfer a call to a person"'),
    level: z.enum(levels).default('all').describe('only guides of this level'),
  }),
  output: z.object({
    topic: z.string(),
    level: z.string(),
    levelRule: z.string(),
    guides: z.array(guide),
    alsoFitting: z
      .array(z.object({ title: z.string(), uri: z.string(), level: z.string() }))
      .describe('further guides, to be read as resources'),
  }),
  annotations: READS_HERE,
  async run({ topic, level }, { library: open, signal }) {
    const library = await open()
    signal.throwIfAborted()
    const { pages } = library.index
    const found = library.search(topic, { categories: ['guides', 'examples'], limit: pages.length })
    const least = (found[0]?.score ?? 0) * WORTH_SHOWING
    const isAbout = createRelevance(library.index, topic)
    const hits = found.filter(
      ({ page, score }) =>
        score >= least && isOfLevel(pages[page], level) && isAbout(...textsOf(library, page)),
    )
    const first = hits.slice(0, SHOWN).map(hit => guideOf(library, hit.page, hit.section))
    const guides = itemsThatFit(first, textOf)
    const alsoFitting = hits.slice(guides.length, guides.length + 7).map(({ page }) => {
      const { head, uri } = placeOf(library, page, null)
      return { title: head.title, uri, level: levelOf(head) }
    })
    const data = { topic, level, levelRule: LEVEL_RULE, guides, alsoFitting }
    if (guides.length > 0) {
      const more = alsoFitting.map(({ title, uri }) => `- ${title}: ${uri}`)
      const also = more.length === 0 ? [] : [`More guides that fit:\n${more.join('\n')}`]
      return { text: [...guides.map(textOf), ...also].join('\n\n---\n\n'), data }
    }
    const text =
      level === 'all'
        ? `No guide was found for "${topic}". Try search_documentation, or other words.`
        : `No ${level} guide was found for "${topic}" (${LEVEL_RULE}). Try level "all".`
    return { text, data }
  },
})

/** The level of a guide, by its path and title. */
export function levelOf({ id, title }: Pick<PageHead, 'id' | 'title'>): Exclude<Level, 'all'> {
  const name = `${id}\n${title}`
  if (BEGINNER.test(id) || BEGINNER.test(title)) return 'beginner'
  return ADVANCED.test(name) ? 'advanced' : 'intermediate'
}

/** What a page says it is about, and all of it. */
function textsOf(library: Library, page: number): [headings: string, text: string] {
  const { head, text } = placeOf(library, page, null)
  const headings = sectionNumbers(library, page).map(number =>
    library.index.sections[number]?.headings.at(-1),
  )
  return [
    [head.id, head.title, head.description, ...head.keywords, ...headings, text.slice(0, OPENING)].join('\n'),
    text,
  ]
}

function isOfLevel(head: PageHead | undefined, level: Level): boolean {
  return head !== undefined && (level === 'all' || levelOf(head) === level)
}

function guideOf(library: Library, page: number, section: number | null): Guide {
  const whole = placeOf(library, page, null)
  const isWhole = whole.text.length <= WHOLE_PAGE || section === null
  const place = isWhole ? whole : placeOf(library, page, section)
  const { text, isCut } = cutText(isWhole ? whole.text : sectionAround(library, page, section), LONGEST)
  const { head, headings, url, uri } = place
  return { title: head.title, headings: [...headings], url, uri, level: levelOf(head), isCut, text }
}

/** The largest section around this one that is not too long; of a short one also what follows it. */
function sectionAround(library: Library, page: number, section: number): string {
  const { sections, textOf: read } = library.index
  const own = sections[section]
  if (own === undefined) return ''
  const all = sectionNumbers(library, page).flatMap(number => sections[number] ?? [])
  const text = read(page)
  for (let depth = 1; depth <= own.headings.length; depth++) {
    const path = own.headings.slice(0, depth)
    const belongs = all.filter(({ headings }) => path.every((heading, place) => headings[place] === heading))
    const start = belongs[0]?.start ?? own.start
    const end = belongs.at(-1)?.end ?? own.end
    if (end - start > LONGEST) continue
    if (end - start >= SHORT) return text.slice(start, end).trim()
    return cutText(text.slice(start).trim(), WITH_WHAT_FOLLOWS).text
  }
  return text.slice(own.start, own.end).trim()
}

function textOf(found: Guide): string {
  const cut = found.isCut ? `\n\nThe rest is at ${found.uri}.` : ''
  return `# ${titlePath(found.title, found.headings)} [${found.level}]\n${linkOf(found)}\n\n${found.text}${cut}`
}
