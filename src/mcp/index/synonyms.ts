/**
 * Words that people use for the same thing, each line in both directions: the question's word also finds the others, at less
 * weight. Several words that belong together are joined by a space.
 */
const LINES = `
assistant, agent, bot, robot, ai
caller, customer, user, callee, client, patient, lead
barge-in, interrupt, interruption, cut off, talks over, talk over, speak over, cuts off, stop speaking
endpointing, end of speech, end of turn, turn is over, finished speaking, done talking, start speaking, turn taking
wait, delay, pause, hesitate
latency, slow, lag, laggy, delay, response time, speed, faster, fast
transfer, forward, handoff, hand over, human, escalate, live agent, real person, pass on
blind transfer, cold transfer
warm transfer, announce, briefing
destination, target, department
hang up, hangs up, end call, terminate, disconnect, drop, drops, goes dead, cut
voicemail, answering machine, machine detection, amd, mailbox, beep
outbound, call out, dial, place a call, make a call
inbound, incoming, receive, answer calls, picks up
phone number, telephone, did, line
voice, tts, text to speech, speech synthesis, speaker, sounds
transcriber, stt, asr, speech to text, transcription, recognition, recognizer, recogniser
keyword, vocabulary, boost, misheard, hears wrong, gets wrong, domain terms
transcript, conversation text
model, llm, language model, gpt
prompt, system prompt, system message, instructions
webhook, server url, callback, server message, backend, endpoint, my server
localhost, local, locally, laptop, tunnel, ngrok
tool, function, function calling, action, capability
code, typescript, script, javascript
key, api key, token, secret, credential
auth, authentication, authorize, sign, signature, verify, protect
login, sign in, sso, single sign-on
cost, price, pricing, billing, charge, expensive, cheap, invoice, bill
plan, subscription, tier
record, recording, audio file
artifact, recording, transcript, file, download
log, logs, logging, debug, debugging
troubleshoot, fix, problem, issue, debug, wrong
variable, placeholder, dynamic variable, template, liquid, merge
personalize, personalization, personalise, customer name, per caller, depending on
greeting, first message, opening, welcome, first sentence
silence, silent, quiet, idle, nobody speaks, says nothing, still there
timeout, time out, time limit, max duration, maximum, ten minutes, too long
noise, denoising, background noise, noisy, filter, loud
background sound, ambience, office sound, hold music, music
language, multilingual, translate, spanish, german, french, languages, bilingual
pronounce, pronunciation, pronounced, mispronounce, lexicon, phoneme
format, formatting, numbers, spell, read out, dates, currency
email, e-mail, mail address
flush, immediately, right away, at once, filler
squad, multi agent, several assistants, multiple assistants, team of assistants, specialists
context, history, memory, remember, carry over, pass data
workflow, flow, node, visual builder
knowledge base, rag, documents, files, query tool, pdf, faq
campaign, bulk, batch, mass calling, many people, csv, spreadsheet
analysis, summary, success evaluation, evaluate
structured output, structured data, extract, extraction, json schema
metric, metrics, monitoring, monitor, dashboard, analytics, chart, board, report
scorecard, score, grade, quality
trace, tracing, observability, langfuse
hook, hooks, trigger, on event
event, message, message type, notification
error, fail, failed, failure, broken, crash
test, testing, eval, simulation, simulate, qa
sip, trunk, trunking, byo, bring your own, pbx, asterisk, carrier
dtmf, keypad, press, digits, ivr, phone menu, tones
sms, text message
chat, text, messaging
queue, concurrency, concurrent, limit, capacity, waiting room, lines
rate limit, quota, throttle, too many
spam, block, robocall, reject
web, browser, website, widget, page
mobile, ios, android, flutter, react native, app
sdk, library, package, client
cli, command line, terminal
mcp, model context protocol, cursor, ide
fallback, backup, failover, redundancy, second provider
version, versioning, rollback, roll back, revert, publish, draft
environment, staging, dev, uat, production, prod, go live
delete, remove, erase
create, make, add, new, build
update, change, edit, modify, patch
list, all, overview, which, vendors, providers
schedule, later, tomorrow, calendar, appointment, booking
google, gmail, calendar, sheets
crm, gohighlevel, ghl, hubspot, salesforce
custom, own, self-hosted, bring
clone, cloned, cloning, custom voice
security, compliance, privacy, certification, soc
hipaa, health, medical, phi
gdpr, europe, eu, data residency
pci, card, payment, credit card
retention, keep, stored, storage, how long, s3, bucket
consent, permission, announce recording
organization, org, team, member, workspace, role, rbac
support, contact, help, ticket
agency, white label, reseller, consultant, expert
realtime, speech to speech, voice to voice
live, running, ongoing, during the call, mid-call, while
listen in, monitor, supervisor, control, whisper
inject, add message, send message, background message
override, overrides, transient, permanent
number, import number, buy number, port
twilio, telnyx, vonage, plivo
openai, gpt, chatgpt
azure, microsoft
anthropic, claude
gemini, google
elevenlabs, eleven labs, 11labs
fast, quick, quickstart, getting started, start, begin, first
example, sample, demo, tutorial, template
`

export interface Synonyms {
  /** What else a word may be called. */
  (word: string): readonly string[]
  /** The same for several words that belong together. */
  readonly phrases: ReadonlyMap<string, readonly string[]>
}

/** The table, ready for use. */
export function createSynonyms(): Synonyms {
  const known = new Map<string, string[]>()
  for (const line of LINES.trim().split('\n')) {
    // A hyphen joins words of a text as a space does.
    const names = line.split(',').map(name => name.trim().replaceAll('-', ' '))
    for (const name of names) {
      const others = names.filter(other => other !== name)
      known.set(name, [...new Set([...(known.get(name) ?? []), ...others])])
    }
  }
  const phrases = new Map([...known].filter(([name]) => name.includes(' ')))
  return Object.assign((word: string) => known.get(word) ?? [], { phrases })
}
