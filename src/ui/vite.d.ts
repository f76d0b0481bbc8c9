/// <reference types="vite/client" />
/** Made by vite.config.ts: Mantine's style sheets. */
declare module 'virtual:mantine-styles';
/** Made by vite.config.ts: texts by key that the frame around the pages shows. */
declare module 'virtual:shell-texts' {
  export const shellTexts: Record<string, string>;
}
