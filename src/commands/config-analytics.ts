import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { analyticsState } from '../config/analytics.ts'

const shared = {
  args: [],
  options: {},
  formats: ['json', 'yaml', 'jsonl', 'id'],
  needsLogin: false,
  destructive: false,
} as const

export const analyticsStatus = defineCommand(
  {
    ...shared,
    name: 'config analytics status',
    summary: 'say whether usage statistics may be collected, and what forbids them',
    examples: [{ command: 'vapi config analytics status', does: 'enabled or disabled, and by what' }],
  },
  async (_invocation, context) => {
    await report(context)
    return undefined
  },
)

export const analyticsEnable = defineCommand(
  {
    ...shared,
    name: 'config analytics enable',
    summary: 'allow usage statistics',
    examples: [{ command: 'vapi config analytics enable', does: 'takes the prohibition out of the file' }],
  },
  (_invocation, context) => set(false, context),
)

export const analyticsDisable = defineCommand(
  {
    ...shared,
    name: 'config analytics disable',
    summary: 'forbid usage statistics',
    examples: [{ command: 'vapi config analytics disable', does: 'for every run of this user' }],
  },
  (_invocation, context) => set(true, context),
)

async function set(disabled: boolean, context: Context): Promise<undefined> {
  await (await context.config()).change(draft => draft.set('disable_analytics', disabled))
  await report(context)
  return undefined
}

async function report({ output, env, config }: Context): Promise<void> {
  const { disabled, by } = analyticsState(await (await config()).read(), env)
  if (output.isJson || output.options.format === 'yaml') {
    await output.document({ enabled: !disabled, disabledBy: by })
  } else output.text(`${disabled ? 'disabled' : 'enabled'}\n`)
  output.note('this version collects and sends nothing; later ones obey this')
  if (by !== null) output.note(`forbidden by ${by === 'config' ? 'the configuration file' : by}`)
}
