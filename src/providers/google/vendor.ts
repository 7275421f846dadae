import { endpointUrl, type ModelVendor } from '../models/vendor.ts'

export const GOOGLE: ModelVendor = {
  id: 'google',
  label: 'Google',
  baseUrl: 'https://generativelanguage.googleapis.com',
  baseUrlVariables: ['GOOGLE_GEMINI_BASE_URL', 'GEMINI_BASE_URL'],
  keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  keyRequired: true,
  keyTest: ({ baseUrl, key }) => ({
    url: `${googleUrl(baseUrl, 'models')}?pageSize=1`,
    headers: googleHeaders(key),
  }),
  endedReasonName: 'google',
  errorSuffixes: {},
  speaks: 'a server with Google’s Gemini API',
  firstTokenMs: 20_000,
}

/** The base URL goes without a version; one that has it is taken as well. */
export function googleUrl(baseUrl: string, endpoint: string): string {
  return endpointUrl(baseUrl, `v1beta/${endpoint}`, /\/v1(beta|alpha)?$/)
}

export function googleHeaders(key: string | null): Record<string, string> {
  return key === null ? {} : { 'x-goog-api-key': key }
}
