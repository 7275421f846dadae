declare module 'jq-web' {
  interface Jq {
    raw(json: string, filter: string): string
  }
  const loading: Promise<Jq>
  export default loading
}
