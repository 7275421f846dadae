import { VapiError } from '../../../errors.ts'

/** Runs `make`; the error of a missing key is told with what works without one. */
export function withAdvice<Made>(make: () => Made, advice: string): Made {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof VapiError) || !/^(model|provider)-key-missing$/.test(error.code)) throw error
    const { code, message, exit, endedReason, hint } = error
    throw new VapiError({
      code,
      message,
      exit,
      ...(endedReason !== undefined && { endedReason }),
      hint: `${hint}; ${advice}`,
    })
  }
}
