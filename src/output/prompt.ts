export interface Choice<Value extends string> {
  value: Value
  /** What is shown; the value itself unless given. */
  label?: string
  /** Shown below the list while the choice is marked. */
  description?: string
}

interface Question {
  message: string
  signal?: AbortSignal
}

/**
 * Asks the person at the terminal, on stderr. Every question rejects with VapiError `interrupted` (exit 130) on Ctrl-C,
 * on the signal and at the end of the input, and leaves the terminal as it was. Without a terminal none of them may be called: see
 * `Context.interactive`.
 */
export interface Prompt {
  text(
    question: Question & {
      default?: string
      /** True, or what is wrong with it. */
      validate?: (text: string) => true | string | Promise<true | string>
    },
  ): Promise<string>
  /** Typed unseen. */
  secret(question: Question): Promise<string>
  confirm(question: Question & { default?: boolean }): Promise<boolean>
  /** One of a list; typing narrows long ones. */
  select<Value extends string>(
    question: Question & { choices: readonly Choice<Value>[]; default?: Value },
  ): Promise<Value>
  checkbox<Value extends string>(question: Question & { choices: readonly Choice<Value>[] }): Promise<Value[]>
}
