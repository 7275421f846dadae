import { giveHeapRoom } from '../../src/audio/plane/heap-room.ts'
import { serve } from './servers.ts'

export { modelShares, voiceShares } from './answers.ts'
export { lateness } from './frames.ts'
export { reconnects, transcriberShares } from './listening.ts'
export { startPeers } from './peers.ts'

if (process.argv[2] === 'serve' && process.send !== undefined) serve()
// As a call does.
else giveHeapRoom()
