import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** How questions look. Our own, because the library's colours follow stdout, while questions are on stderr. */
export function promptTheme(colour: boolean) {
  const paint = (format: Format) => (text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text
  const [bold, cyan, dim, green, red, yellow] = (
    ['bold', 'cyan', 'dim', 'green', 'red', 'yellow'] as const
  ).map(paint) as [Paint, Paint, Paint, Paint, Paint, Paint]
  return {
    prefix: { idle: cyan('?'), done: green('✔') },
    spinner: { interval: 80, frames: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'].map(yellow) },
    icon: { cursor: '❯', checked: green('◉'), unchecked: '◯' },
    style: {
      answer: cyan,
      message: bold,
      error: (text: string) => red(`> ${text}`),
      defaultAnswer: (text: string) => dim(`(${text})`),
      help: dim,
      highlight: cyan,
      key: (text: string) => cyan(`<${text}>`),
      description: dim,
      disabled: dim,
      searchTerm: cyan,
      maskedText: '(not shown)',
      keysHelpTip: (keys: readonly (readonly [string, string])[]) =>
        dim(keys.map(([key, action]) => `${key} ${action}`).join(' · ')),
    },
  }
}

type Paint = (text: string) => string
