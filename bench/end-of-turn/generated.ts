import { createRandom, type Random } from '../vad/noise.ts'
import type { Item } from './corpus.ts'

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const DAYS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth fifteenth twentieth'.split(
    ' ',
  )
const DECADES = ['sixty', 'seventy', 'eighty', 'ninety']
const STREETS = ['Street', 'Avenue', 'Road', 'Lane', 'Drive', 'Court']
const PLACES = ['Cedar', 'Franklin', 'Park', 'Mill', 'Second', 'Walnut', 'Harbor', 'Mason', 'King', 'Spring']
const NAMES =
  'Harris Collins Romero Fischer Nakamura Petrov Sanders Whitman Delgado Osborne Larsen Abbott Quinn Foster'.split(
    ' ',
  )
const LEADS = ['', '', '', "It's ", 'Sure, ', 'Yeah, ', 'The number is ', 'Okay, ', 'My number is ']

/**
 * Answers that people make after a pattern (telephone and card numbers, dates of birth, spelled names, addresses),
 * made at random from the lists above with a fixed seed. They are for training alone: dev and held-out have what was
 * written by hand.
 */
export function generateItems(seed: number): Item[] {
  const random = createRandom(seed)
  const items: Item[] = []
  const add = (assistantText: string, parts: readonly string[], ends = true) => {
    const cut = 1 + Math.floor(random() * (parts.length - 1))
    const item = (count: number, complete: boolean): Item => ({
      text: parts.slice(0, count).join(' ').replace(/\s+/g, ' ').trim(),
      assistantText,
      complete,
      split: 'train',
      domain: 'generated',
    })
    if (parts.length > 1) items.push(item(cut, false))
    if (ends) items.push(item(parts.length, true))
  }
  for (let round = 0; round < 24; round++) {
    const lead = pick(LEADS, random)
    const spoken = round % 4 !== 3
    add('What is your phone number?', groups([3, 3, 4], lead, spoken, random))
    add('What is the best phone number to reach you?', groups([3, 3, 2, 2], lead, spoken, random))
    add(
      'What are the last four digits of your card?',
      groups([2, 2], lead.replace('My number', 'It'), spoken, random),
    )
    add('What is your zip code?', groups([3, 2], lead.replace('My number', 'It'), spoken, random))
    add('What is your account number?', groups([3, 3, 2 + (round % 3)], lead, spoken, random))
    if (round % 2 === 0) add('Can I have the card number please?', groups([4, 4, 4, 4], lead, spoken, random))
    const birth = [
      pick(MONTHS, random),
      `${pick(DAYS, random)},`,
      'nineteen',
      `${pick(DECADES, random)} ${pick(DIGITS.slice(1), random)}`,
    ]
    add('What is your date of birth?', birth)
    add(
      'When would you like to come in?',
      ['On', `the ${pick(DAYS, random)}`, `of ${pick(MONTHS, random)}`],
      false,
    )
    const name = pick(NAMES, random)
    add('Could you spell your last name?', spelled(name, random))
    add('And your last name?', ["It's", `${name},`, ...spelled(name, random)])
    const street = pick(PLACES, random)
    add('What is your address?', [
      `${pick(DIGITS.slice(1), random)} ${pick(DIGITS, random)} ${pick(DIGITS, random)}`,
      street,
      pick(STREETS, random),
    ])
    add('What is your email address?', [
      name.toLowerCase(),
      `dot ${pick(PLACES, random).toLowerCase()}`,
      'at gmail',
      'dot com',
    ])
  }
  return items
}

function groups(sizes: readonly number[], lead: string, spoken: boolean, random: Random): string[] {
  const parts = sizes.map(size => {
    const digits = Array.from({ length: size }, () => Math.floor(random() * 10))
    return spoken
      ? digits.map(digit => (digit === 0 && random() < 0.5 ? 'oh' : DIGITS[digit])).join(' ')
      : digits.join('')
  })
  return [`${lead}${parts[0]}`, ...parts.slice(1)]
}

function spelled(name: string, random: Random): string[] {
  const letters = [...name.toUpperCase()]
  const cut = 2 + Math.floor(random() * (letters.length - 3))
  return [letters.slice(0, cut).join(' '), letters.slice(cut).join(' ')]
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T
}
