/**
 * True where a request's Host names this machine and that port: a page of elsewhere whose name was pointed here (DNS
 * rebinding) has its own name there.
 */
export function isLoopbackHost(host: string | undefined, port: number): boolean {
  const wanted = host?.toLowerCase()
  return ['localhost', '127.0.0.1', '[::1]'].some(
    name => wanted === `${name}:${port}` || (port === 80 && wanted === name),
  )
}
