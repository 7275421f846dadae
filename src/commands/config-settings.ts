import { maskKey, readKey } from '../auth/key.ts'
import type { Context } from '../cli/context.ts'
import { environments, parseEnvironment } from '../config/environments.ts'
import type { ConfigDraft } from '../config/store.ts'
import type { HomeConfig } from '../config/types.ts'
import { checkServerUrl, checkTimeoutSeconds, parseSwitch } from '../config/values.ts'
import { usageError } from '../errors.ts'

type Value = string | number | boolean | null

/** A key of the configuration file as `vapi config` shows and sets it. */
export interface Setting {
  /** What is in the file, or what holds without it; never a whole key. */
  value(home: HomeConfig): Value
  /** Variables of the environment that win over the file, the nearest first. */
  variables: readonly string[]
  /** Null takes it out of the file. Absent where another command sets it. */
  change?(text: string | null): (draft: ConfigDraft) => void
  /** What sets it, where `change` does not. */
  elsewhere?: string
}

/** The word that takes a setting out of the file. */
const DEFAULT = 'default'

const settings = {
  environment: {
    value: home => home.environment,
    variables: ['VAPI_ENV', 'VAPI_ENVIRONMENT'],
    change: text => {
      const name = text === null ? null : parseEnvironment(text)
      return draft => draft.set('environment', name)
    },
  },
  base_url: {
    value: home => home.baseUrl ?? environments[home.environment].apiUrl,
    variables: ['VAPI_API_BASE_URL', 'VAPI_BASE_URL'],
    change: text => {
      const url = text === null ? null : checkServerUrl(text, 'base_url')
      return draft => draft.set('base_url', url)
    },
  },
  dashboard_url: {
    value: home => home.dashboardUrl ?? environments[home.environment].dashboardUrl,
    variables: ['VAPI_DASHBOARD_URL'],
    change: text => {
      const url = text === null ? null : checkServerUrl(text, 'dashboard_url')
      return draft => draft.set('dashboard_url', url)
    },
  },
  timeout: {
    value: home => home.timeoutSeconds ?? 30,
    variables: ['VAPI_TIMEOUT'],
    change: text => {
      const seconds = text === null ? null : checkTimeoutSeconds(numberOf(text), 'timeout')
      return draft => draft.set('timeout', seconds)
    },
  },
  storage: {
    value: home => home.storage,
    variables: [],
    elsewhere: 'vapi config set storage keyring|file',
  },
  compat: {
    value: home => home.compat,
    variables: [],
    change: text => {
      const on = text === null ? null : switchOf(text)
      return draft => draft.set('compat', on)
    },
  },
  disable_analytics: {
    value: home => home.analyticsDisabled,
    variables: ['VAPI_DISABLE_ANALYTICS', 'VAPI_NO_TELEMETRY', 'DISABLE_TELEMETRY', 'DO_NOT_TRACK'],
    change: text => {
      const disabled = text === null ? null : switchOf(text)
      return draft => draft.set('disable_analytics', disabled)
    },
  },
  active_account: {
    value: home => home.activeAccount,
    variables: ['VAPI_ACCOUNT'],
    elsewhere: 'vapi auth switch NAME',
  },
  api_key: {
    value: home => (home.legacyKey === null ? null : maskKey(home.legacyKey)),
    variables: ['VAPI_API_KEY'],
    change: text => {
      const key = text === null ? null : readKey(text)
      return draft => {
        if (key !== null && draft.config.compat && draft.config.activeAccount !== null) {
          throw usageError(
            'api_key follows the active account while compat is on',
            'vapi config set compat off',
          )
        }
        draft.setLegacyKey(key)
      }
    },
  },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof settings
export const settingNames = Object.keys(settings) as SettingName[]

/** The setting of a key. Throws a usage error that lists the keys. */
export function findSetting(key: string): { name: SettingName; setting: Setting } {
  const wanted = key.trim().toLowerCase().replaceAll('-', '_')
  const name = settingNames.find(candidate => candidate === wanted)
  if (name === undefined)
    throw usageError(`there is no setting "${key}"`, `settings: ${settingNames.join(', ')}`)
  return { name, setting: settings[name] }
}

export interface SettingRow {
  key: SettingName
  value: Value
  /** The variable of the environment that wins over the file now, or null. */
  overriddenBy: string | null
}

export function rowOf(name: SettingName, home: HomeConfig, env: Context['env']): SettingRow {
  const { value, variables }: Setting = settings[name]
  return {
    key: name,
    value: value(home),
    overriddenBy: variables.find(variable => (env[variable] ?? '').trim() !== '') ?? null,
  }
}

/** Prints all settings of the file. */
export async function printSettings(context: Context): Promise<void> {
  const home = await (await context.config()).read()
  const rows = settingNames.map(name => rowOf(name, home, context.env))
  await context.output.list(
    rows,
    [
      { heading: 'KEY', value: row => row.key },
      { heading: 'VALUE', value: row => valueText(row.value) },
      { heading: 'OVERRIDDEN BY', value: row => row.overriddenBy ?? '' },
    ],
    row => row.key,
  )
}

/** A value as text; nothing for one that is not set. */
export function valueText(value: Value): string {
  return value === null ? '' : String(value)
}

/** The text of a new value; null for the word or the empty text that takes it out of the file. */
export function textOrDefault(text: string): string | null {
  return ['', DEFAULT].includes(text.trim().toLowerCase()) ? null : text
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

function switchOf(text: string): boolean {
  const value = parseSwitch(text)
  if (value === null) throw usageError(`"${text}" is neither on nor off`, 'write on, off or default')
  return value
}
