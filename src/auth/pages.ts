import { html } from '../web/html.ts'
import { renderPage } from '../web/page.ts'

/** How a login ended, as its page in the browser says it. */
export type Outcome = 'saved' | 'failed'

/** Keeps what came with the address out of the address bar and of the history. */
const hideQuery = `history.replaceState(null, '', location.pathname)`

const endings = {
  saved: {
    title: 'Logged in',
    heading: 'You are logged in',
    text: 'This is done. You can close this tab and go back to your terminal.',
  },
  failed: {
    title: 'Not logged in',
    heading: 'The login did not succeed',
    text: 'The reason stands in your terminal. You can close this tab.',
  },
} as const

/** The last page of a login. Nothing of the account is on it: others on this machine could ask for it too. */
export function endPage(outcome: Outcome): string {
  return page(endings[outcome])
}

/** The page of a request that the login cannot take; it goes on waiting. */
export function problemPage(problem: string): string {
  return page(
    {
      title: 'Not logged in',
      heading: 'This is not the answer that the login waits for',
      text: `${problem.charAt(0).toUpperCase()}${problem.slice(1)}. The login in your terminal still waits; use the address that it shows.`,
    },
    hideQuery,
  )
}

function page(words: { title: string; heading: string; text: string }, script?: string): string {
  return renderPage({
    title: words.title,
    body: html`<div class="page"><main><h1>${words.heading}</h1><p class="told">${words.text}</p></main></div>`,
    styles: `.told { margin-top: 1rem }`,
    ...(script !== undefined && { script }),
  })
}
