import { endpointUrl, type ModelVendor } from '../models/vendor.ts'

/** The later version, 2026-10-21, has no temperature (page "Versions"); both have the same stream. */
const API_VERSION = '2023-06-01'

export const ANTHROPIC: ModelVendor = {
  id: 'anthropic',
  label: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  baseUrlVariables: ['ANTHROPIC_BASE_URL'],
  keyVariables: ['ANTHROPIC_API_KEY'],
  keyRequired: true,
  keyTest: ({ baseUrl, key }) => ({
    url: `${anthropicUrl(baseUrl, 'models')}?limit=1`,
    headers: anthropicHeaders(key),
  }),
  endedReasonName: 'anthropic',
  errorSuffixes: { overloaded_error: '503-server-overloaded-error' },
  speaks: 'a server with Anthropic’s Messages API',
  firstTokenMs: 20_000,
}

/** The base URL goes without a version, as in the vendor's own clients; one that has it is taken as well. */
export function anthropicUrl(baseUrl: string, endpoint: string): string {
  return endpointUrl(baseUrl, `v1/${endpoint}`, /\/v1(\/messages)?$/)
}

/** Version and key. */
export function anthropicHeaders(key: string | null): Record<string, string> {
  return { 'anthropic-version': API_VERSION, ...(key !== null && { 'x-api-key': key }) }
}
