import { createRouter, createWebHistory } from '@ionic/vue-router';
import HomePage from './HomePage.vue';

export const router = createRouter({
  history: createWebHistory(),
  routes: [{ path: '/', component: HomePage }],
});
