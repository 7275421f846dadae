import { setTimeout as wait } from 'node:timers/promises'
import type { BatchResults } from '../api/batch.ts'
import type { Contact } from '../api/contacts.ts'
import { readIdentified } from '../api/read-object.ts'
import type { Api, JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { asVapiError, Exit, type ExitCode, type VapiError } from '../errors.ts'

const MINUTE_MS = 60_000

/** Calls one contact after the other, at `perMinute`; a refused key ends the batch. Ctrl-C ends it between two calls. */
export async function runBatch(
  contacts: readonly Contact[],
  bodyFor: (contact: Contact) => JsonObject,
  results: BatchResults,
  perMinute: number,
  api: Api,
  { output, signal }: Context,
): Promise<void> {
  const progress = output.progress('calling')
  let failed = 0
  try {
    for (const [place, contact] of contacts.entries()) {
      if (place > 0) await wait(MINUTE_MS / perMinute, undefined, { signal })
      signal.throwIfAborted()
      const error = await callContact(contact, bodyFor(contact), results, api)
      if (error !== null) {
        failed++
        if (error.exit === Exit.notLoggedIn) throw error
        output.warning(`row ${contact.row}: ${error.message}`)
      }
      progress.say(failed === 0 ? 'calling' : `calling (${failed} failed)`)
      progress.update({ done: place + 1, total: contacts.length })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    progress.stop()
  }
}

/** One call, recorded before and after. Gives what went wrong. */
async function callContact(
  { row, customer }: Contact,
  body: JsonObject,
  results: BatchResults,
  api: Api,
): Promise<VapiError | null> {
  const entry = { row, ...(typeof customer.number === 'string' && { number: customer.number }) }
  await results.record({ ...entry, state: 'sending' })
  try {
    const reply = await api.request({ method: 'POST', path: '/call', body })
    await results.record({ ...entry, state: 'done', callId: readIdentified(reply, 'POST /call').id })
    return null
  } catch (thrown) {
    const error = asVapiError(thrown)
    // Only a refusal of the server, or a server that was never reached, proves that nobody was called. A good status
    // with an answer that cannot be read proves nothing.
    const refused = error.status !== undefined && error.status >= 300 && error.status < 500
    const unreached = error.code === 'connection-refused' || error.code === 'name-not-found'
    const state = refused || unreached ? 'failed' : 'uncertain'
    await results.record({ ...entry, state, error: error.message })
    return error
  }
}

/** Says how many were called and how to go on; prints the counts. */
export async function summariseBatch(
  contacts: readonly Contact[],
  results: BatchResults,
  { output, signal }: Context,
): Promise<ExitCode | undefined> {
  const counts = { contacts: contacts.length, done: 0, failed: 0, uncertain: 0, open: 0 }
  for (const { row } of contacts) {
    const state = results.stateOf(row)
    if (state === undefined || state === 'sending') counts.open++
    else counts[state]++
  }
  if (output.isJson || output.options.format === 'yaml')
    await output.document({ ...counts, results: results.path })
  output.note(
    `${counts.done} of ${counts.contacts} called, ${counts.failed} failed, ${counts.uncertain} uncertain, ${counts.open} still open; results in ${results.path}`,
  )
  const left = counts.failed + counts.open
  if (left > 0) output.note('the same command calls the rest')
  if (counts.uncertain > 0)
    output.note('uncertain calls may have been made; look at vapi call list, then use --retry-uncertain')
  if (signal.aborted) return Exit.interrupted
  return left + counts.uncertain > 0 ? Exit.failed : undefined
}
