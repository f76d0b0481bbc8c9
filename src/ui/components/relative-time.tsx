import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { dash, formatRelative, formatTime } from '../format.tsx';
import { useSession } from '../session.ts';

let minute = Date.now();
const ticking = new Set<() => void>();
const tick = (listener: () => void) => {
  ticking.add(listener);
  return () => ticking.delete(listener);
};
setInterval(() => {
  minute = Date.now();
  for (const listener of ticking) listener();
}, 30_000);

/** "5 minutes ago", kept true while the page stands open; the exact time on hover and focus. */
export const RelativeTime = ({ value }: { value: string | null | undefined }) => {
  const zone = useSession()?.organisation?.zone;
  const now = useSyncExternalStore(tick, () => minute);
  if (!value) return <>{dash}</>;
  return (
    <Tooltip label={formatTime(value, 'full', zone)}>
      <time dateTime={value}>
        <bdi>{formatRelative(value, Math.max(now, Date.now() - 60_000))}</bdi>
      </time>
    </Tooltip>
  );
};
