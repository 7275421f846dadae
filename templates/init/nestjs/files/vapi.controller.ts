import { Body, Controller, Headers, HttpCode, HttpException, Post } from '@nestjs/common';
import { answerVapi } from './vapi-webhook.js';

/** Where Vapi sends its server messages. A global prefix of the application comes before this path. */
@Controller('api/vapi')
export class VapiController {
  @Post('webhook')
  @HttpCode(200)
  async webhook(@Headers('x-vapi-secret') secret: string | undefined, @Body() message: unknown) {
    const { status, body } = await answerVapi(secret, message);
    if (status !== 200) throw new HttpException(body, status);
    return body;
  }
}
