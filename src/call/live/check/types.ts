/** What `vapi call local --check` finds out about a call before it begins. No key is in it. */
import type { ExitCode } from '../../../errors.ts'
import type { KeyTestResult } from '../../../providers/key-test.ts'
import type { Proof } from '../../../providers/proof.ts'
import type { KeySource } from '../parts/keys.ts'

/** What keeps a part from working. */
export interface Problem {
  code: string
  message: string
  exit: ExitCode
  hint: string | null
  /** The call cannot begin with it; else a fallback takes over, or it can do without. */
  blocks: boolean
}

/** Who does one part of an assistant's work. */
export interface CheckedPart {
  /** `realtime` stands for all three. */
  stage: 'transcriber' | 'model' | 'voice' | 'realtime'
  /** Place of the assistant in the call, and its name; null where it has none. */
  member: number
  assistant: string | null
  /** `own` is the assistant's; `fast` is the model of its first turns; `fallback` takes over when those before fail. */
  role: 'own' | 'fast' | 'fallback'
  /** 0 is the first that is used. */
  place: number
  provider: string
  /** Model or voice; null where the assistant names none. */
  name: string | null
  /** What of this machine does it, where the assistant leaves that open; else null. */
  engine: string | null
  /** `nowhere`: there is no adapter for it. */
  runs: 'at-provider' | 'own-server' | 'this-machine' | 'nowhere'
  /** Where it is asked; null for what runs inside this program. Passwords are masked. */
  address: string | null
  /** `server`: as `server` of the configuration says. `not-needed`: it asks for none, and none is set. */
  key: KeySource | { from: 'server' } | { from: 'not-needed' }
  /** What shows that the adapter speaks the provider's protocol; null for what runs inside this program. */
  proof: Proof | null
  /** False: told as unverified. */
  verified: boolean
  /** As the provider's documentation says; null where it says nothing. */
  typicalMs: number | null
  /** US dollars, estimated; null where no price is known. */
  pricePerMinute: number | null
  problem: Problem | null
  /** What a realtime model writes down the customer's words and speaks with; null for others. */
  session: { transcriber: string | null; voice: string | null } | null
  /** What the provider said of the key; null where it was not asked. */
  keyTest: KeyTestResult | null
}

/** What runs inside this program, and devices. */
export interface CheckedEngine {
  stage: 'customer' | 'output' | 'denoiser' | 'endpointing' | 'echo'
  /** Null where it is one for the whole call. */
  member: number | null
  assistant: string | null
  engine: string
  problem: Problem | null
}

/** What an assistant's turn takes, in milliseconds, from the end of the customer's speech to the first sound. */
export interface ExpectedLatency {
  transcriberMs: number | null
  /** The engine's own wait for the end of the turn: from the shortest to the longest; null where another one decides. */
  endpointing: { by: string; leastMs: number | null; mostMs: number | null; customRules: number }
  modelMs: number | null
  voiceMs: number | null
  /** `startSpeakingPlan.waitSeconds`: added to the rest, or the least of the whole. */
  wait: { ms: number; mode: 'added' | 'floor' }
  /** With what is not known counted as 0. */
  leastMs: number
  /** What is not known. */
  unknown: string[]
}

/** Estimated from the price table, in US dollars. */
export interface ExpectedPrice {
  /** With what is not known counted as 0. */
  perMinute: number
  /** What has no price: `provider/name`. */
  unknown: string[]
}

export interface CheckedAssistant {
  name: string | null
  latency: ExpectedLatency
  price: ExpectedPrice
}

export interface CallCheck {
  ready: boolean
  /** What the exit code of the command tells. */
  exit: ExitCode
  assistants: CheckedAssistant[]
  parts: CheckedPart[]
  engines: CheckedEngine[]
  /** Of `parts` and `engines`, and of the call as a whole: all that is wrong. */
  problems: Problem[]
  warnings: string[]
  prices: { date: string; sources: string; assumed: PriceAssumptions }
}

/** What the price of a minute is reckoned with. */
export interface PriceAssumptions {
  requestsPerMinute: number
  /** Of what was said before, in each request to a model; the assistant's own prompt and tools are counted on top. */
  historyTokens: number
  /** Spoken by the assistant, who speaks half of the time. */
  charactersPerMinute: number
}
