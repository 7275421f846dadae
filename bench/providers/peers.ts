/** The providers' side in a process of its own, as the measurements see it. */
import { type ChildProcess, fork } from 'node:child_process'
import type { Passed } from './tap.ts'

export type Kind = 'voice' | 'model' | 'transcriber'

/** How a server is spoken to. */
export interface Access {
  url: string
  path: string
  key: string | null
  voiceId?: string
  model?: string
}

export interface Question {
  id: number
  peer: number
  ask: 'open' | 'log' | 'break' | 'close'
  kind: Kind
  name: string
  delayMs: number
}

export interface Answer {
  id: number
  access?: Access
  passed?: Passed[]
}

/** A server and the way to it. */
export interface Peer extends Access {
  /** What has passed since it was last asked for, in order. */
  log(): Promise<Passed[]>
  /** Breaks all connections without a goodbye. */
  breakOff(): Promise<void>
  close(): Promise<void>
}

export interface Peers {
  /** A server of `name`, whose answers take `delayMs` on their way. */
  open(kind: Kind, name: string, delayMs: number): Promise<Peer>
  close(): void
}

/** `program` is this benchmark's own file, which speaks for the providers when it is told to (`main.ts`). */
export function startPeers(program: string): Peers {
  const child: ChildProcess = fork(program, ['serve'])
  const waiting = new Map<number, (answer: Answer) => void>()
  let asked = 0
  let opened = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.on('exit', code => {
    if (waiting.size > 0) throw new Error(`the providers' process has ended (${code})`)
  })
  const put = (question: Omit<Question, 'id'>) =>
    new Promise<Answer>(resolve => {
      const id = asked++
      waiting.set(id, resolve)
      child.send({ ...question, id })
    })
  return {
    async open(kind, name, delayMs) {
      const about = { peer: opened++, kind, name, delayMs }
      const { access } = await put({ ...about, ask: 'open' })
      if (access === undefined) throw new Error(`${kind} ${name} was not opened`)
      return {
        ...access,
        log: async () => (await put({ ...about, ask: 'log' })).passed ?? [],
        breakOff: async () => void (await put({ ...about, ask: 'break' })),
        close: async () => void (await put({ ...about, ask: 'close' })),
      }
    },
    close: () => void child.kill(),
  }
}
