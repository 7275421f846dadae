/**
 * What an output device asks of the side that makes the sound. All sound is 16 kHz mono 16-bit; all totals count
 * samples since the device was opened.
 */
export interface OutputSource {
  /**
   * Gives the next `samples` samples, always exactly so many: silence where there is no speech. Frames that are
   * silent throughout are digital zero, which lets a device catch up after a stall by leaving silence out.
   */
  pull(samples: number): Int16Array
  /**
   * The device confirms that so many of the pulled samples left it. Never falls. Samples that were dropped do not
   * count: after `drop` resolved with T, the next pulled sample is number T.
   */
  played(totalSamples: number): void
  /** The device died; nothing follows. A VapiError. */
  failed(error: Error): void
  /** The device stood still: what is confirmed from now on was heard so many samples later than its number says. */
  stoodStill?(samples: number): void
  /** Something that the user should know: the device went, or came back. */
  warning?(message: string): void
}

/** Plays 16 kHz mono 16-bit sound that it pulls from its source shortly before it is due. */
export interface OutputDevice {
  readonly name: string
  /** Opens the device, which then pulls without pause. Throws VapiError (`no-speaker`, `usage`). */
  open(source: OutputSource): Promise<void>
  /**
   * Drops what was pulled and not yet played, as fast as the device can. Resolves with the total of samples that
   * were really played since `open`; those that cannot be called back any more (under 50 ms) are counted as
   * played. Pulling rests until then and goes on afterwards.
   */
  drop(): Promise<number>
  /** Stops at once; no call of the source follows. */
  close(): Promise<void>
}
