import { stripVTControlCharacters } from 'node:util'
import type { ChalkInstance } from 'chalk'
import { messageOf } from '../errors.ts'
import type { ListenEvent } from '../listen/events.ts'
import type { Finding } from '../messages/reply-findings.ts'
import type { Output } from '../output/output.ts'

const TYPE_COLUMNS = 22
/** Lines are gathered for so long, which nobody sees: each write costs more than the line. */
const GATHER_MS = 10

/**
 * Shows what a listener tells: a line for each event and each reply, JSON lines with `--json`. Lines of one moment are
 * written at once, which spares much work where many events come.
 */
export class ListenView {
  private readonly output: Output
  private readonly paint: ChalkInstance
  private waiting = ''
  private order: Promise<void> = Promise.resolve()
  private jqFailed = false
  /** What happens before the listener is ready, in JSON: readers get `ready` first. */
  private early: ListenEvent[] | null = []

  private constructor(output: Output, paint: ChalkInstance) {
    this.output = output
    this.paint = paint
  }

  static async create(output: Output): Promise<ListenView> {
    const { Chalk } = await import('chalk')
    return new ListenView(output, new Chalk({ level: output.options.colour.stdout ? 1 : 0 }))
  }

  show(event: ListenEvent): void {
    const { output } = this
    if (output.isJson) {
      if (this.isEarly(event)) return
      if (output.options.jq === null) this.write(`${JSON.stringify(event)}\n`)
      else this.filtered(event)
      return
    }
    if (event.type === 'ready') return
    if (event.type === 'note') {
      output.note(event.message)
      return
    }
    if (output.options.quiet && !isWrong(event)) return
    this.write(`${this.linesOf(event)}\n`)
  }

  private isEarly(event: ListenEvent): boolean {
    const { early } = this
    if (early === null) return false
    if (event.type !== 'ready') {
      early.push(event)
      return true
    }
    this.early = null
    this.show(event)
    for (const each of early) this.show(each)
    return true
  }

  /** Of a listener that did not become ready: what it had to say. */
  giveUp(): void {
    for (const event of this.early ?? []) if (event.type === 'note') this.output.note(event.message)
    this.early = null
  }

  /** Like jq itself goes on after a line that its filter does not take; the first one is told of. */
  private filtered(event: ListenEvent): void {
    const { output } = this
    this.order = this.order
      .then(() => output.event(event))
      .catch((thrown: unknown) => {
        if (!this.jqFailed) output.note(`${messageOf(thrown)} (a line of type ${event.type} is left out)`)
        this.jqFailed = true
      })
  }

  /** Resolves when all lines have gone through the jq filter. */
  async whole(): Promise<void> {
    await this.order
    this.flush()
  }

  /** Writes what is waiting. */
  flush(): void {
    const text = this.waiting
    this.waiting = ''
    if (text !== '') this.output.text(text)
  }

  private write(text: string): void {
    if (this.waiting === '') setTimeout(() => this.flush(), GATHER_MS)
    this.waiting += text
  }

  private linesOf(event: Exclude<ListenEvent, { type: 'ready' | 'note' }>): string {
    const { paint } = this
    const time = paint.dim(localTime(event.at))
    const name = clean(event.event ?? 'request')
    const call = event.callId === null ? '' : ` ${paint.dim(clean(event.callId.slice(0, 8)))}`
    switch (event.type) {
      case 'event': {
        const marks = [
          ...(event.event === null ? [`${event.method} ${event.path}`] : []),
          ...(event.malformed === true ? ['(no JSON)'] : []),
          ...(event.duplicateOf === undefined ? [] : [`(again: ${event.duplicateOf})`]),
        ]
        const summary = [...marks, event.summary].filter(part => part !== '').join(' ')
        return `${time} ${paint.cyan(name.padEnd(TYPE_COLUMNS))}${call} ${clean(summary)}${bodyOf(event.body)}`.trimEnd()
      }
      case 'reply': {
        const status = (hasFailed(event.status) ? paint.red : paint.green)(String(event.status))
        const copy = `${event.answers ? '' : ' (copy)'}${again(event.attempt)}`
        const line = `${time} ${paint.dim(`  ${name}`.padEnd(TYPE_COLUMNS))}${call} ${status} in ${Math.round(event.durationMs)} ms from ${shortAddress(event.target)}${copy}`
        return [line, ...event.findings.map(finding => this.finding(finding))].join('\n') + bodyOf(event.body)
      }
      case 'error': {
        const where = event.target === undefined ? '' : ` ${shortAddress(event.target)}:`
        const hint = event.hint === undefined ? '' : `\n${INDENT}${event.hint}`
        return `${time} ${paint.red(name.padEnd(TYPE_COLUMNS))}${call}${where} ${clean(event.message)}${again(event.attempt)}${hint}`
      }
    }
  }

  private finding({ level, path, message, fix }: Finding): string {
    const colour = level === 'error' ? this.paint.red : this.paint.yellow
    return `${INDENT}${colour(level)}: ${clean(path === '' ? message : `${path}: ${message}`)}; ${clean(fix)}`
  }
}

/** What is shown also where only problems are: what went wrong, and replies that the platform could not use. */
function isWrong(event: Exclude<ListenEvent, { type: 'ready' | 'note' }>): boolean {
  if (event.type !== 'reply') return event.type === 'error'
  return hasFailed(event.status) || event.findings.length > 0
}

function hasFailed(status: number): boolean {
  return status < 200 || status >= 400
}

function again(attempt: number | undefined): string {
  return attempt === undefined ? '' : ` (sent again, ${attempt})`
}

const INDENT = ' '.repeat(11)

function bodyOf(body: unknown): string {
  if (body === undefined || body === '') return ''
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  return `\n${text
    .split('\n')
    .map(line => `${INDENT}${clean(line)}`)
    .join('\n')}`
}

/** Nothing that comes over the wire steers the terminal. */
function clean(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
}

function shortAddress(address: string): string {
  return clean(address.replace(/^http:\/\//, ''))
}

function localTime(iso: string): string {
  const time = new Date(iso)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
}
