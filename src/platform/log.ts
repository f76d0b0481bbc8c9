import { type Logger, pino } from 'pino';

/** Structured log to standard error; everything that could be a secret or an address is blanked before it is written. */
export const openLog = (level: string): Logger =>
  pino(
    {
      level,
      redact: {
        paths: [
          'password',
          'token',
          'secret',
          'authorization',
          'cookie',
          '*.password',
          '*.token',
          '*.secret',
          '*.authorization',
          '*.cookie',
          '*.email',
          '*.phone',
        ],
        censor: '(hidden)',
      },
    },
    pino.destination(2),
  );
