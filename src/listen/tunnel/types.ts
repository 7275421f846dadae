import type { VapiError } from '../../errors.ts'

export const tunnelIds = ['ngrok', 'cloudflared', 'localtunnel'] as const
export type TunnelId = (typeof tunnelIds)[number]

export type Environment = Readonly<Record<string, string | undefined>>

/** Where the tool is to send what it gets. */
export interface TunnelTarget {
  /** An address of this machine; `127.0.0.1` and `::1` for the loopback. */
  host: string
  port: number
  /** A folder of ours where files for the tool may lie. */
  folder: string
}

/** What keeps a tool from giving an address. */
export interface Trouble {
  code: 'tunnel-login' | 'tunnel-network' | 'tunnel-limit' | 'tunnel-refused'
  message: string
  hint: string
  /** The tool does not come over it by trying again. */
  final: boolean
}

/** What a line of a tool's output says. */
export type Reading =
  /** It can be reached there now. */
  | { type: 'url'; url: string }
  | { type: 'trouble'; trouble: Trouble }
  /** Its service has forgotten this tunnel: only a new one helps. */
  | { type: 'gone'; reason: string }

/** Programs that install others, as far as this machine has them, in the order of preference. */
export type Installer = 'brew' | 'snap' | 'pacman' | 'winget' | 'choco' | 'npm'

/** A program that makes a port of this machine reachable from outside. */
export interface TunnelTool {
  id: TunnelId
  program: string
  /** Throws a usage error where it cannot reach the target. */
  args(target: TunnelTarget): readonly string[]
  /** The environment that it is given, from the user's own. */
  environment(env: Environment): Environment
  /** Files that it needs, by name, to be written to the target's folder. */
  files: Readonly<Record<string, string>>
  /** Reads the lines of one run, of stdout and stderr: it may remember what came before. */
  reader(): (line: string) => Reading | null
  /** Commands that install it. */
  install: Readonly<Partial<Record<Installer, string>>>
  /** Where it is to be had else. */
  download: string
}

/** What happens to a tunnel after it stood for the first time. */
export type TunnelEvent =
  /** It stands again; `previous` is the address before, which may be the same. */
  | { type: 'url'; url: string; previous: string }
  /** It is down; it is tried again after `retryMs`. */
  | { type: 'lost'; message: string; retryMs: number }
  /** It is down and stays so. */
  | { type: 'failed'; error: VapiError }
