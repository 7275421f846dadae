import type { Transcriber } from '../../engine/ports/transcriber.ts'
export async function findLocalRecogniser(
  _env: NodeJS.ProcessEnv,
  _preferred?: string,
): Promise<{ name: string; create(): Transcriber } | null> {
  return null
}
export function recogniserAdvice(_platform: string): string {
  return 'x'
}
