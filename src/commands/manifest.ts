import type { Command } from '../cli/definition.ts'

/**
 * Every command by its words. Adding one is a file and a line here; nothing of a command is loaded before it runs.
 */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  'call demo': async () => (await import('./call-demo.ts')).default as Command,
  'call local': async () => (await import('./call-local.ts')).default as Command,
  'call simulate': async () => (await import('./call-simulate.ts')).default as Command,
  'call devices': async () => (await import('./call-devices.ts')).default as Command,
}
