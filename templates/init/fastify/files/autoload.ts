export { default } from '../../../vapi/vapi-routes.js';
