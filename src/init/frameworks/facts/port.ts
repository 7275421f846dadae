import type { Project } from '../../project.ts'
import { readNode } from './node.ts'

const FLAG = /(?:--port[= ]|\s-p[= ]?|\bPORT=)(\d{2,5})\b/
const IN_CODE: readonly RegExp[] = [
  /\bPORT\b["'\])]*\s*(?:\|\||\?\?|,)\s*["']?(\d{2,5})\b/,
  /\.listen\(\s*["']?:?(\d{2,5})\b/,
  /\bport\s*[:=]\s*["']?(\d{2,5})\b/i,
  /\b(?:Run|Start|Listen|ListenAndServe|bind)\(\s{0,20}\(?\s{0,20}"[^"\n]{0,200}:(\d{2,5})"/,
  /\blet\s+addr\w{0,60}\s{0,20}=.{0,200}:(\d{2,5})\b/,
]

/** Where the project's development server listens: its scripts, configuration and entry say it, else `usual`. */
export function portOf(project: Project, entry: string | null, usual: number | null): number | null {
  if (usual === null) return null
  const { scripts } = project.fact(readNode)
  for (const name of ['dev', 'start', 'serve', 'develop', 'start:dev']) {
    const port = valid(FLAG.exec(` ${scripts[name] ?? ''}`)?.[1])
    if (port !== null) return port
  }
  const settings = project.files('', /^(vite|astro|nuxt|vue|rsbuild|webpack|svelte)\.config\.[cm]?[jt]s$/)
  for (const file of settings) {
    const port = valid(/\bport\s*:\s*(\d{2,5})\b/.exec(project.text(file) ?? '')?.[1])
    if (port !== null) return port
  }
  return (entry === null ? null : portInCode(project, entry)) ?? usual
}

/** A port that a source file names. */
export function portInCode(project: Project, path: string): number | null {
  const text = project.text(path)
  if (text === null) return null
  for (const pattern of IN_CODE) {
    const port = valid(pattern.exec(text)?.[1])
    if (port !== null) return port
  }
  return null
}

export function valid(digits: string | undefined): number | null {
  const port = Number(digits)
  return digits !== undefined && port > 0 && port < 65_536 ? port : null
}
