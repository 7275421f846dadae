import type { EventDetail, ListenerFacts, ReplayOptions } from '../wire.ts'
import { button, fill, h } from './dom.ts'
import { typeOf } from './rows.ts'
import { shortAddress, sizeText } from './words.ts'

/** Bodies up to this size are checked at each stroke. */
const CHECKED_LENGTH = 2_000_000

export interface SendDialogOptions {
  detail: EventDetail
  /** The body as text. */
  text: string
  listener: ListenerFacts
  /** Sends it; rejects where it could not be sent. */
  send(options: ReplayOptions): Promise<void>
}

/** Opens the dialog in which an event is edited and sent, to its target or elsewhere. */
export function openSendDialog({ detail, text, listener, send }: SendDialogOptions): void {
  const original = pretty(text)
  const area = h('textarea', {
    id: 'edit-body',
    spellcheck: 'false',
    autocapitalize: 'off',
    'aria-describedby': 'edit-check',
  })
  area.value = original
  const check = h('p', { class: 'check', id: 'edit-check', role: 'status' })
  const failure = h('p', { class: 'alarm', role: 'alert' })
  const address = h('input', {
    type: 'text',
    id: 'edit-to',
    inputmode: 'url',
    placeholder: 'localhost:3000/webhook',
    'aria-label': 'Another address',
  })
  const secrets = h('input', { type: 'checkbox', id: 'edit-secrets', checked: true })
  const own = h('input', { type: 'radio', name: 'to', value: 'own', checked: true, id: 'edit-own' })
  const other = h('input', { type: 'radio', name: 'to', value: 'other', id: 'edit-other' })
  const submit = h('button', { type: 'submit', class: 'main' }, 'Send')
  const dialog = h('dialog', { class: 'send', 'aria-labelledby': 'edit-title' })

  const look = () => {
    const problem = jsonProblem(area.value)
    const bytes = new TextEncoder().encode(area.value).length
    check.classList.toggle('alarm', problem !== null)
    fill(check, [problem === null ? `JSON, ${sizeText(bytes)}` : `No JSON: ${problem}`])
    fill(submit, [problem === null ? 'Send' : 'Send all the same'])
  }
  const choose = () => {
    // Who else gets it does not get the secrets unless that is wanted.
    secrets.checked = own.checked
  }
  area.addEventListener('input', look)
  own.addEventListener('change', choose)
  other.addEventListener('change', () => {
    choose()
    address.focus()
  })
  address.addEventListener('input', () => {
    if (other.checked) return
    other.checked = true
    choose()
  })

  const form = h(
    'form',
    {
      method: 'dialog',
      onsubmit: event => {
        event.preventDefault()
        const to = other.checked ? address.value.trim() : null
        if (to === '') {
          fill(failure, ['The address is missing.'])
          address.focus()
          return
        }
        submit.disabled = true
        fill(failure, [])
        const body = area.value === original ? null : area.value
        send({ to, body, withSecrets: secrets.checked }).then(
          () => dialog.close(),
          (error: unknown) => {
            submit.disabled = false
            fill(failure, [error instanceof Error ? error.message : String(error)])
          },
        )
      },
    },
    h('h2', { id: 'edit-title' }, `Edit and send ${typeOf(detail.row)}`),
    listener.mask &&
      h('p', { class: 'alarm' }, 'What is masked here is sent masked once the body is changed.'),
    h('label', { for: 'edit-body', class: 'unseen' }, 'Body'),
    area,
    h(
      'div',
      { class: 'line' },
      check,
      button('Format', () => {
        area.value = pretty(area.value)
        look()
      }),
      button('Reset', () => {
        area.value = original
        look()
      }),
    ),
    h(
      'fieldset',
      {},
      h('legend', {}, 'Send to'),
      h('label', {}, own, `its target (${ownTarget(detail, listener)})`),
      h('span', { class: 'other' }, h('label', { for: 'edit-other' }, other, 'another address'), address),
      h('label', {}, secrets, 'with the headers that carry secrets and signatures'),
    ),
    failure,
    h(
      'div',
      { class: 'acts' },
      button('Cancel', () => dialog.close()),
      submit,
    ),
  )
  dialog.append(form)
  dialog.addEventListener('close', () => dialog.remove())
  dialog.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit()
  })
  document.body.append(dialog)
  look()
  dialog.showModal()
  area.focus()
  area.setSelectionRange(0, 0)
  area.scrollTop = 0
}

function ownTarget({ outcomes }: EventDetail, { routes }: ListenerFacts): string {
  const answering = outcomes.find(({ answers, target }) => answers && target !== '')
  return shortAddress(answering?.target ?? routes[0]?.target ?? '')
}

function jsonProblem(text: string): string | null {
  if (text.length > CHECKED_LENGTH) return null
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
