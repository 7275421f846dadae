export interface VoicemailState {
  /** `listening`: it is being found out. `waiting`: a machine, whose beep has not come yet. */
  stage: 'off' | 'listening' | 'waiting'
  /** How often it was looked. */
  checks: number
  beepHeard: boolean
  /** An audio model hears a machine. */
  voiceHeard: boolean
  /** When the first speech began. */
  speechStartMs: number | null
  /** That speech is longer than people speak who answer. */
  machine: boolean
}

export const initialVoicemail: VoicemailState = {
  stage: 'off',
  checks: 0,
  beepHeard: false,
  voiceHeard: false,
  speechStartMs: null,
  machine: false,
}
