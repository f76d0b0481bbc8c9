/** The browser's side of passkeys. The library is loaded when it is first needed. */
import { call } from './api.ts';

type Options = Record<string, unknown>;

export const canUsePasskeys = (): boolean => typeof window.PublicKeyCredential === 'function' && window.isSecureContext;

/** Asks the browser for a passkey that answers the server's challenge; throws when the person says no. */
export const askForPasskey = async (optionsPath: string): Promise<unknown> => {
  const options = (await call('POST', optionsPath)) as Options;
  const { startAuthentication } = await import('@simplewebauthn/browser');
  return startAuthentication({ optionsJSON: options as never });
};

export const makePasskey = async (optionsPath: string): Promise<unknown> => {
  const options = (await call('POST', optionsPath)) as Options;
  const { startRegistration } = await import('@simplewebauthn/browser');
  return startRegistration({ optionsJSON: options as never });
};

/** The person closed the browser's own dialog, or it timed out: nothing went wrong. */
export const isDeclined = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError');
