import type { ListenerFacts } from '../wire.ts'
import { App } from './app.ts'
import { Connection, RequestError } from './connection.ts'
import { fill, h } from './dom.ts'
import { takeToken } from './state.ts'

async function begin(): Promise<void> {
  const root = document.querySelector('#app')
  const token = takeToken()
  if (root === null) return
  if (token === null) {
    fill(root, [stop('This address lacks its token. Open the one that vapi listen --inspect shows.')])
    return
  }
  const connection = new Connection(token)
  try {
    new App(connection, await connection.get<ListenerFacts>('/api/listener'))
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) {
      fill(root, [stop('This address is of an earlier run. Open the one that the listener shows now.')])
      return
    }
    fill(root, [stop('The listener does not answer. Start it, and open the address that it shows.')])
  }
}

function stop(text: string): HTMLElement {
  return h('main', { class: 'start' }, h('h1', {}, 'vapi listen'), h('p', {}, text))
}

void begin()
