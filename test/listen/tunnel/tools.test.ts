import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findProgram, missingTool, tunnelTools } from '../../../src/listen/tunnel/tools.ts'
import type { Reading, TunnelId } from '../../../src/listen/tunnel/types.ts'
import { temporaryFolder } from '../../support/program.ts'

const target = { host: '127.0.0.1', port: 4242, folder: '/work/.vapi/listen' }

/** What all lines of an output say. */
function read(tool: TunnelId, output: string): Reading[] {
  const reader = tunnelTools[tool].reader()
  return output.split('\n').flatMap(line => reader(line) ?? [])
}

function troubles(tool: TunnelId, output: string) {
  return read(tool, output).flatMap(reading => (reading.type === 'trouble' ? [reading.trouble] : []))
}

describe('ngrok', () => {
  const started = (url: string) =>
    `{"addr":"http://127.0.0.1:4242","lvl":"info","msg":"started tunnel","name":"command_line","obj":"tunnels","t":"2026-01-05T10:00:01Z","url":"${url}"}`

  it('is told the port and to log as JSON', () => {
    expect(tunnelTools.ngrok.args(target)).toEqual([
      'http',
      'http://127.0.0.1:4242',
      '--log=stdout',
      '--log-format=json',
    ])
  })

  it('tells its address in the record of the started tunnel, not of its own web page', () => {
    const output = [
      '{"lvl":"info","msg":"no configuration paths supplied","t":"2026-01-05T10:00:00Z"}',
      '{"err":"<nil>","lvl":"info","msg":"open config file","path":"/home/a/.config/ngrok/ngrok.yml"}',
      '{"addr":"127.0.0.1:4041","allow_hosts":null,"lvl":"info","msg":"starting web service","obj":"web"}',
      '{"lvl":"info","msg":"client session established","obj":"tunnels.session"}',
      started('http://ab12-203-0-113-7.ngrok-free.app'),
      started('https://ab12-203-0-113-7.ngrok-free.app'),
    ].join('\n')
    expect(read('ngrok', output)).toEqual([{ type: 'url', url: 'https://ab12-203-0-113-7.ngrok-free.app' }])
  })

  it.each([
    [
      '4018',
      'authentication failed: Usage of ngrok requires a verified account and authtoken.\\n\\nSign up for an account: https://dashboard.ngrok.com/signup\\r\\n\\r\\nERR_NGROK_4018\\r\\n',
      'tunnel-login',
      'ngrok config add-authtoken TOKEN',
    ],
    [
      '107',
      'authentication failed: The authtoken you specified is properly formed, but it is invalid.\\nYour authtoken: 2abcDEFghiJKLmnoPQRstuVWXyz_4abcdEFGHijklMNOPqrs\\n\\nERR_NGROK_107\\r\\n',
      'tunnel-login',
      'ngrok config add-authtoken TOKEN',
    ],
    [
      '108',
      'authentication failed: Your account is limited to 1 simultaneous ngrok agent sessions.\\n\\nERR_NGROK_108\\r\\n',
      'tunnel-limit',
      'dashboard.ngrok.com/agents',
    ],
    [
      '9040',
      'authentication failed: We do not allow agents to connect to ngrok from your IP address.\\n\\nERR_NGROK_9040\\r\\n',
      'tunnel-refused',
      'err_ngrok_9040',
    ],
  ])('explains error %s for good', (_, err, code, hint) => {
    const line = `{"err":"${err}","lvl":"eror","msg":"failed to reconnect session","obj":"tunnels.session"}`
    const [trouble] = troubles('ngrok', line)
    expect(trouble).toMatchObject({ code, final: true })
    expect(trouble?.hint).toContain(hint)
  })

  it('reads the plain error that it prints at its end', () => {
    expect(troubles('ngrok', 'ERROR:  authentication failed\nERROR:\nERROR:  ERR_NGROK_4018')).toMatchObject([
      { code: 'tunnel-login' },
    ])
  })

  it('never shows a token', () => {
    const token = '2abcDEFghiJKLmnoPQRstuVWXyz_4abcdEFGHijklMNOPqrs'
    const line = `{"err":"not allowed. Your authtoken: ${token} is odd, ${token}.\\nERR_NGROK_5555","lvl":"eror","msg":"session closing"}`
    const [trouble] = troubles('ngrok', line)
    expect(trouble?.message).toContain('not allowed')
    expect(JSON.stringify(trouble)).not.toContain(token)
  })

  it('takes a missing network for something that may pass', () => {
    const line =
      '{"err":"failed to dial ngrok server with address \\"connect.ngrok-agent.com:443\\": dial tcp: lookup connect.ngrok-agent.com: no such host","lvl":"eror","msg":"failed to reconnect session","obj":"tunnels.session"}'
    expect(troubles('ngrok', line)).toMatchObject([{ code: 'tunnel-network', final: false }])
  })
})

