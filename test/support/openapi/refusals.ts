export const id = '0e3a5ec8-4a3b-4cf1-9a55-1e0f5a0c8b11'

/** What a test sends beside method and path. */
export interface Sent {
  body?: unknown
  form?: FormData
  headers?: Record<string, string>
  key?: string | null
}

export function formOf(parts: Record<string, string | File>): FormData {
  const form = new FormData()
  for (const [name, part] of Object.entries(parts)) form.append(name, part)
  return form
}

/** Requests that depart from the document in one thing: what, method, path, the rest, and the message. */
export const refusals: [string, string, string, Sent, string][] = [
  [
    'a field that does not exist',
    'POST',
    '/assistant',
    { body: { nam: 'x' } },
    'property nam should not exist',
  ],
  [
    'a field that does not exist, in a branch chosen by its discriminator',
    'POST',
    '/assistant',
    { body: { model: { provider: 'openai', model: 'gpt-4o', temprature: 1 } } },
    'model.property temprature should not exist',
  ],
  [
    'a field that does not exist, in a list of lists',
    'POST',
    '/squad',
    { body: { members: [{ assistantId: id, assistantDestinations: [{ type: 'assistant', to: 'me' }] }] } },
    'members.0.assistantDestinations.0.property to should not exist',
  ],
  [
    'an unknown discriminator',
    'POST',
    '/phone-number',
    { body: { provider: 'acme' } },
    'provider must be one of the following values: byo-phone-number, twilio, vonage, vapi, telnyx',
  ],
  [
    'a field that is missing in the chosen branch',
    'POST',
    '/phone-number',
    { body: { provider: 'vonage', number: '+15551234567' } },
    'credentialId should not be empty',
  ],
  [
    'a change that does not say of which kind of object',
    'PATCH',
    `/reporting/insight/${id}`,
    { body: { name: 'Calls' } },
    'type must be one of the following values: bar, pie, line, text',
  ],
  ['a wrong type', 'POST', '/assistant', { body: { firstMessage: 5 } }, 'firstMessage must be a string'],
  [
    'a text that is too long',
    'PATCH',
    `/call/${id}`,
    { body: { name: 'x'.repeat(41) } },
    'name must be shorter than or equal to 40 characters',
  ],
  [
    'a number out of its range',
    'POST',
    '/assistant',
    { body: { maxDurationSeconds: 1 } },
    'maxDurationSeconds must not be less than 10',
  ],
  [
    'the older reference to an assistant',
    'POST',
    '/call',
    { body: { assistant: { assistantId: id } } },
    'assistant.property assistantId should not exist',
  ],
  ['an id that is none', 'GET', '/assistant/abc', {}, 'id must be a UUID'],
  ['an unknown filter', 'GET', '/call?state=ended', {}, 'property state should not exist'],
  ['a limit that is none', 'GET', '/call?limit=many', {}, 'limit must be a number'],
  ['a limit that is too large', 'GET', '/call?limit=1001', {}, 'limit must not be greater than 1000'],
  ['a filter that is given twice', 'GET', '/call?limit=1&limit=2', {}, 'limit must be given once'],
  [
    'a time without its zone',
    'GET',
    '/call?createdAtGt=2026-01-01',
    {},
    'createdAtGt must be a valid ISO 8601 date string',
  ],
  [
    'a filter with an unknown value',
    'GET',
    '/campaign?status=over',
    {},
    'status must be one of the following values: scheduled, in-progress, ended, cancelled, archived',
  ],
  ['a cursor where there are no pages', 'GET', '/call?cursor=x', {}, 'property cursor should not exist'],
  ['a body where none is declared', 'DELETE', `/assistant/${id}`, { body: {} }, 'a body should not exist'],
  ['no body where one is declared', 'POST', '/assistant', {}, 'the body should not be empty'],
  [
    'JSON that says it is text',
    'POST',
    '/assistant',
    { body: {}, headers: { 'content-type': 'text/plain' } },
    'content-type must be application/json, not text/plain',
  ],
  ['JSON in place of a form', 'POST', '/file', { body: {} }, 'the body must be multipart/form-data'],
  [
    'a form without its file',
    'POST',
    '/file',
    { form: formOf({ metadata: '{}' }) },
    'file should not be empty',
  ],
  ['a text as the file', 'POST', '/file', { form: formOf({ file: 'words' }) }, 'file must be a file'],
  [
    'an unknown part',
    'POST',
    '/file',
    { form: formOf({ file: new File(['x'], 'x.txt'), title: 'x' }) },
    'property title should not exist',
  ],
  [
    'a part with an unknown value',
    'POST',
    '/file',
    { form: formOf({ file: new File(['x'], 'x.txt'), purpose: 'fun' }) },
    'purpose must be one of the following values: assistant, composer-attachment, knowledge-base-v2',
  ],
]
