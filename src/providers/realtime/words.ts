/** The letters and digits of a text, in small: what two writings of the same words have in common. */
export function plain(text: string): string {
  return (text.normalize('NFKD').match(/[\p{L}\p{N}]/gu) ?? []).join('').toLowerCase()
}