describe('cloudflared', () => {
  const frame = `2026-01-05T10:00:00Z INF Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick way to experiment and try it out. See https://www.cloudflare.com/website-terms/ and https://developers.cloudflare.com/cloudflare-one/connections/connect-apps
2026-01-05T10:00:00Z INF Requesting new quick Tunnel on trycloudflare.com...
2026-01-05T10:00:03Z INF +--------------------------------------------------------------------------------------------+
2026-01-05T10:00:03Z INF |  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |
2026-01-05T10:00:03Z INF |  https://emission-wines-changing-framed.trycloudflare.com                                  |
2026-01-05T10:00:03Z INF +--------------------------------------------------------------------------------------------+
2026-01-05T10:00:03Z INF Settings: map[no-autoupdate:true protocol:auto url:http://127.0.0.1:4242]`
  const registered =
    '2026-01-05T10:00:04Z INF Registered tunnel connection connIndex=0 connection=02cb73dd event=0 ip=198.41.200.63 location=ams07 protocol=quic'
  const url = { type: 'url', url: 'https://emission-wines-changing-framed.trycloudflare.com' }

  it('is kept from the configuration of the user’s own tunnels', () => {
    const args = tunnelTools.cloudflared.args(target)
    expect(args.slice(0, 3)).toEqual(['tunnel', '--config', '/work/.vapi/listen/cloudflared.yml'])
    expect(args.slice(-2)).toEqual(['--url', 'http://127.0.0.1:4242'])
    expect(tunnelTools.cloudflared.environment({ TUNNEL_TOKEN: 'x', HOME: '/home/a' })).toEqual({
      HOME: '/home/a',
    })
  })

  it('can be reached when a connection is registered, not when it has an address', () => {
    expect(read('cloudflared', frame)).toEqual([])
    expect(read('cloudflared', `${frame}\n${registered}`)).toEqual([url])
    const older =
      '2022-06-01T16:23:12Z INF Connection c206cf44-945f-4c3c-a85c-af60c6338dc2 registered connIndex=0 location=ORD'
    expect(read('cloudflared', `${frame}\n${older}`)).toEqual([url])
  })

  it('tells a missing network from a closed port', () => {
    const lookup =
      'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com on 127.0.0.11:53: no such host'
    expect(troubles('cloudflared', lookup)).toMatchObject([
      { code: 'tunnel-network', message: expect.stringContaining('its name is not found') },
    ])
    const dial =
      '2026-01-05T10:00:09Z ERR Failed to create new quic connection error="failed to dial to edge with quic: timeout: no recent network activity" connIndex=0 ip=198.41.200.63'
    expect(troubles('cloudflared', `${frame}\n${dial}`)).toMatchObject([
      { code: 'tunnel-network', hint: expect.stringContaining('7844'), final: false },
    ])
    expect(troubles('cloudflared', `${frame}\n${registered}\n${dial}`)).toEqual([])
  })

  it('tells that there are no more tunnels for the moment', () => {
    const output = `2026-05-29T09:25:34Z ERR Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character 'e' looking for beginning of value" status_code="429 Too Many Requests"
failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value`
    expect(troubles('cloudflared', output)[0]).toMatchObject({ code: 'tunnel-limit', final: true })
  })

  it('is gone when its service refuses it again and again', () => {
    const refused =
      '2024-09-11T21:31:09Z ERR Register tunnel error from server side error="Unauthorized: Failed to get tunnel" connIndex=0 event=0 ip=198.41.192.77'
    const once = `${frame}\n${refused}\n${registered}`
    expect(read('cloudflared', once)).toEqual([url])
    expect(read('cloudflared', `${once}\n${refused}\n${refused}\n${refused}\n${refused}`).at(-1)?.type).toBe(
      'gone',
    )
  })
})

