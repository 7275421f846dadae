export { modelShares, voiceShares } from './answers.ts'
export { lateness } from './frames.ts'
export { reconnects, transcriberShares } from './listening.ts'
