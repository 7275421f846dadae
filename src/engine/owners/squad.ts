import type { Owner } from '../owner.ts'

/** Which of the call's assistants is speaking. */
export const squad: Owner<'squad'> = {
  name: 'squad',
  on: {},
}
