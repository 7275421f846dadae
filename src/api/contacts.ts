import { usageError } from '../errors.ts'
import type { Json, JsonObject } from './types.ts'

/** Somebody to be called, and what is to be known of them. */
export interface Contact {
  /** Row of the table, from 1; the heading does not count. */
  row: number
  customer: JsonObject
  /** Values of the assistant's variables. */
  variables: Readonly<Record<string, string>>
}

/** Columns that are the customer's own, by their names without case, spaces, dashes and underscores. */
const customerColumns: Readonly<Record<string, string>> = {
  number: 'number',
  phone: 'number',
  phonenumber: 'number',
  to: 'number',
  name: 'name',
  email: 'email',
  extension: 'extension',
  externalid: 'externalId',
  sipuri: 'sipUri',
}

/** E.164: a plus sign, no zero first, 15 digits at most. */
const E164 = /^\+[1-9]\d{6,14}$/

/** The number in E.164 form, without the ornaments that people write. Throws a usage error. */
export function checkNumber(text: string, where = '--to'): string {
  const number = text.trim().replace(/[\s().-]/g, '')
  if (E164.test(number)) return number
  const digits = number.replace(/\D/g, '')
  const hint =
    digits.length === 10
      ? `did you mean +1${digits}?`
      : 'a plus sign, the country and the number: +15551234567'
  throw usageError(`${where}: ${JSON.stringify(text)} is not a number in E.164 form`, hint)
}

/**
 * Reads a table of contacts: the column `number` (or `sipUri`), the customer's `name`, `email`, `extension` and `externalId`; every other
 * column is a variable of the assistant. Throws a usage error that names the row.
 */
export async function parseContacts(text: string, file: string): Promise<Contact[]> {
  const { parse, CsvError } = await import('csv-parse/sync')
  let rows: Record<string, string>[]
  try {
    rows = parse(text, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      delimiter: [',', ';', '\t'],
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw usageError(`${file}: ${error.message}`)
  }
  if (rows.length === 0)
    throw usageError(`${file} has no contacts`, 'the first line names the columns: number,name,…')
  return rows.map((cells, place) => contactOf(cells, place + 1, file))
}

function contactOf(cells: Readonly<Record<string, string>>, row: number, file: string): Contact {
  const customer: Record<string, Json> = {}
  const variables: Record<string, string> = {}
  for (const [column, value] of Object.entries(cells)) {
    const field = customerColumns[column.toLowerCase().replace(/[\s_-]/g, '')]
    if (field === undefined) variables[column] = value
    else if (value !== '') customer[field] = value
  }
  const { number } = customer
  if (typeof number === 'string') customer.number = checkNumber(number, `${file}, row ${row}`)
  else if (customer.sipUri === undefined)
    throw usageError(
      `${file}, row ${row} has neither a number nor a SIP address`,
      'the column is named number',
    )
  return { row, customer, variables }
}

/** The country of a number by its prefix (`US`), where it tells. */
export async function countryOf(number: string): Promise<string | undefined> {
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/min')
  return parsePhoneNumberFromString(number)?.country
}
