import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playersHere, recordersHere } from '../../../src/audio/devices/programs.ts'

describe('the programs that capture and play', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vapi-programs-'))
    for (const name of ['sox', 'aplay', 'pacat', 'ffmpeg', 'ffplay', 'arecord']) {
      writeFileSync(join(folder, name), '')
      chmodSync(join(folder, name), 0o755)
    }
    writeFileSync(join(folder, 'parec'), 'not executable')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('are those in the PATH, the preferred one first', () => {
    const env = { PATH: `/nonexistent:${folder}` }
    expect(playersHere({ env, platform: 'linux' }).map(each => each.engine)).toEqual([
      'pacat',
      'aplay',
      'sox',
      'ffplay',
    ])
    expect(recordersHere({ env, platform: 'linux' }).map(each => each.engine)).toEqual([
      'arecord',
      'sox',
      'ffmpeg',
    ])
    expect(recordersHere({ env, platform: 'darwin' }).map(each => each.engine)).toEqual(['sox', 'ffmpeg'])
    expect(playersHere({ env: {}, platform: 'linux' })).toEqual([])
    expect(playersHere({ env, platform: 'linux' })[0]!.command).toBe(join(folder, 'pacat'))
  })

  it('are only those that understand the device, and get its id', () => {
    const env = { PATH: folder }
    const players = playersHere({ env, platform: 'linux', device: { id: 'the_sink', list: 'pulse' } })
    expect(players.map(each => each.engine)).toEqual(['pacat'])
    expect(players[0]!.args).toContain('--device=the_sink')
    const recorders = recordersHere({
      env,
      platform: 'linux',
      device: { id: 'sysdefault:CARD=A', list: 'alsa' },
    })
    expect(recorders.map(each => each.engine)).toEqual(['arecord', 'sox'])
    expect(recorders.every(each => each.args.includes('sysdefault:CARD=A'))).toBe(true)
  })
})
