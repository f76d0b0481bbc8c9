import { type AnswerOf, hasText, say } from '../../../ui/index.ts';

export type Rejected = AnswerOf<'GET /api/ingest/rejected'>['data'][number];

/** In the reader's language where it has the reason, else the server's sentence. */
export const reasonOf = (row: Pick<Rejected, 'reason' | 'reason_values' | 'detail'>): string => {
  const key = row.reason.includes('.') ? row.reason : `tracking.reason.${row.reason}`;
  return hasText(key) ? say(key, row.reason_values) : row.detail;
};

/** JSON with line breaks where it is JSON. */
export const pretty = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};
