// In place of Daily's library, which carries the sound of a call: the real SDK talks to this, and the test says what happens.
const listeners = new Map()
const call = {
  on: (name, listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]),
  once: (name, listener) => call.on(name, listener),
  iframe: () => null,
  join: async ({ url }) => {
    window.daily.joined.push(url)
  },
  destroy: async () => {
    if (listeners.size === 0) return
    window.daily.destroyed++
    const leaving = listeners.get('left-meeting') ?? []
    listeners.clear()
    for (const listener of leaving) listener({})
  },
  updateInputSettings: async () => {},
}

/** Everything else that is asked of it is done without an answer. */
const all = new Proxy(call, { get: (own, name) => own[name] ?? (() => {}) })

window.daily = {
  joined: [],
  destroyed: 0,
  emit(name, event) {
    for (const listener of listeners.get(name) ?? []) listener(event)
  },
}

export default { createCallObject: () => all }
