declare module 'jq-web' {
  interface Jq {
    raw(json: string, filter: string, flags?: string[]): string | undefined
  }
  const loading: Promise<Jq>
  export default loading
}
