import type { Readable } from 'node:stream'
import { Exit, VapiError } from '../errors.ts'
import type { Choice, Prompt } from './prompt.ts'
import { promptTheme } from './prompt-theme.ts'
import type { Streams } from './streams.ts'
import { printable } from './table.ts'

/** As many choices are shown at once; longer lists are narrowed by typing. */
const PAGE_SIZE = 10

/**
 * Questions at the terminal: asked on stderr, answered on stdin. `signal` ends every question. Loads the library of
 * questions, so make it only when something is asked.
 */
export async function createPrompt(
  streams: Streams,
  signal: AbortSignal,
  { colour = true }: { colour?: boolean } = {},
): Promise<Prompt> {
  const questions = await import('./inquirer.ts')
  const theme = promptTheme(colour)

  const ask = async <Answer>(
    question: { signal?: AbortSignal },
    show: (context: { input: Readable; output: Streams['stderr']; signal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> => {
    const end = watchEnd(streams.stdin)
    const signals = [signal, end.signal, ...(question.signal === undefined ? [] : [question.signal])]
    try {
      const either = AbortSignal.any(signals)
      return await show({ input: streams.stdin, output: streams.stderr, signal: either })
    } catch (error) {
      const left = error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name)
      throw left ? interrupted(signals.find(candidate => candidate.aborted)?.reason) : error
    } finally {
      end.stop()
    }
  }

  return {
    text: ({ message, default: given, validate, ...rest }) =>
      ask(rest, context =>
        questions.input(
          {
            message: printable(message),
            ...(given !== undefined && { default: printable(given) }),
            ...(validate !== undefined && { validate }),
            theme,
          },
          context,
        ),
      ),
    secret: ({ message, ...rest }) =>
      ask(rest, context =>
        questions.password({ message: printable(message), toggleMask: false, theme }, context),
      ),
    confirm: ({ message, default: given = false, ...rest }) =>
      ask(rest, context =>
        questions.confirm({ message: printable(message), default: given, theme }, context),
      ),
    select: async ({ message, choices, default: given, ...rest }) => {
      requireChoices(message, choices)
      const shown = choices.map(shownChoice)
      const common = {
        message: printable(message),
        pageSize: PAGE_SIZE,
        theme,
        ...(given !== undefined && { default: given }),
      }
      return ask(rest, context =>
        shown.length <= PAGE_SIZE
          ? questions.select({ ...common, choices: shown }, context)
          : questions.search({ ...common, source: term => narrow(shown, term) }, context),
      )
    },
    checkbox: async ({ message, choices, ...rest }) => {
      requireChoices(message, choices)
      return ask(rest, context =>
        questions.checkbox(
          { message: printable(message), choices: choices.map(shownChoice), pageSize: PAGE_SIZE, theme },
          context,
        ),
      )
    },
  }
}

interface ShownChoice<Value extends string> {
  value: Value
  name: string
  description?: string
}

function shownChoice<Value extends string>(choice: Choice<Value>): ShownChoice<Value> {
  const { value, label = value, description } = choice
  return {
    value,
    name: printable(label),
    ...(description !== undefined && { description: printable(description) }),
  }
}

/** The choices that have every typed word in their name or value, in any case. */
export function narrow<Value extends string>(
  choices: readonly ShownChoice<Value>[],
  term: string | undefined,
): ShownChoice<Value>[] {
  const words = (term ?? '').toLowerCase().split(/\s+/)
  return choices.filter(({ name, value }) => {
    const text = `${name} ${value}`.toLowerCase()
    return words.every(word => text.includes(word))
  })
}

function requireChoices(message: string, choices: readonly unknown[]): void {
  if (choices.length > 0) return
  throw new VapiError({ code: 'nothing-to-choose', message: `there is nothing to choose for "${message}"` })
}

function interrupted(reason: unknown): VapiError {
  if (reason instanceof VapiError && reason.code === 'interrupted') return reason
  return new VapiError({
    code: 'interrupted',
    message: 'interrupted at a question',
    exit: Exit.interrupted,
    cause: reason,
  })
}

/**
 * Aborts when a question's reader has gone: Ctrl-D, or the end of the input. The library leaves such a question
 * unanswered for ever. What can be seen from outside is that the input is paused or no longer raw. Ctrl-Z pauses it
 * too, but has it raw again when the program goes on, and then it must be read again.
 */
function watchEnd(stdin: Readable & { isRaw?: boolean }): { signal: AbortSignal; stop(): void } {
  const end = new AbortController()
  const look = () =>
    setImmediate(() => {
      if (stdin.isRaw === true) stdin.resume()
      else end.abort()
    })
  const onKey = (_text: unknown, key?: { name?: string; ctrl?: boolean }) => {
    if (key?.ctrl === true && key.name === 'd') look()
  }
  stdin.on('pause', look)
  stdin.on('keypress', onKey)
  stdin.once('end', look)
  return {
    signal: end.signal,
    stop: () => {
      stdin.off('pause', look)
      stdin.off('keypress', onKey)
      stdin.off('end', look)
      stdin.pause()
    },
  }
}
