/** What the user looks at. It stands in the page’s address, so that it is there again after a reload. */
export interface View {
  list: 'events' | 'calls'
  /** Filters of the list; empty: all. */
  type: string
  call: string
  text: string
  failed: boolean
  /** The event or the call that is open; one of them is empty. */
  event: string
  talk: string
  requestTab: BodyTab
  replyTab: BodyTab
}

export type BodyTab = 'body' | 'raw' | 'headers'

const TOKEN_KEY = 'token'

const initial: View = {
  list: 'events',
  type: '',
  call: '',
  text: '',
  failed: false,
  event: '',
  talk: '',
  requestTab: 'body',
  replyTab: 'body',
}

/** Takes the token out of the page’s address, and keeps it for this tab alone. Null where there is none. */
export function takeToken(): string | null {
  const given = hashValues().get(TOKEN_KEY)
  if (given !== null) {
    sessionStorage.setItem(TOKEN_KEY, given)
    const view = readView()
    history.replaceState(null, '', addressOf(view))
  }
  return sessionStorage.getItem(TOKEN_KEY)
}

export class ViewState {
  private current: View = readView()
  private readonly listeners: ((view: View, before: View) => void)[] = []

  constructor() {
    addEventListener('popstate', () => this.replace(readView()))
    addEventListener('hashchange', () => this.replace(readView()))
  }

  get view(): View {
    return this.current
  }

  /** Opening something is a step that the browser’s back takes again; filters are not. */
  set(patch: Partial<View>): void {
    const next = { ...this.current, ...patch }
    const opens = next.event !== this.current.event || next.talk !== this.current.talk
    const address = addressOf(next)
    if (opens) history.pushState(null, '', address)
    else history.replaceState(null, '', address)
    this.replace(next)
  }

  onChange(listener: (view: View, before: View) => void): void {
    this.listeners.push(listener)
  }

  private replace(next: View): void {
    const before = this.current
    if (JSON.stringify(before) === JSON.stringify(next)) return
    this.current = next
    for (const listener of this.listeners) listener(next, before)
  }
}

function hashValues(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1))
}

function readView(): View {
  const values = hashValues()
  const text = (name: string) => values.get(name) ?? ''
  return {
    list: text('list') === 'calls' ? 'calls' : 'events',
    type: text('type'),
    call: text('call'),
    text: text('text'),
    failed: text('failed') === '1',
    event: text('event'),
    talk: text('talk'),
    requestTab: tabOf(text('requestTab')),
    replyTab: tabOf(text('replyTab')),
  }
}

function tabOf(text: string): BodyTab {
  return text === 'raw' || text === 'headers' ? text : 'body'
}

function addressOf(view: View): string {
  const values = new URLSearchParams()
  for (const [name, value] of Object.entries(view)) {
    if (value === initial[name as keyof View]) continue
    values.set(name, value === true ? '1' : String(value))
  }
  const text = values.toString()
  return text === '' ? location.pathname : `#${text}`
}
