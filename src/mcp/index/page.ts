/** What a page is about, for filters. */
export type Category = 'guides' | 'api' | 'examples' | 'changelog'

/** Where a page comes from: written by us, made of our commands, made of the API's types, or the official documentation. */
export type Source = 'knowledge' | 'commands' | 'reference' | 'official'

/** A page as it is indexed, shown and handed to coding assistants. */
export interface Page {
  /** Unique: a path without ending, `assistants/variables`. */
  id: string
  title: string
  /** One sentence; empty where there is none. */
  description: string
  /** Where it can be read in a browser; null where it is only here. */
  url: string | null
  category: Category
  source: Source
  /** Words that people use for it and that do not stand in it. */
  keywords: readonly string[]
  /** Markdown without front matter and components, code whole. */
  text: string
}

/** A heading with what stands under it. */
export interface Section {
  /** Headings from the page's first level down to this one; none for what stands before the first. */
  headings: readonly string[]
  /** As in links to it: `#the-anchor`; empty for the beginning of the page. */
  anchor: string
  /** Place in the page's text. */
  start: number
  end: number
}
