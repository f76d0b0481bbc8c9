/** Do, reopen, put off and wake a task; each says so and can be taken back. */
import { formatTime, notifyDone, notifyError, notifyUndo, useMutationOf, useTexts } from '../../../ui/index.ts';

type Task = { id: string; title: string };

export const useTaskVerbs = () => {
  const t = useTexts();
  const options = { invalidates: ['/api/tasks', '/api/today'], onError: (error: Error) => notifyError(error) };
  const done = useMutationOf('POST /api/tasks/:id/done', options);
  const open = useMutationOf('POST /api/tasks/:id/reopen', options);
  const later = useMutationOf('POST /api/tasks/:id/snooze', options);
  const wake = useMutationOf('POST /api/tasks/:id/wake', options);
  const call = ({ id }: Task) => ({ params: { id }, body: {} });
  return {
    finish: (task: Task) =>
      done.mutate(call(task), {
        onSuccess: () => notifyUndo(t('desk.tasks.was_done', { title: task.title }), () => open.mutateAsync(call(task))),
      }),
    reopen: (task: Task) => open.mutate(call(task), { onSuccess: () => notifyDone(t('desk.tasks.saved')) }),
    snooze: (task: Task, until: string) =>
      later.mutate(
        { params: { id: task.id }, body: { until } },
        {
          onSuccess: () =>
            notifyUndo(t('desk.tasks.was_snoozed', { title: task.title, day: formatTime(until, 'day') }), () =>
              wake.mutateAsync(call(task)),
            ),
        },
      ),
    wake: (task: Task) => wake.mutate(call(task)),
  };
};
