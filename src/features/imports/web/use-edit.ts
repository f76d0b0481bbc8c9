import { useRef, useState } from 'react';
import { api, type InputOf, notifyError, useRefresh } from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';

type Edit = Omit<InputOf<'POST /api/imports/:id/mapping'>['body'], 'version'>;

/** Saves each change at once, one after the other, always on top of the newest version. */
export const useEdit = (one: ImportAnswer) => {
  const refresh = useRefresh();
  const version = useRef(one.version);
  version.current = Math.max(version.current, one.version);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const [saving, setSaving] = useState(0);
  const edit = (change: Edit): Promise<void> => {
    setSaving(count => count + 1);
    const next = queue.current
      .then(() => api('POST /api/imports/:id/mapping', { params: { id: one.id }, body: { ...change, version: version.current } }))
      .then(saved => {
        version.current = saved.version;
      })
      .catch(error => notifyError(error))
      .then(() => refresh('/api/imports/:id'))
      .finally(() => setSaving(count => count - 1));
    queue.current = next;
    return next;
  };
  return { edit, isSaving: saving > 0 };
};
