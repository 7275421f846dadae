import type { Field, Variants } from './types.ts'

const number: Field = {
  flag: 'number',
  path: 'number',
  kind: 'telephone',
  required: true,
  only: 'create',
  summary: 'the number in E.164 form (+15551234567)',
}
const credential: Field = {
  flag: 'credential',
  path: 'credentialId',
  reference: 'credential',
  required: true,
  only: 'create',
  summary: 'credential of its carrier, by id or name',
}

/** Phone numbers by provider (API: `CreatePhoneNumberDto`). */
export const phoneVariants: Variants = {
  field: 'provider',
  of: {
    vapi: {
      summary: 'a free US number of Vapi, or a SIP address',
      fields: [
        {
          flag: 'area-code',
          path: 'numberDesiredAreaCode',
          form: { pattern: /^\d{3}$/, words: 'three digits' },
          ask: true,
          only: 'create',
          summary: 'area code of a free US number, three digits',
        },
        {
          flag: 'sip-uri',
          path: 'sipUri',
          only: 'create',
          summary: 'SIP address in place of a number (sip:name@sip.vapi.ai)',
        },
      ],
    },
    twilio: {
      summary: 'a number that you have at Twilio',
      fields: [
        number,
        {
          flag: 'twilio-account-sid',
          path: 'twilioAccountSid',
          required: true,
          only: 'create',
          summary: 'account SID at Twilio',
        },
        {
          flag: 'twilio-auth-token',
          path: 'twilioAuthToken',
          kind: 'secret',
          ask: true,
          summary: 'auth token at Twilio',
        },
        { flag: 'twilio-api-key', path: 'twilioApiKey', summary: 'API key at Twilio, in place of the token' },
        {
          flag: 'twilio-api-secret',
          path: 'twilioApiSecret',
          kind: 'secret',
          summary: 'secret of the API key at Twilio',
        },
      ],
    },
    vonage: { summary: 'a number that you have at Vonage', fields: [number, credential] },
    telnyx: { summary: 'a number that you have at Telnyx', fields: [number, credential] },
    'byo-phone-number': {
      summary: 'a number behind your own SIP trunk',
      fields: [{ ...number, required: false, ask: true }, credential],
    },
  },
}
