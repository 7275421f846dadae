import { describe, expect, it } from 'vitest'
import { checkNumber, countryOf, parseContacts } from '../../src/api/contacts.ts'

describe('a number', () => {
  it.each([
    ['+15551234567', '+15551234567'],
    ['+1 (555) 123-4567', '+15551234567'],
    [' +44 20 7946 0958 ', '+442079460958'],
  ])('%s is taken', (text, number) => {
    expect(checkNumber(text)).toBe(number)
  })

  it.each(['555', '+0123456789', '+1555123456789012', 'tel', '', '+1555x234567'])('%j is refused', text => {
    expect(() => checkNumber(text)).toThrow('is not a number in E.164 form')
  })

  it('without its country comes with a proposal', () => {
    expect(() => checkNumber('555 123 4567')).toThrow(
      expect.objectContaining({ hint: 'did you mean +15551234567?' }),
    )
  })

  it('tells its country', async () => {
    expect(await countryOf('+12125550123')).toBe('US')
    expect(await countryOf('+16135550123')).toBe('CA')
    expect(await countryOf('+4930123456')).toBe('DE')
  })
})

describe('a table of contacts', () => {
  it('has customers, and variables in all other columns', async () => {
    const text = '\ufeffPhone Number,Name,plan\r\n+15551234567,"Lovelace, Ada",gold\r\n+15557654321,,\r\n'
    expect(await parseContacts(text, 'c.csv')).toEqual([
      { row: 1, customer: { number: '+15551234567', name: 'Lovelace, Ada' }, variables: { plan: 'gold' } },
      { row: 2, customer: { number: '+15557654321' }, variables: { plan: '' } },
    ])
  })

  it('may be separated by semicolons', async () => {
    const [contact] = await parseContacts('number;name\n+15551234567;Ada\n', 'c.csv')
    expect(contact?.customer).toEqual({ number: '+15551234567', name: 'Ada' })
  })

  it('names the row of a wrong number', async () => {
    await expect(parseContacts('number\n+15551234567\n123\n', 'c.csv')).rejects.toThrow('c.csv, row 2')
  })

  it.each([
    ['', 'has no contacts'],
    ['number\n', 'has no contacts'],
    ['name\nAda\n', 'neither a number nor a SIP address'],
    ['number,name\n+15551234567\n', 'c.csv'],
    ['number\n"+15551234567\n', 'c.csv'],
  ])('%j is refused', async (text, message) => {
    await expect(parseContacts(text, 'c.csv')).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining(message),
    })
  })
})
