/** The questions that are used; named here, so that the bundle leaves out the rest (an editor, number fields …). */
export { checkbox, confirm, input, password, search, select } from '@inquirer/prompts'
