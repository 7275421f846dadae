/** The connections of one Gemini: a new one can be opened before it is needed. */
import type { ModelTool } from '../../engine/ports/language-model.ts'
import type { VapiError } from '../../errors.ts'
import type { GeminiSettings, GeminiTold } from './gemini-form.ts'
import { type GeminiLink, type GeminiLinkOptions, openGeminiLink } from './gemini-link.ts'

/** What changes from one connection to the next. */
export interface GeminiChange {
  instructions: string
  tools: readonly ModelTool[]
}

export interface GeminiLinks {
  /** One that knows nothing yet. Throws VapiError. */
  take(change: GeminiChange): Promise<GeminiLink>
  /** Opens the next one. */
  prepare(change: GeminiChange): void
  close(): void
}

export interface GeminiLinksListener {
  told(link: GeminiLink, told: GeminiTold): void
  lost(link: GeminiLink, error: VapiError): void
}

export function createGeminiLinks(
  options: GeminiLinkOptions & { settings: GeminiSettings },
  signal: AbortSignal,
  listener: GeminiLinksListener,
): GeminiLinks {
  let spare: { key: string; link: Promise<GeminiLink> } | null = null
  const keyOf = ({ instructions, tools }: GeminiChange) => JSON.stringify([instructions, tools])

  function connect(change: GeminiChange): Promise<GeminiLink> {
    const made: Promise<GeminiLink> = openGeminiLink(
      options,
      { ...options.settings, ...change },
      {
        told: event => void made.then(link => listener.told(link, event)),
        lost: error =>
          void made.then(link => {
            forget(made)
            listener.lost(link, error)
          }),
      },
      signal,
    )
    return made
  }

  function forget(made: Promise<GeminiLink>): void {
    if (spare?.link === made) spare = null
  }

  function close(): void {
    void spare?.link.then(
      made => made.close(),
      () => {},
    )
    spare = null
  }

  return {
    take(change) {
      if (spare?.key !== keyOf(change)) return connect(change)
      const { link } = spare
      spare = null
      // It may not have come about though another one would.
      return link.catch(() => connect(change))
    },
    prepare(change) {
      if (spare?.key === keyOf(change)) return
      close()
      const made = connect(change)
      spare = { key: keyOf(change), link: made }
      made.catch(() => forget(made))
    },
    close,
  }
}
