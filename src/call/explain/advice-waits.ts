import { compileWaitFunction } from '../../assistant/wait-function.ts'
import type { Advice, Decision } from './explanation.ts'
import { largest, length, median, seconds, total, turnList } from './lengths.ts'
import type { MeasuredAnswer } from './parts.ts'
import type { ExaminedTurn } from './turns.ts'

type Draft = Omit<Advice, 'assistantName'>
type Measured = ExaminedTurn & { measured: MeasuredAnswer; decision: Decision }

/** A pause after which the customer went on, and the setting that would have ended the turn in it. */
interface Pause {
  pausedMs: number
  setting: string | null
  stillSpeaking: number | null
}

/** No wait is advised below these, in milliseconds: people breathe, and look up the rest of a number. */
const LOWEST: Readonly<Record<string, number>> = {
  onPunctuationSeconds: 100,
  onNumberSeconds: 300,
  onNoPunctuationSeconds: 600,
}
/** An advised wait is longer than the longest pause by at least this. */
const MARGIN_MS = 100
/** Less than this is not worth a word, in milliseconds. */
const LEAST_MS = 50

/** The documented wait functions, the most patient one first (seed, LiveKit's Wait function). */
const WAIT_FUNCTIONS = [
  '700 + 4000 * max(0, x-0.5)',
  '(20 + 500 * sqrt(x) + 2500 * x^3 + 700 + 4000 * max(0, x-0.5)) / 2',
  '2000 / (1 + exp(-10 * (x - 0.5)))',
]

/** Judges that take longer than this in the median are remarked on, in milliseconds. */
const SLOW_JUDGE_MS = 300

const JUDGES: Readonly<Record<string, { name: string; what: string }>> = {
  krisp: { name: 'Krisp', what: 'with a lower threshold it is sure earlier' },
  transcriber: {
    name: 'The transcriber',
    what: 'with a lower eotThreshold (Deepgram Flux) or endOfTurnConfidenceThreshold (AssemblyAI) it reports the end earlier',
  },
  'custom-model': {
    name: 'The custom endpointing model',
    what: 'the timeoutSeconds that its server answers, and how fast it does, decide it',
  },
}

/** What would end turns earlier: the settings whose waits decided them, and the transcriber. */
export function adviseOnTurnEnds(examined: readonly ExaminedTurn[]): Draft[] {
  const measured = examined.flatMap((each): Measured[] => {
    const { decision } = each.explanation
    return each.measured === null || decision === null ? [] : [{ ...each, measured: each.measured, decision }]
  })
  const pauses = pausesIn(examined)
  const settings = new Set(measured.map(({ decision }) => decision.setting))
  const waits = [...settings].flatMap(setting => {
    if (setting === null) return []
    const turns = measured.filter(({ decision }) => decision.setting === setting)
    const own = pauses.filter(pause => pause.setting === setting)
    if (setting.endsWith('waitFunction')) return adviseOnWaitFunction(setting, turns, own, measured.length)
    if (setting.endsWith('Seconds')) return adviseOnWait(setting, turns, own, measured.length)
    return adviseOnJudge(setting, turns, measured.length)
  })
  return [...waits, ...adviseOnTranscriber(measured)]
}

function adviseOnWait(
  setting: string,
  turns: readonly Measured[],
  pauses: readonly Pause[],
  all: number,
): Draft[] {
  const nowMs = largest(turns.map(({ decision }) => decision.waitMs))
  const field = setting.slice(setting.lastIndexOf('.') + 1)
  const lowest = LOWEST[field] ?? Math.ceil(nowMs / 200) * 100
  const longestMs = largest(pauses.map(({ pausedMs }) => pausedMs))
  const neededMs = longestMs === 0 ? 0 : Math.ceil((longestMs + MARGIN_MS) / 100) * 100
  const toMs = Math.max(lowest, neededMs)
  const saves = turns
    .map(each => ({ turn: each.turn.number, ms: savedBy(each, toMs) }))
    .filter(({ ms }) => ms > 0)
  if (toMs >= nowMs || total(saves) < LEAST_MS) return []
  return [
    {
      setting,
      from: seconds(nowMs),
      to: seconds(toMs),
      saves,
      certainty: 'exact',
      finding: `It ended ${countOf(turns.length, all)}.`,
      risk: `${riskOfPauses(toMs)} ${longestMs === 0 ? 'In this call nobody went on after such a pause, which is thin evidence.' : `The longest such pause in this call was ${length(longestMs)}.`}`,
    },
  ]
}

