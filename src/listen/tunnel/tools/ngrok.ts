/**
 * ngrok. Facts: its log in JSON (`--log=stdout --log-format=json`) tells the address in the record `started tunnel` and
 * errors in `err`, most with a code (ngrok.com/docs/errors). Its local API is not asked: the port of that moves when a second
 * ngrok runs, and the log is of this one for sure. An ngrok without a network, or with a wrong token, may try for ever.
 */
import { isObject } from '../../../is-object.ts'
import type { Reading, Trouble, TunnelTool } from '../types.ts'
import { NETWORK_WORDS, networkCause, shownWords } from '../words.ts'
import { addressOf, withoutOurs } from './common.ts'

const TOKEN_HINT =
  'ngrok config add-authtoken TOKEN (it stands on https://dashboard.ngrok.com/get-started/your-authtoken)'

export const ngrok: TunnelTool = {
  id: 'ngrok',
  program: 'ngrok',
  args: target => ['http', addressOf(target), '--log=stdout', '--log-format=json'],
  environment: withoutOurs,
  files: {},
  reader: () => readLine,
  install: {
    brew: 'brew install ngrok',
    snap: 'sudo snap install ngrok',
    winget: 'winget install ngrok.ngrok',
    choco: 'choco install ngrok',
  },
  download: 'https://ngrok.com/download',
}

function readLine(line: string): Reading | null {
  const record = recordOf(line)
  if (record === null) return /ERR_NGROK_\d+/.test(line) ? trouble(troubleOf(line)) : null
  const { msg, url, err } = record
  // Older versions give one with http:// beside it, when they are told to.
  if (msg === 'started tunnel' && typeof url === 'string' && url.startsWith('https://'))
    return { type: 'url', url }
  return typeof err === 'string' && err !== '' && err !== '<nil>' ? trouble(troubleOf(err)) : null
}

function recordOf(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null
  try {
    const record: unknown = JSON.parse(line)
    return isObject(record) ? record : null
  } catch {
    return null
  }
}

function trouble(found: Trouble | null): Reading | null {
  return found === null ? null : { type: 'trouble', trouble: found }
}

/** By its code; null for what is no reason to give up. */
function troubleOf(text: string): Trouble | null {
  const code = /ERR_NGROK_(\d+)/.exec(text)?.[1]
  switch (code) {
    case '4018':
      return {
        code: 'tunnel-login',
        message: 'ngrok has no authtoken: it wants an account, a free one is enough',
        hint: TOKEN_HINT,
        final: true,
      }
    case '105':
    case '106':
    case '107':
      return {
        code: 'tunnel-login',
        message: 'ngrok’s service does not know the authtoken that is set',
        hint: TOKEN_HINT,
        final: true,
      }
    case '108':
      return {
        code: 'tunnel-limit',
        message: 'the ngrok account has as many agents running as it may have',
        hint: 'end another ngrok; https://dashboard.ngrok.com/agents lists them',
        final: true,
      }
    case '334':
      return {
        code: 'tunnel-limit',
        message: 'the ngrok account’s address is in use by another ngrok',
        hint: 'end that one; https://dashboard.ngrok.com/agents lists them',
        final: true,
      }
    case '120':
    case '121':
      return {
        code: 'tunnel-refused',
        message: 'this ngrok is too old for its service',
        hint: 'ngrok update',
        final: true,
      }
    case undefined:
      break
    default:
      return {
        code: 'tunnel-refused',
        message: `ngrok refused: ${shownWords(text)}`,
        hint: `see https://ngrok.com/docs/errors/err_ngrok_${code}`,
        final: true,
      }
  }
  if (!NETWORK_WORDS.test(text) && !/x509|certificate|CRL/.test(text)) return null
  return {
    code: 'tunnel-network',
    message: `ngrok does not reach its service: ${networkCause(text)}`,
    hint: 'check the network and the proxy (ngrok diagnose tells more)',
    final: false,
  }
}
