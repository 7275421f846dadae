/**
 * localtunnel (`lt`, from npm). Facts (its package, 2.0.2): it prints `your url is: …`; without its service it tries once
 * a second for ever and tells it only as a debug line; it dies when the service refuses a connection. It reads options from variables
 * of any name (`HOST` is its service). With `--local-host` it reads the first piece of each request as text, which breaks bodies
 * that are none, so it is never told one: it connects to `localhost`.
 */
import { usageError } from '../../../errors.ts'
import type { Environment, Reading, TunnelTool } from '../types.ts'
import { networkCause } from '../words.ts'
import { isLoopback, withoutOurs } from './common.ts'

export const localtunnel: TunnelTool = {
  id: 'localtunnel',
  program: 'lt',
  args({ host, port }) {
    if (!isLoopback(host))
      throw usageError(
        `localtunnel reaches servers on localhost alone, not ${host}`,
        'leave --host out, or use another tool: --tunnel cloudflared',
      )
    return ['--port', String(port)]
  },
  environment,
  files: {},
  reader: () => readLine,
  install: { npm: 'npm install -g localtunnel' },
  download: 'https://www.npmjs.com/package/localtunnel',
}

/** Variables that it would take for options; `SUBDOMAIN` is left to who wants it. */
const OPTIONS = ['PORT', 'LOCAL_HOST', 'LOCAL_HTTPS', 'OPEN', 'PRINT_REQUESTS', 'P', 'H', 'L', 'S', 'O']

/** Without variables that mean something else to it; a `HOST` that is an address is kept: somebody runs the service himself. */
function environment(env: Environment): Environment {
  const kept = Object.entries(withoutOurs(env)).filter(
    ([name, value]) => !OPTIONS.includes(name) && (name !== 'HOST' || /^https?:\/\//.test(value ?? '')),
  )
  return { ...Object.fromEntries(kept), DEBUG: 'localtunnel:client' }
}

function readLine(line: string): Reading | null {
  const url = /^your url is: (https?:\/\/\S+)/.exec(line)?.[1]
  if (url !== undefined) return { type: 'url', url: url.replace(/\/$/, '') }
  const offline = /tunnel server offline: (.*?)(, retry 1s)?$/.exec(line)?.[1]
  if (offline !== undefined)
    return network(`localtunnel does not reach its service: ${networkCause(offline)}`)
  if (/connection refused: \S+ \(check your firewall settings\)/.test(line))
    return network('localtunnel’s service refuses the connection')
  return null
}

function network(message: string): Reading {
  const hint =
    'check the network; the public service is often down: --tunnel cloudflared needs no account either'
  return { type: 'trouble', trouble: { code: 'tunnel-network', message, hint, final: false } }
}
