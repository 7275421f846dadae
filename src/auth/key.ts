import { checkKey } from '../config/values.ts'
import { usageError } from '../errors.ts'

/** Longest key that is taken, in characters; the platform's private keys are UUIDs, its signed tokens some hundred long. */
export const LONGEST_KEY = 4096

/**
 * A key as it was typed, piped or handed over, without the white space around it. Throws a usage error where it cannot
 * be a key; the message never has the key in it.
 */
export function readKey(text: string): string {
  const key = checkKey(text, 'the key')
  if (key.length <= LONGEST_KEY) return key
  throw usageError(`a key has at most ${LONGEST_KEY} characters; this has ${key.length}`)
}

/**
 * A key made fit for the screen: the first 4 and the last 2 characters of one that is longer than 16, nothing of a
 * shorter one. The number of stars says nothing about the length.
 */
export function maskKey(key: string): string {
  return key.length > 16 ? `${key.slice(0, 4)}********${key.slice(-2)}` : '********'
}
