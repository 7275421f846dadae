/** What shows that an adapter, and the local server of its tests, speak the provider's protocol. */
export type Proof =
  /** The vendor's own client library was run against the local server of our tests. */
  | { by: 'client-library'; name: string }
  /** The frames of the local server are those that a page of the vendor's documentation shows. */
  | { by: 'documentation'; url: string }
  /** Written from memory or from others' code: told as `unverified`. */
  | { by: 'nothing' }
