import type { Page } from '../index/page.ts'

/** What is needed of the program's description (`dist/commands.json`). */
interface Described {
  globalOptions: readonly DescribedOption[]
  commands: readonly DescribedCommand[]
}

interface DescribedOption {
  name: string
  short?: string
  placeholder?: string
  default?: string
  choices?: readonly string[]
  summary: string
}

interface DescribedCommand {
  name: string
  summary: string
  description?: string
  aliases: readonly string[]
  args: readonly { name: string; summary: string; required: boolean; variadic?: boolean }[]
  options: readonly DescribedOption[]
  needsLogin: boolean
  examples: readonly { command: string; does: string }[]
}

/** A page for each command of this program, from its own definition. */
export function commandPages({ commands, globalOptions }: Described): Page[] {
  const pages = commands.map(commandPage)
  return [
    ...pages,
    page(
      'options',
      'vapi: options of every command',
      'Options that every command takes.',
      [],
      optionList(globalOptions),
    ),
  ]
}

function commandPage({
  name,
  summary,
  description,
  aliases,
  args,
  options,
  needsLogin,
  examples,
}: DescribedCommand): Page {
  const usage = ['vapi', name, ...args.map(argumentText), ...(options.length > 0 ? ['[options]'] : [])].join(
    ' ',
  )
  const text = [
    ['```bash', usage, '```'].join('\n'),
    sentence(summary),
    description ?? '',
    aliases.length > 0 ? `Also: ${aliases.map(alias => `\`${alias}\``).join(', ')}.` : '',
    needsLogin ? 'It needs a login (`vapi login`, or `VAPI_API_KEY`).' : 'It needs no login.',
    args.length > 0
      ? `## Arguments\n\n${args.map(({ name: arg, summary: about }) => `- \`${arg}\`: ${about}`).join('\n')}`
      : '',
    options.length > 0 ? `## Options\n\n${optionList(options)}` : '',
    `## Examples\n\n${examples.map(({ command, does }) => ['```bash', `# ${does}`, command, '```'].join('\n')).join('\n\n')}`,
  ]
  return page(
    name.replaceAll(' ', '-'),
    `vapi ${name}`,
    sentence(summary),
    aliases,
    text.filter(part => part !== '').join('\n\n'),
  )
}

function page(
  id: string,
  title: string,
  description: string,
  keywords: readonly string[],
  text: string,
): Page {
  return {
    id: `command/${id}`,
    title,
    description,
    url: null,
    category: 'guides',
    source: 'commands',
    keywords,
    text,
  }
}

function argumentText({ name, required, variadic }: DescribedCommand['args'][number]): string {
  const text = variadic ? `${name}…` : name
  return required ? `<${text}>` : `[${text}]`
}

function optionList(options: readonly DescribedOption[]): string {
  return options
    .map(({ name, short, placeholder, default: preset, choices, summary }) => {
      const flag = `${short === undefined ? '' : `-${short}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`
      const of = choices === undefined ? '' : ` (${choices.join(', ')})`
      return `- \`${flag}\`: ${summary}${of}${preset === undefined ? '' : `; default ${preset}`}`
    })
    .join('\n')
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}
