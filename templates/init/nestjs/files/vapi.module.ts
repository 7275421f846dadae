import { Module } from '@nestjs/common';
import { VapiController } from './vapi.controller.js';

@Module({ controllers: [VapiController] })
export class VapiModule {}
