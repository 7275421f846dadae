/** What the build needs to make the pages that the program brings and their index; not part of the program that is shipped. */
export { encodeIndex } from '../index/index-file.ts'
export { buildIndex } from '../index/search-index.ts'
export { commandPages } from './command-pages.ts'
export { knowledgePage } from './knowledge-page.ts'
export { referencePages } from './reference-pages.ts'