describe('localtunnel', () => {
  it('tells its address in its first line', () => {
    expect(read('localtunnel', 'your url is: https://stale-shrimp-35.loca.lt')).toEqual([
      { type: 'url', url: 'https://stale-shrimp-35.loca.lt' },
    ])
  })

  it('tells of a service that it does not reach, which it does only for debugging', () => {
    const line =
      'Mon, 05 Jan 2026 10:00:00 GMT localtunnel:client tunnel server offline: getaddrinfo ENOTFOUND localtunnel.me, retry 1s'
    expect(troubles('localtunnel', line)).toMatchObject([
      { code: 'tunnel-network', message: expect.stringContaining('its name is not found'), final: false },
    ])
    expect(tunnelTools.localtunnel.environment({}).DEBUG).toBe('localtunnel:client')
    expect(
      troubles(
        'localtunnel',
        'Error: connection refused: localtunnel.me:46073 (check your firewall settings)',
      ),
    ).toMatchObject([{ code: 'tunnel-network' }])
  })

  it('does not take the name of the machine for its service', () => {
    const { environment } = tunnelTools.localtunnel
    expect(environment({ HOST: 'my-machine', PORT: '1', HOME: '/h' })).toEqual({
      HOME: '/h',
      DEBUG: 'localtunnel:client',
    })
    expect(environment({ HOST: 'https://tunnels.example.com' }).HOST).toBe('https://tunnels.example.com')
  })

  it('refuses an address that it cannot reach', () => {
    const args = () => tunnelTools.localtunnel.args({ ...target, host: '192.168.1.5' })
    expect(args).toThrow('localhost alone')
  })
})

describe('a tool that is not installed', () => {
  function folderWith(...programs: string[]): string {
    const folder = temporaryFolder()
    for (const program of programs) {
      writeFileSync(join(folder, program), '#!/bin/sh\n')
      chmodSync(join(folder, program), 0o755)
    }
    return folder
  }

  it('is told with the command that installs it on this system', () => {
    const error = missingTool(tunnelTools.cloudflared, { PATH: folderWith('brew') })
    expect(error).toMatchObject({
      code: 'tunnel-missing',
      message: 'cloudflared is not installed here',
      hint: 'brew install cloudflared',
    })
  })

  it('is told with the place to get it, and with the tool that is installed', () => {
    const { message, hint } = missingTool(tunnelTools.localtunnel, { PATH: folderWith('ngrok') })
    expect(message).toBe('localtunnel is not installed here (there is no lt in the PATH)')
    expect(hint).toBe(
      'install it from https://www.npmjs.com/package/localtunnel; or use the one that is installed: --tunnel ngrok',
    )
  })

  it('is one that may not be run', () => {
    const folder = folderWith('ngrok')
    expect(findProgram('ngrok', { PATH: `/nowhere:${folder}` })).toBe(join(folder, 'ngrok'))
    chmodSync(join(folder, 'ngrok'), 0o644)
    expect(findProgram('ngrok', { PATH: folder })).toBeNull()
  })
})
