import type { BrowserPage } from '../../web/browser.ts'

/** What a person does in the inspector’s page. */
export interface InspectorPage {
  /** Resolves when the expression is true; fails after ten seconds with what is there. */
  until(expression: string): Promise<void>
  click(selector: string): Promise<void>
  /** Puts a text into a field, as typing does. */
  type(selector: string, text: string): Promise<void>
  choose(selector: string, value: string): Promise<void>
  text(selector: string): Promise<string>
  /** The types in the list, as far as they are seen. */
  types(): Promise<string[]>
  press(key: string): Promise<void>
  scheme(value: 'dark' | 'light'): Promise<void>
}

const CODES: Readonly<Record<string, number>> = {
  Enter: 13,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
  End: 35,
  Home: 36,
}

export function inspectorPage(browser: BrowserPage): InspectorPage {
  const text = JSON.stringify
  return {
    until: async expression => {
      await browser.evaluate(`new Promise((resolve, reject) => {
        const limit = performance.now() + 10000
        const check = () => {
          if (${expression}) resolve()
          else if (performance.now() > limit) reject(new Error(${text(expression)} + ' never came: ' + document.body.innerText))
          else setTimeout(check, 10)
        }
        check()
      })`)
    },
    click: selector => browser.evaluate(`document.querySelector(${text(selector)}).click()`),
    type: (selector, value) =>
      browser.evaluate(`{
        const field = document.querySelector(${text(selector)})
        field.focus()
        field.value = ${text(value)}
        field.dispatchEvent(new Event('input', { bubbles: true }))
      }`),
    choose: (selector, value) =>
      browser.evaluate(`{
        const field = document.querySelector(${text(selector)})
        field.value = ${text(value)}
        field.dispatchEvent(new Event('change', { bubbles: true }))
      }`),
    text: selector => browser.evaluate(`document.querySelector(${text(selector)})?.innerText ?? ''`),
    types: () =>
      browser.evaluate(`[...document.querySelectorAll('.rows:not([hidden]) .row')]
        .toSorted((one, other) => one.dataset.place - other.dataset.place)
        .map(row => row.querySelector('.type').textContent)`),
    press: async key => {
      const code = { key, code: key, windowsVirtualKeyCode: CODES[key] ?? key.toUpperCase().charCodeAt(0) }
      const typed = key.length === 1 ? { text: key } : key === 'Enter' ? { text: '\r' } : {}
      await browser.send('Input.dispatchKeyEvent', { type: 'keyDown', ...code, ...typed })
      await browser.send('Input.dispatchKeyEvent', { type: 'keyUp', ...code })
    },
    scheme: async value => {
      await browser.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value }],
      })
    },
  }
}
