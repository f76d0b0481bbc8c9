import type { AnswerOf } from '../../../ui/index.ts';

export type Customer = AnswerOf<'GET /api/customers/:id'>;