function adviseOnWaitFunction(
  setting: string,
  turns: readonly Measured[],
  pauses: readonly Pause[],
  all: number,
): Draft[] {
  const current = turns.find(({ turn }) => turn.settings !== null)?.turn.settings?.endpointing.waitFunction
  for (const source of WAIT_FUNCTIONS) {
    if (source === current) continue
    const waitMs = compileWaitFunction(source, setting)
    const saves = turns.flatMap(each => {
      const { stillSpeaking } = each.decision
      if (stillSpeaking === null) return []
      const ms = savedBy(each, waitMs(stillSpeaking))
      return ms === 0 ? [] : [{ turn: each.turn.number, ms }]
    })
    if (total(saves) < 2 * LEAST_MS * turns.length) continue
    const cut = pauses.filter(
      pause => pause.stillSpeaking !== null && waitMs(pause.stillSpeaking) < pause.pausedMs,
    )
    return [
      {
        setting,
        from: current ?? null,
        to: source,
        saves,
        certainty: 'exact',
        finding: `LiveKit ended ${countOf(turns.length, all)}.`,
        risk: `Where it is wrong about the words it cuts people off sooner. ${cutOff(cut)}`,
      },
    ]
  }
  return []
}

/** What may be said of judges whose waits are no setting: how long they took, and where their patience is set. */
function adviseOnJudge(setting: string, turns: readonly Measured[], all: number): Draft[] {
  const judge = JUDGES[turns[0]?.decision.by ?? '']
  const saves = turns
    .map(({ turn, measured: { ms } }) => ({ turn: turn.number, ms: ms.endpointing }))
    .filter(({ ms }) => ms > 0)
  const middleMs = median(saves.map(({ ms }) => ms))
  if (judge === undefined || saves.length === 0 || middleMs < SLOW_JUDGE_MS) return []
  return [
    {
      setting,
      from: null,
      to: null,
      saves,
      certainty: 'unknown',
      finding: `${judge.name} ended ${countOf(turns.length, all)}, with a wait of ${length(middleMs)} in the median; ${judge.what}.`,
      risk: 'The surer it is to end turns early, the more often it cuts people off.',
    },
  ]
}

function adviseOnTranscriber(measured: readonly Measured[]): Draft[] {
  const saves = measured
    .map(({ turn, measured: { ms, endSlackMs, workSlackMs }, decision }) => ({
      turn: turn.number,
      ms: Math.min(ms.transcription - decision.waitMs, endSlackMs, workSlackMs),
    }))
    .filter(({ ms }) => ms > 0)
  if (total(saves) < 2 * LEAST_MS) return []
  const turns = saves.map(({ turn }) => turn)
  return [
    {
      setting: 'transcriber',
      from: null,
      to: null,
      saves,
      certainty: 'at-most',
      finding: `In ${turnList(turns)} the transcript came after the wait was over: shorter waits change nothing there, a faster transcriber or a nearer region does.`,
      risk: 'Faster models of a transcriber tend to hear worse; compare the words.',
    },
  ]
}

function cutOff(cut: readonly Pause[]): string {
  const longest = length(largest(cut.map(({ pausedMs }) => pausedMs)))
  if (cut.length === 0) return 'It would have cut off nobody in this call.'
  return cut.length === 1
    ? `In this call it would have cut off the customer once, in a pause of ${longest}.`
    : `In this call it would have cut off the customer ${cut.length} times, in pauses of up to ${longest}.`
}

/** How much earlier the answer would sound with this wait; less than 0 where it would be later. */
function savedBy({ measured: { ms, endSlackMs, workSlackMs } }: Measured, waitMs: number): number {
  if (ms['own-speech'] > 0) return 0
  const decidedMs = ms.transcription + ms.deciding
  const earlierMs = decidedMs + ms.endpointing - Math.max(decidedMs, waitMs)
  return Math.min(earlierMs, endSlackMs, workSlackMs)
}

/** The pauses that the waits bridged. What ended a turn too early anyway would do so with shorter waits, too. */
function pausesIn(examined: readonly ExaminedTurn[]): Pause[] {
  return examined.flatMap(({ explanation: { overtaken } }) =>
    overtaken.map(({ pausedMs, setting, stillSpeaking }) => ({
      pausedMs: pausedMs ?? 0,
      setting,
      stillSpeaking,
    })),
  )
}

function riskOfPauses(waitMs: number): string {
  return `Whoever pauses for longer than ${seconds(waitMs)} s in the middle of a sentence is cut off.`
}

function countOf(count: number, all: number): string {
  return all === 1 ? 'the turn' : count === all ? `all ${all} turns` : `${count} of ${all} turns`
}
