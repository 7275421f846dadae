import { it } from 'vitest'
it('[no-such-rule] x', () => {})
it('[flush-closing] x', () => {})
