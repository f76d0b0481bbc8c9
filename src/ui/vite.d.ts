/// <reference types="vite/client" />
/** Made by vite.config.ts: Mantine's style sheets. */
declare module 'virtual:mantine-styles';
