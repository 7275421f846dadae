import type { CallControls } from '../call/live/live-call.ts'
import { readKeys } from '../output/keys.ts'
import type { Streams } from '../output/streams.ts'

/** What the keys have set. */
export interface KeyState {
  muted: boolean
  /** Push to talk: the microphone counts. */
  talking: boolean
}

export type KeyAction =
  | { type: 'interrupt' }
  | { type: 'mute'; on: boolean }
  | { type: 'talk'; on: boolean }
  | { type: 'hang-up' }

/** What the keys do, as one line. */
export function keyLine(pushToTalk: boolean): string {
  const space = pushToTalk ? 'space talks, space again listens' : 'space interrupts'
  return `keys: ${space}, m mutes you, q hangs up`
}

/**
 * What a key means. Terminals tell when a key goes down, not when it comes up, so talking is switched on and off; to begin to talk
 * also stops the assistant.
 */
export function pressKey(
  state: KeyState,
  key: string,
  pushToTalk: boolean,
): { state: KeyState; actions: KeyAction[] } {
  switch (key) {
    case ' ': {
      if (!pushToTalk) return { state, actions: [{ type: 'interrupt' }] }
      const talking = !state.talking
      const talk: KeyAction = { type: 'talk', on: talking }
      return { state: { ...state, talking }, actions: talking ? [{ type: 'interrupt' }, talk] : [talk] }
    }
    case 'm':
    case 'M':
      return {
        state: { ...state, muted: !state.muted },
        actions: [{ type: 'mute', on: !state.muted }],
      }
    case 'q':
    case 'Q':
      return { state, actions: [{ type: 'hang-up' }] }
    default:
      return { state, actions: [] }
  }
}

/** What the line beside the level says of the microphone. */
export function keyMark({ muted, talking }: KeyState, pushToTalk: boolean): string {
  if (muted) return 'muted'
  return pushToTalk ? (talking ? 'talking' : 'resting') : ''
}

/** Reads the keys of a call from the terminal until it is closed; null where there is none. */
export function openCallKeys(
  streams: Streams,
  pushToTalk: boolean,
  changed: (mark: string) => void,
): { connect(controls: CallControls): void; close(): void } | null {
  let state: KeyState = { muted: false, talking: false }
  let controls: CallControls | null = null
  const reader = readKeys(streams, key => {
    if (controls === null) return
    const next = pressKey(state, key, pushToTalk)
    state = next.state
    for (const action of next.actions) {
      if (action.type === 'interrupt') controls.interrupt()
      else if (action.type === 'mute') controls.mute(action.on)
      else if (action.type === 'talk') controls.talk(action.on)
      else controls.hangUp()
    }
    changed(keyMark(state, pushToTalk))
  })
  if (reader === null) return null
  changed(keyMark(state, pushToTalk))
  return {
    connect: given => {
      controls = given
    },
    close: () => reader.close(),
  }
}
