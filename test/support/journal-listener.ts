/**
 * A listener with journal and retries as a process of its own, to be killed. Arguments: folder, port (0: any), target. Prints
 * its port when it listens.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { openJournal } from '../../src/listen/journal/journal.ts'
import { createKeeper } from '../../src/listen/journal/keep.ts'
import { isReachable, resend } from '../../src/listen/journal/resend.ts'
import { createRetrier } from '../../src/listen/journal/retry.ts'
import { TargetPools } from '../../src/listen/relay/pools.ts'
import { startRelay } from '../../src/listen/relay/relay.ts'
import { parseRoute } from '../../src/listen/routes.ts'
import { pathFor } from '../../src/listen/target.ts'

const [folder = '', port = '0', targetText = ''] = process.argv.slice(2)
const route = parseRoute(`*=${targetText}`)
const target = route.target.url
const pools = new TargetPools({ skipVerify: false, ca: null })
async function run() {
  const journal = await openJournal(folder, { pathMode: 'append', warn: text => console.error(text) })
  const retrier = createRetrier({
    journal,
    targets: [target.href],
    send: ({ event, headers, answers }, signal) =>
      resend(pools, {
        event,
        target,
        path: pathFor(route.target, event.requested, 'append'),
        answers,
        headers,
        sessionId: '0123abcd',
        nowMs: event.receivedMs,
        timeoutMs: 20_000,
        signal,
      }),
    reaches: (url, signal) => isReachable(new URL(url), signal),
    clock: { now: Date.now, sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}) },
  })
  await retrier.start()
  const keeper = createKeeper({ journal, retrier, targetsOf: () => [target.href], duplicate: () => {} })
  const relay = await startRelay(
    { host: '127.0.0.1', port: Number(port) },
    {
      routes: [route],
      pathMode: 'append',
      passes: () => true,
      verify: null,
      maximumBodyBytes: 20_000_000,
      wholeBodies: true,
      sessionId: '0123abcd',
      tls: { skipVerify: false, ca: null },
    },
    keeper,
  )
  console.log(relay.port)
}

void run()
