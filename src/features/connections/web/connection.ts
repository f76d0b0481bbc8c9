import type { AnswerOf } from '../../../ui/index.ts';

export type Connection = AnswerOf<'GET /api/connections/:id'>;
