/**
 * cloudflared's quick tunnels (no account). Facts: it prints the address in a frame on stderr before anybody can reach it;
 * a connection that is registered follows. A `config.yml` of the user's own tunnels would take the requests over, so it
 * is given an empty one. A quick tunnel keeps to QUIC unless told otherwise: `auto` lets it change to HTTP/2 where UDP is blocked.
 */
import { join } from 'node:path'
import type { Reading, Trouble, TunnelTool } from '../types.ts'
import { NETWORK_WORDS, networkCause, shownWords } from '../words.ts'
import { addressOf, withoutOurs } from './common.ts'

const CONFIG_NAME = 'cloudflared.yml'
/** So many refusals one after another mean that the tunnel is gone; a new one may be refused at first. */
const REFUSALS = 4

export const cloudflared: TunnelTool = {
  id: 'cloudflared',
  program: 'cloudflared',
  args: target => [
    'tunnel',
    '--config',
    join(target.folder, CONFIG_NAME),
    '--no-autoupdate',
    '--protocol',
    'auto',
    '--url',
    addressOf(target),
  ],
  // Such variables make it run another tunnel.
  environment: env =>
    Object.fromEntries(
      Object.entries(withoutOurs(env)).filter(
        ([name]) => !/^TUNNEL_(TOKEN|TOKEN_FILE|NAME|HOSTNAME|CRED_FILE|URL)$/.test(name),
      ),
    ),
  files: { [CONFIG_NAME]: '# No setting of the user’s own tunnels goes for this one.\n{}\n' },
  reader,
  install: {
    brew: 'brew install cloudflared',
    pacman: 'sudo pacman -S cloudflared',
    winget: 'winget install --id Cloudflare.cloudflared',
    choco: 'choco install cloudflared',
  },
  download: 'https://github.com/cloudflare/cloudflared/releases',
}

function reader(): (line: string) => Reading | null {
  let url: string | null = null
  let registered = false
  let refusals = 0
  return line => {
    const address = /https:\/\/([a-z0-9-]+)\.trycloudflare\.com(?![a-z0-9.-])/i.exec(line)
    if (address !== null && address[1] !== 'api' && !/request quick Tunnel/i.test(line)) {
      url = address[0]
      return null
    }
    if (/Registered tunnel connection|Connection \S+ registered/i.test(line)) {
      registered = true
      refusals = 0
      return url === null ? null : { type: 'url', url }
    }
    if (/Unauthorized: .*tunnel/i.test(line)) {
      refusals += 1
      return refusals < REFUSALS
        ? null
        : { type: 'gone', reason: 'Cloudflare does not know the tunnel any more' }
    }
    // A tunnel that stood mends its connections by itself.
    const trouble = registered ? null : troubleOf(line, url !== null)
    return trouble === null ? null : { type: 'trouble', trouble }
  }
}

function troubleOf(line: string, hasAddress: boolean): Trouble | null {
  if (/429 Too Many Requests|error code: 1015/i.test(line))
    return {
      code: 'tunnel-limit',
      message: 'Cloudflare hands out no more quick tunnels to this network for the moment',
      hint: 'try again in some minutes, or use another tool: --tunnel ngrok',
      final: true,
    }
  if (/failed to request quick Tunnel/i.test(line) && NETWORK_WORDS.test(line))
    return {
      code: 'tunnel-network',
      message: `cloudflared does not reach api.trycloudflare.com: ${networkCause(line)}`,
      hint: 'check the network and the proxy, then start it again',
      final: false,
    }
  if (/failed to \w+ quick Tunnel|QuickTunnel response/i.test(line))
    return {
      code: 'tunnel-refused',
      message: `Cloudflare gave no quick tunnel: ${shownWords(line)}`,
      hint: 'try again in some minutes, or use another tool: --tunnel ngrok',
      final: true,
    }
  if (hasAddress && /edge|quic connection/i.test(line) && /\b(ERR|WRN|error)\b/.test(line))
    return {
      code: 'tunnel-network',
      message: 'cloudflared has an address, but its connections to Cloudflare fail',
      hint: 'port 7844 (UDP or TCP) must be open outwards; or use another tool: --tunnel ngrok',
      final: false,
    }
  return null
}
